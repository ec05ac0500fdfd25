import type { Problem } from "../problems";
import type { RoleAdditions } from "./additions";
import type { PodModel } from "./model";
import type { PodArgs } from "./pods";
import { joinPath } from "./shape";

/** Variables that the container sets itself, or that have no effect because the image's entrypoint is not run. */
const takenVariables: Record<string, string> = {
  POD_IP: "it is the pod's own address, set by Kubernetes",
  POD_NAME: "it is the pod's own name, set by Kubernetes",
  FLINK_CONF_DIR: "the configuration is where the launcher puts it",
  FLINK_PROPERTIES: "only the image's entrypoint reads it, which is not run",
};

/** A label's or annotation's key: an optional DNS prefix, then at most 63 letters, digits, dashes, dots, underscores. */
const qualifiedName = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** The pods of a role: what the arguments and the features put on them. */
export function podModel(
  role: string,
  args: PodArgs,
  additions: Required<RoleAdditions>,
  serviceAccountName: string,
  problems: Problem[],
): PodModel {
  problems.push(...checkPodArguments(role, args));
  const environment = Object.entries(args.environment ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const { env, ports, volumes, volumeMounts, initContainers, sidecars, annotations, usesApiServer } =
    additions;
  return {
    labels: args.podLabels ?? {},
    annotations: { ...args.podAnnotations, ...annotations },
    env: [...env, ...environment.map(([name, value]) => ({ name, value }))],
    ports,
    volumes,
    volumeMounts,
    initContainers,
    sidecars,
    serviceAccountName,
    usesApiServer,
  };
}

function checkPodArguments(role: string, args: PodArgs): Problem[] {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(args.environment ?? {})) {
    const path = joinPath(`${role}.environment`, name);
    if (Object.hasOwn(takenVariables, name)) {
      const fix = name === "FLINK_PROPERTIES" ? "put the options into config" : "leave it out";
      problems.push({ path, value, reason: takenVariables[name], fix });
    } else if (!/^[A-Za-z_][\w.-]*$/.test(name)) {
      const reason = "this is not a name of an environment variable";
      problems.push({
        path,
        value,
        reason,
        fix: "use letters, digits and underscores, not beginning with a digit",
      });
    }
  }
  problems.push(...checkLabels(`${role}.podLabels`, args.podLabels ?? {}));
  for (const name of Object.keys(args.podLabels ?? {}).filter(isOurs)) {
    problems.push({
      path: joinPath(`${role}.podLabels`, name),
      value: args.podLabels![name],
      reason: "Services, NetworkPolicies and the Deployment find the pods by this label",
      fix: "use another label",
    });
  }
  for (const [name, value] of Object.entries(args.podAnnotations ?? {})) {
    const path = joinPath(`${role}.podAnnotations`, name);
    if (!qualifiedName.test(name) || isOurs(name)) {
      const reason = isOurs(name)
        ? "this annotation is set by the component"
        : "this is not an annotation's name";
      problems.push({ path, value, reason, fix: "use another, such as example.com/purpose" });
    }
  }
  return problems;
}

export function checkLabels(path: string, labels: Record<string, string>): Problem[] {
  return Object.entries(labels)
    .filter(([name, value]) => !qualifiedName.test(name) || !labelValue.test(value))
    .map(([name, value]) => ({
      path: joinPath(path, name),
      value,
      reason: "Kubernetes takes no such label",
      fix: "use at most 63 letters, digits, dashes, dots and underscores, with a letter or digit first and last",
    }));
}

function isOurs(key: string): boolean {
  return /^(app\.kubernetes\.io\/(name|instance|component|managed-by)|flink-kubernetes\/.*)$/.test(key);
}
