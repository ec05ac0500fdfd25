import type { ClusterChange } from "./flink/clusters";
import { slotsOf } from "./flink/clusters";
import type { Facts } from "./flink/facts";
import type { JobChange } from "./flink/jobs";
import {
  at,
  type Change,
  isObject,
  type Json,
  type JsonObject,
  kindOf,
  listAt,
  objectAt,
  same,
  textAt,
  titleOf,
} from "./normal";
import type { Verdict } from "./rules";

/** A change that must be reviewed before the merge. `what` is our text, `subject` comes from the program. */
export interface Danger {
  subject: string;
  what: string;
}

/** Objects whose deletion cannot be undone. */
const precious: Record<string, string> = {
  Namespace: "with everything in it",
  PersistentVolumeClaim: "with the data on it",
  PersistentVolume: "with the data on it",
  StatefulSet: "with its pods",
  CustomResourceDefinition: "with every object of its kind",
};

export interface Judged {
  change: Change;
  verdict: Verdict;
}

export function dangersOf(
  judged: readonly Judged[],
  clusters: readonly ClusterChange[],
  jobs: readonly JobChange[],
  before: Facts,
  after: Facts,
): Danger[] {
  const gone = new Set(judged.filter(({ change }) => !change.after).map(({ change }) => change.urn));
  const dangers = [
    ...judged.flatMap(losses),
    ...jobs.flatMap(({ cluster, name, danger }) =>
      danger === undefined ? [] : [{ subject: `job ${cluster}/${name}`, what: danger }],
    ),
    ...tooFewSlots(before, after),
    ...volumesMoved(before, after),
    ...clusters.flatMap(checkpointsOff),
    ...clusters.flatMap(configLoosened),
    ...judged.flatMap((one) => loosened(one, gone.has(one.change.parent))),
  ];
  const seen = new Set<string>();
  return dangers.filter(({ subject, what }) => {
    const key = `${subject}\n${what}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

function losses({ change, verdict }: Judged): Danger[] {
  const kind = kindOf(change.type) ?? "";
  if (!Object.hasOwn(precious, kind) || change.before === undefined) return [];
  const subject = titleOf(change, change.before ?? change.after);
  const lost = precious[kind]!;
  if (verdict.operation === "delete" || verdict.operation === "replace") {
    const verb = verdict.operation === "delete" ? "deleted" : "replaced: deleted and made again";
    if (change.retained) return [];
    return change.protectedBefore
      ? [{ subject, what: `would be ${verb}, ${lost}; it is protected, so the update is refused` }]
      : [{ subject, what: `is ${verb}, ${lost}` }];
  }
  return change.protectedBefore && !change.protectedAfter
    ? [{ subject, what: "loses its protection: a later update may delete it" }]
    : [];
}

/** Jobs would run with fewer tasks than they ask for; several jobs share the slots. */
function tooFewSlots(before: Facts, after: Facts): Danger[] {
  return [...after.clusters].flatMap(([urn, is]) => {
    const was = before.clusters.get(urn);
    const most = slotsOf(is).most;
    if (!was || most >= slotsOf(was).most) return [];
    const jobs = [...after.jobs.values()].filter(
      ({ cluster, namespace }) => cluster === is.name && namespace === is.namespace,
    );
    const needed = jobs.reduce((sum, { parallelism = 0 }) => sum + parallelism, 0);
    if (needed <= most) return [];
    const what = `is scaled down to ${most} slots; its jobs ask for ${needed}: they run with fewer tasks, or wait`;
    return [{ subject: `cluster ${is.namespace}/${is.name}`, what }];
  });
}

/** State on a volume is only found if the volume is mounted as before. */
function volumesMoved(before: Facts, after: Facts): Danger[] {
  return [...after.clusters].flatMap(([urn, is]) => {
    const was = before.clusters.get(urn);
    const moved = was?.stateVolumes.filter((volume) => !is.stateVolumes.includes(volume)) ?? [];
    const hasState = [...before.jobs.values()].some(
      ({ cluster, namespace, upgradeMode }) =>
        cluster === was?.name && namespace === was.namespace && upgradeMode !== "stateless",
    );
    // A savepoint in a bucket is reachable from everywhere.
    if (moved.length === 0 || is.stateVolumes.length === 0 || !hasState) return [];
    const from = moved.join(", ");
    const refused = is.highAvailability
      ? ""
      : "; the update is refused while a job with state runs: pause the jobs, copy the volume, update, resume them";
    const what = `no longer has the volume of its jobs' state (${from}): what they have saved is not found there${refused}`;
    return [{ subject: `cluster ${is.namespace}/${is.name}`, what }];
  });
}

