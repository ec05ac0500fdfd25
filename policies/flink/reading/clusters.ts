import { groupBy, type Resource, sameNamespace, type Stack, type Value } from "../../core";
import { type FlinkProcess, mayRunFlink, processesOf } from "./processes";
import { containerSettings, type Setting, settingsIn, settingsOfFiles, settingsOfText } from "./settings";

/** The options of a process or a cluster, as far as they are in the stack. */
export class Configuration {
  constructor(
    readonly settings: readonly Setting[],
    /** Whether a part is elsewhere or unknown, so that no option counts as missing. */
    readonly isPartial: boolean,
    /** The place for a finding about a missing option. */
    readonly home: Value,
  ) {}

  /** The effective setting, which is the last one, by the option's newest name. */
  get(key: string): Setting | undefined {
    return this.settings.findLast((setting) => setting.key === key);
  }

  text(key: string): string | undefined {
    return this.get(key)?.text;
  }

  isOn(key: string): boolean {
    return this.text(key)?.toLowerCase() === "true";
  }

  startingWith(prefix: string): Setting[] {
    return this.settings.filter(({ key }) => key.startsWith(prefix));
  }
}

/** The JobManager and the TaskManagers of a cluster. */
export interface FlinkCluster {
  jobManager: FlinkProcess | undefined;
  taskManagers: readonly FlinkProcess[];
  all: readonly FlinkProcess[];
  configuration: Configuration;
}

/** Whether a stack may contain Flink. */
export function mayHaveFlink(stack: Stack): boolean {
  return stack.resources.some((resource) => mayRunFlink(resource) || resource.group === "flink.apache.org");
}

/** Every cluster of a stack. Each rule reads everything again, so that it notes its own unknown values. */
export function clustersOf(stack: Stack): readonly FlinkCluster[] {
  return stack.once("clusters of Flink", () => findClusters(stack));
}

function findClusters(stack: Stack): FlinkCluster[] {
  const processes = stack.resources.filter(({ isPatch }) => !isPatch).flatMap(processesOf);
  const jobManagers = processes.filter(({ role }) => role === "jobmanager");
  const taskManagers = processes.filter(({ role }) => role === "taskmanager");
  const find = finder(jobManagers);
  const owned = new Map<FlinkProcess, FlinkProcess[]>(jobManagers.map((jobManager) => [jobManager, []]));
  const alone: FlinkProcess[] = [];
  for (const taskManager of taskManagers) {
    const owners = find(taskManager);
    for (const owner of owners) owned.get(owner)!.push(taskManager);
    if (owners.length === 0) alone.push(taskManager);
  }
  return [
    ...[...owned].map(([jobManager, own]) => cluster(stack, jobManager, own)),
    ...alone.map((process) => cluster(stack, undefined, [process])),
  ];
}

function cluster(
  stack: Stack,
  jobManager: FlinkProcess | undefined,
  taskManagers: readonly FlinkProcess[],
): FlinkCluster {
  const all = [...(jobManager ? [jobManager] : []), ...taskManagers];
  return { jobManager, taskManagers, all, configuration: configurationOf(stack, all[0]!) };
}

const clusterLabels = ["app.kubernetes.io/instance", "app", "cluster", "app.kubernetes.io/name"];

/**
 * Finds the JobManagers that a TaskManager may belong to, by the labels of both: see {@link belongs}. It uses
 * an index of the labels, because a large stack has too many pairs.
 */
function finder(jobManagers: readonly FlinkProcess[]): (process: FlinkProcess) => FlinkProcess[] {
  const byUrn = groupBy(jobManagers, ({ resource }) => [resource.urn]);
  const plain = jobManagers.filter(({ isCustom }) => !isCustom);
  const byLabel = groupBy(plain, (jobManager) =>
    clusterLabels.flatMap((key) => pairOf(key, labelOf(jobManager, key))),
  );
  // A pod with an unknown label may belong to any JobManager, and a pod without labels to the only one.
  const any = plain.filter(
    (jobManager) =>
      jobManagers.length === 1 || clusterLabels.some((key) => labelOf(jobManager, key).isUnknown),
  );
  return (process) => {
    if (process.isCustom) return byUrn.get(process.resource.urn) ?? [];
    const labels = clusterLabels.map((key) => [key, labelOf(process, key)] as const);
    const isHidden = labels.map(([, value]) => value.isUnknown).includes(true);
    const found = labels
      .flatMap(([key, value]) => pairOf(key, value))
      .flatMap((pair) => byLabel.get(pair) ?? []);
    const candidates = isHidden ? plain : new Set([...any, ...found]);
    return [...candidates].filter((jobManager) => belongs(process, jobManager, jobManagers));
  };
}

