import type { Role } from "../../../components/flink/launcher";
import { type Container, FLINK_MAIN_CONTAINER, type Pod, type Resource } from "../../core";

/** A JobManager or TaskManager pod, from any source. */
export interface FlinkProcess {
  role: Role;
  resource: Resource;
  pod: Pod;
  /** The container with Flink. */
  container: Container;
  /** Whether it runs in application mode, with one job. */
  isApplication: boolean;
  /** Whether it belongs to a custom resource of the Flink operator, which adds missing parts. */
  isCustom: boolean;
}

/** The Flink processes of a resource. It reads labels and arguments, so that unknown ones are noted. */
export function processesOf(resource: Resource): FlinkProcess[] {
  return resource.pods.flatMap((pod): FlinkProcess[] => {
    const found = pod.containers.map((container) => ({ container, command: commandOf(container) }));
    const main = found.find(({ command }) => command !== undefined) ?? found.find(isNamed);
    const role = pod.role ?? main?.command?.role ?? roleByLabels(pod);
    const container = main?.container ?? found.find(({ container: { type } }) => type === "main")?.container;
    if (role === undefined || container === undefined) return [];
    const isCustom = pod.role !== undefined;
    const isApplication = isCustom
      ? resource.spec.get("job").isPresent || resource.spec.get("template", "spec", "job").isPresent
      : main?.command?.isApplication === true || isCarrying(container);
    return [{ role, resource, pod, container, isApplication, isCustom }];
  });
}

/**
 * Whether it is a JobManager of a FlinkApplication, whose launcher finds the job's state in a ledger by
 * revision.
 */
function isCarrying(container: Container): boolean {
  const names = container.get("env").list();
  return names.some((variable) => variable.get("name").text() === "FLINK_KUBERNETES_REVISION");
}

/** Whether rules about processes apply to a resource, also while its labels are unknown. */
export function mayRunFlink(resource: Resource): boolean {
  return processesOf(resource).length > 0 || resource.pods.some(isUndecided);
}

function isUndecided(pod: Pod): boolean {
  const labels = pod.metadata.get("labels");
  const undecided = [labels, ...componentLabels.map((key) => labels.get(key))].map(
    (value) => value.isUnknown,
  );
  const words = pod.containers.flatMap(({ value }) => [value, value.get("args"), value.get("command")]);
  const lists = [pod.spec, pod.spec.get("containers"), ...words].map((value) => value.isUnknown);
  const items = pod.containers.flatMap((container) => wordsOf(container).map((word) => word.isUnknown));
  return [...undecided, ...lists, ...items].includes(true);
}

const roles: readonly Role[] = ["jobmanager", "taskmanager"];
const componentLabels = ["app.kubernetes.io/component", "component"];

function roleByLabels(pod: Pod): Role | undefined {
  const labels = componentLabels.map((key) => pod.metadata.get("labels", key).text());
  return roles.find((role) => labels.some((label) => label?.toLowerCase().replace("-", "") === role));
}

function isNamed({ container }: { container: Container }): boolean {
  const { name, type } = container;
  return type === "main" && (name === FLINK_MAIN_CONTAINER || roles.some((role) => role === name));
}

const commands: Readonly<Record<string, { role: Role; isApplication: boolean }>> = {
  jobmanager: { role: "jobmanager", isApplication: false },
  "standalone-job": { role: "jobmanager", isApplication: true },
  "kubernetes-jobmanager": { role: "jobmanager", isApplication: false },
  taskmanager: { role: "taskmanager", isApplication: false },
  "kubernetes-taskmanager": { role: "taskmanager", isApplication: false },
};

/**
 * The role in the arguments of the official images: `jobmanager`, or `/opt/flink/bin/jobmanager.sh
 * start-foreground`.
 */
function commandOf(container: Container): { role: Role; isApplication: boolean } | undefined {
  if (container.type !== "main") return undefined;
  for (const word of wordsOf(container)) {
    const name = word.text()?.replace(/^.*\//, "").replace(/\.sh$/, "");
    if (name !== undefined && Object.hasOwn(commands, name)) return commands[name];
  }
  return undefined;
}

function wordsOf(container: Container) {
  return [...container.get("command").list(), ...container.get("args").list()];
}