function checkpointsOff({ namespace, name, configuration }: ClusterChange): Danger[] {
  return configuration
    .filter(({ what, after }) => what === "execution.checkpointing.interval" && after === "–")
    .map(() => ({
      subject: `cluster ${namespace}/${name}`,
      what: "has no more checkpoints: a job that fails starts from nothing",
    }));
}

function configLoosened({ namespace, name, configuration }: ClusterChange): Danger[] {
  return configuration
    .filter(
      ({ what, before, after }) =>
        /^security\.ssl\.(internal\.enabled|rest\.enabled|rest\.authentication-enabled)$/.test(what) &&
        before === "true" &&
        after !== "true",
    )
    .map(({ what }) => ({
      subject: `cluster ${namespace}/${name}`,
      what: what.endsWith("authentication-enabled")
        ? "no longer asks clients of its REST API for a certificate"
        : `turns TLS off ${what.includes("internal") ? "between its processes" : "on its REST API"}`,
    }));
}

function loosened({ change, verdict }: Judged, parentGoes: boolean): Danger[] {
  const { before, after, type } = change;
  const kind = kindOf(type);
  const subject = titleOf(change, change.before ?? change.after);
  const say = (...texts: string[]): Danger[] => texts.map((what) => ({ subject, what }));
  if (kind === "NetworkPolicy" && verdict.operation === "delete") {
    // The pods that it applied to are deleted with its parent.
    return parentGoes ? [] : say("is deleted: whatever it kept out can reach these pods");
  }
  if (after === undefined || verdict.operation === "same") return [];
  switch (kind) {
    case "NetworkPolicy":
      return say(...openings(before, after));
    case "Role":
    case "ClusterRole":
      return say(...widerRights(before, after));
    case "ClusterRoleBinding":
      return before === undefined ? say("gives rights in the whole Kubernetes cluster") : [];
    case "Service":
      return exposed(after) && !exposed(before)
        ? say(`can be reached from outside the Kubernetes cluster (${textAt(after, "spec", "type")})`)
        : [];
    case "Namespace":
      return say(...lowerStandards(before, after));
    case "Ingress":
      return before === undefined ? say("can be reached from outside the Kubernetes cluster") : [];
    default:
      return before !== undefined && at(after, "spec", "template") !== undefined
        ? say(...looserPods(before, after))
        : [];
  }
}

function exposed(service: JsonObject | undefined): boolean {
  return ["LoadBalancer", "NodePort"].includes(textAt(service, "spec", "type") ?? "");
}

function openings(before: JsonObject | undefined, after: JsonObject): string[] {
  const found: string[] = [];
  const types = listAt(after, "spec", "policyTypes");
  for (const lost of listAt(before, "spec", "policyTypes").filter((type) => !types.includes(type))) {
    found.push(
      `no longer restricts ${String(lost) === "Egress" ? "what these pods reach" : "who reaches these pods"}`,
    );
  }
  for (const [direction, peers, where] of [
    ["ingress", "from", "from anywhere"],
    ["egress", "to", "to anywhere"],
  ] as const) {
    const type = direction === "ingress" ? "Ingress" : "Egress";
    // A direction that was unrestricted before is not opened by this.
    if (!listAt(before, "spec", "policyTypes").includes(type)) continue;
    const was = listAt(before, "spec", direction);
    for (const rule of listAt(after, "spec", direction)) {
      if (!was.some((old) => same(old, rule)) && isOpen(rule, peers)) {
        found.push(`allows connections ${where} on ${portsOf(rule)}`);
      }
    }
  }
  return found;
}

function isOpen(rule: Json, peers: string): boolean {
  const list = listAt(rule, peers);
  const all = (peer: Json) => ["0.0.0.0/0", "::/0"].includes(textAt(peer, "ipBlock", "cidr") ?? "");
  return list.length === 0 || list.some(all);
}

function portsOf(rule: Json): string {
  const ports = listAt(rule, "ports").map((port) => textAt(port, "port") ?? "every port");
  return ports.length === 0 ? "every port" : `port ${[...new Set(ports)].join(", ")}`;
}