function pairOf(key: string, value: Value): string[] {
  const text = value.text();
  return text === undefined ? [] : [`${key}=${text}`];
}

function labelOf({ pod }: FlinkProcess, key: string): Value {
  return pod.metadata.get("labels", key);
}

/**
 * Compares the labels that usually distinguish clusters. Without these, the only JobManager of the namespace
 * matches.
 */
function belongs(process: FlinkProcess, jobManager: FlinkProcess, others: readonly FlinkProcess[]): boolean {
  if (sameNamespace(process.resource, jobManager.resource) === false) return false;
  for (const key of clusterLabels) {
    const [mine, its] = [labelOf(process, key), labelOf(jobManager, key)];
    if ([mine.isUnknown, its.isUnknown].includes(true)) return true;
    if (mine.text() !== undefined && its.text() !== undefined) return mine.text() === its.text();
  }
  return others.length === 1;
}

/** The configuration of a process: files, then FLINK_PROPERTIES and arguments, which take precedence. */
export function configurationOf(stack: Stack, process: FlinkProcess): Configuration {
  const { resource, pod, container } = process;
  const own = containerSettings(container);
  if (process.isCustom)
    return new Configuration(
      [...settingsIn(resource), ...own],
      isHidden(process),
      resource.spec.get("flinkConfiguration"),
    );
  const named = pod.spec.get("volumes").list().flatMap(referencesOf);
  for (const variable of container.get("env").list()) {
    if (variable.get("name").text() !== "FLINK_PROPERTIES") continue;
    const from = variable.get("valueFrom");
    for (const [kind, field] of sources) named.push([kind, from.get(field, "name"), from.get(field, "key")]);
  }
  const settings: Setting[] = [];
  let isPartial = isHidden(process);
  for (const [kind, name, key] of named) {
    if (name.isAbsent) continue;
    const found = stack.named(kind, name.text()).filter((it) => sameNamespace(it, resource) !== false);
    // Secrets often come from elsewhere, but a ConfigMap from elsewhere may contain the configuration.
    if (found.length === 0 && (kind === "/ConfigMap" || key !== undefined)) isPartial = true;
    for (const holder of found) {
      const text = key?.text();
      settings.push(...(text === undefined ? settingsOfFiles(holder) : settingsOfKey(holder, text)));
      isPartial ||= hasUnknownFile(holder);
    }
  }
  return new Configuration([...settings, ...own], isPartial, container.value);
}

const sources = [
  ["/ConfigMap", "configMapKeyRef"],
  ["/Secret", "secretKeyRef"],
] as const;

type Reference = [kind: "/ConfigMap" | "/Secret", name: Value, key: Value | undefined];

function referencesOf(volume: Value): Reference[] {
  const direct: Reference[] = [
    ["/ConfigMap", volume.get("configMap", "name"), undefined],
    ["/Secret", volume.get("secret", "secretName"), undefined],
  ];
  const projected = volume
    .get("projected", "sources")
    .list()
    .flatMap((source): Reference[] => [
      ["/ConfigMap", source.get("configMap", "name"), undefined],
      ["/Secret", source.get("secret", "name"), undefined],
    ]);
  return [...direct, ...projected];
}

function settingsOfKey(holder: Resource, key: string): Setting[] {
  return [
    ...settingsOfText(holder.props.get("data", key), holder.is("/Secret")),
    ...settingsOfText(holder.props.get("stringData", key)),
  ];
}

function hasUnknownFile(holder: Resource): boolean {
  const data = holder.props.get("data");
  return [data, ...["config.yaml", "flink-conf.yaml"].map((file) => data.get(file))].some(
    (value) => value.isUnknown,
  );
}

/** Whether arguments or variables that may contain options are unknown. */
function hiddenPlaces({ container, pod, resource, isCustom }: FlinkProcess): Value[] {
  const words = ["command", "args"].flatMap((field) => [
    container.get(field),
    ...container.get(field).list(),
  ]);
  const env = container.get("env");
  const variables = env.list().flatMap((it) => [it, it.get("name"), it.get("value")]);
  const volumes = pod.spec.get("volumes");
  const names = volumes
    .list()
    .flatMap((it) => [it, it.get("configMap"), it.get("configMap", "name"), it.get("secret")]);
  const custom = isCustom ? resource.spec.get("flinkConfiguration") : undefined;
  const options = custom ? [custom, ...custom.entries().map(([, value]) => value)] : [];
  return [container.value, ...words, env, ...variables, volumes, ...names, ...options];
}

function isHidden(process: FlinkProcess): boolean {
  const found = hiddenPlaces(process).map((value) => value.isUnknown);
  return found.includes(true) || process.container.get("envFrom").isPresent;
}