function widerRights(before: JsonObject | undefined, after: JsonObject): string[] {
  if (before === undefined) return [];
  const was = listAt(before, "rules");
  const words = (rule: Json, key: string) => listAt(rule, key).map(String);
  return listAt(after, "rules").flatMap((rule) => {
    if (was.some((old) => same(old, rule))) return [];
    const [verbs, resources] = [words(rule, "verbs"), words(rule, "resources")];
    const wide = [...verbs, ...resources].includes("*");
    const dangerous = verbs.some((verb) => ["escalate", "bind", "impersonate"].includes(verb));
    const secrets = resources.includes("secrets") && listAt(rule, "resourceNames").length === 0;
    return wide || dangerous || secrets
      ? [`may ${verbs.join(", ")} ${resources.join(", ")}, which is new`]
      : [];
  });
}

const standards = ["privileged", "baseline", "restricted"];

function lowerStandards(before: JsonObject | undefined, after: JsonObject): string[] {
  const level = (side: JsonObject | undefined) =>
    textAt(side, "metadata", "labels", "pod-security.kubernetes.io/enforce");
  const [was, is] = [level(before), level(after)];
  if (
    before === undefined ||
    was === undefined ||
    standards.indexOf(is ?? "privileged") >= standards.indexOf(was)
  )
    return [];
  return [`enforces the Pod Security Standard ${is ?? "privileged (no label)"} instead of ${was}`];
}

function looserPods(before: JsonObject, after: JsonObject): string[] {
  const [was, is] = [
    objectAt(before, "spec", "template", "spec"),
    objectAt(after, "spec", "template", "spec"),
  ];
  const found: string[] = [];
  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
    if (is[field] === true && was[field] !== true) found.push(`gives its pods ${field}`);
  }
  if (is.automountServiceAccountToken === true && was.automountServiceAccountToken === false) {
    found.push("gives its pods a token for the Kubernetes API");
  }
  const paths = (pod: JsonObject) =>
    listAt(pod, "volumes").map((volume) => textAt(volume, "hostPath", "path"));
  for (const path of paths(is).filter((path) => path !== undefined && !paths(was).includes(path))) {
    found.push(`lets its pods mount the node's ${path}`);
  }
  for (const list of ["containers", "initContainers"]) {
    for (const container of listAt(is, list)) {
      const name = textAt(container, "name") ?? "";
      const old = listAt(was, list).find((one) => textAt(one, "name") === name);
      found.push(
        ...looserContainer(context(was, old), context(is, container)).map(
          (what) => `container ${name} ${what}`,
        ),
      );
    }
  }
  return found;
}

/** Effective setting of a container: its own, or else its pod's. */
function context(pod: JsonObject, container: Json | undefined): JsonObject | undefined {
  if (container === undefined) return undefined;
  return { ...objectAt(pod, "securityContext"), ...objectAt(container, "securityContext") };
}

function looserContainer(was: JsonObject | undefined, is: JsonObject | undefined): string[] {
  if (!was || !is) return is?.privileged === true ? ["is privileged"] : [];
  const found: string[] = [];
  if (is.privileged === true && was.privileged !== true) found.push("is privileged");
  if (was.allowPrivilegeEscalation === false && is.allowPrivilegeEscalation !== false)
    found.push("may gain privileges");
  if (was.runAsNonRoot === true && is.runAsNonRoot !== true) found.push("may run as root");
  if (was.runAsUser !== 0 && is.runAsUser === 0) found.push("runs as root");
  if (was.readOnlyRootFilesystem === true && is.readOnlyRootFilesystem !== true)
    found.push("can write to its image's files");
  const profile = (side: JsonObject) => textAt(side, "seccompProfile", "type") ?? "Unconfined";
  if (profile(was) !== "Unconfined" && profile(is) === "Unconfined")
    found.push("may make every system call (no seccomp profile)");
  const added = (side: JsonObject) => listAt(side, "capabilities", "add").map(String);
  const more = added(is).filter((capability) => !added(was).includes(capability));
  if (more.length > 0) found.push(`gets ${more.join(", ")}`);
  const dropsAll = (side: JsonObject) =>
    isObject(side.capabilities) && listAt(side.capabilities, "drop").includes("ALL");
  if (dropsAll(was) && !dropsAll(is)) found.push("keeps capabilities that it dropped before");
  return found;
}
