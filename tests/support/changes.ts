import { FlinkCluster } from "../../components/index";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { canonicalJson } from "../../components/names";
import type { JobChange } from "../../preview/flink/jobs";
import { type JsonObject, withoutHash } from "../../preview/normal";
import { reportOf } from "../../preview/report";
import { replacementPaths } from "../../preview/rules";
import { compareRenders } from "../../preview/sources/renders";
import { rendering } from "../preview/support/stack";
import { record, type Recorded } from "../unit/kubernetes/recorder";

/** The effect of one change of a cluster's arguments, as columns of a table. */
export interface Effect {
  jobManager: string;
  taskManagers: string;
  /** Other objects, each with its change. */
  objects: string;
  jobs: string;
}

interface Part {
  type: string;
  kind: string;
  role: string;
  inputs: JsonObject;
  ignoreChanges: string[];
  protect: boolean;
}

/** The objects that the program registers for these arguments, by name. */
async function partsOf(args: FlinkClusterArgs): Promise<Map<string, Part>> {
  const { recorded } = await record(() => {
    new FlinkCluster("orders", args);
  });
  const children = recorded.filter(({ type }) => type.startsWith("kubernetes:"));
  return new Map(children.map(partOf).map((part) => [`${part.type} ${part.role}`, part]));
}

function partOf({ type, name, inputs, protect, ignoreChanges }: Recorded): Part {
  return {
    type,
    kind: type.split(":").at(-1)!,
    // A content-addressed object becomes another resource; this table shows it as changed.
    role: withoutHash(name.replace(/^orders-/, "")),
    inputs: inputs as JsonObject,
    ignoreChanges,
    protect,
  };
}

/** Compares what two programs register, as the Kubernetes provider would. */
export async function effectOf(before: FlinkClusterArgs, after: FlinkClusterArgs): Promise<Effect> {
  const [old, now] = [await partsOf(before), await partsOf(after)];
  return {
    jobManager: processEffect(old, now, "jobmanager"),
    taskManagers: processEffect(old, now, "taskmanager"),
    objects: objectEffects(old, now),
    jobs: jobEffect(await jobChange(before, after)),
  };
}

/** The preview's entry for a job on that cluster. The job uses every slot. */
async function jobChange(before: FlinkClusterArgs, after: FlinkClusterArgs): Promise<JobChange> {
  const stack = (cluster: FlinkClusterArgs) =>
    rendering({ cluster, jobs: { enrich: { jar: "/opt/flink/usrlib/enrich.jar", parallelism: 6 } } });
  const report = reportOf(compareRenders(await stack(before), await stack(after)), { stack: "prod" });
  return report.jobs[0]!;
}

const workloads = ["Deployment", "StatefulSet"];

function workload(parts: Map<string, Part>, role: string): Part | undefined {
  return [...parts.values()].find((part) => workloads.includes(part.kind) && part.role === role);
}

interface WorkloadSpec {
  replicas?: number;
  strategy?: { type: string };
  template: unknown;
}

function processEffect(old: Map<string, Part>, now: Map<string, Part>, role: string): string {
  const [was, is] = [workload(old, role), workload(now, role)];
  if (!was || !is || was.kind !== is.kind || identity(was) !== identity(is)) return "recreated";
  const [before, after] = [
    was.inputs.spec as unknown as WorkloadSpec,
    is.inputs.spec as unknown as WorkloadSpec,
  ];
  if (!same(before.template, after.template)) {
    return after.strategy?.type === "Recreate" ? "restarts" : "roll, a few at a time";
  }
  const owned = is.ignoreChanges.includes("spec.replicas");
  return owned || same(before.replicas, after.replicas) ? "unchanged" : "are added or removed";
}

function objectEffects(old: Map<string, Part>, now: Map<string, Part>): string {
  const effects: string[] = [];
  for (const [key, part] of now) {
    const was = old.get(key);
    if (isInternal(part)) continue;
    if (!was) effects.push(`${part.kind} created`);
    else if (replacementPaths(part.type, was.inputs, part.inputs).length > 0)
      effects.push(`${part.kind} replaced${guarded(was)}`);
    else if (!same(was.inputs, part.inputs)) effects.push(`${part.kind} updated`);
  }
  for (const [key, part] of old) {
    if (!now.has(key) && !isInternal(part)) effects.push(`${part.kind} deleted${guarded(part)}`);
  }
  return [...new Set(effects)].sort().join(", ") || "none";
}

/** Protected objects are neither deleted nor replaced: the engine refuses the update. */
function guarded({ protect }: Part): string {
  return protect ? " (refused while it is protected)" : "";
}

/** The processes have their own columns. Their ConfigMaps and the prepare Job follow them. */
function isInternal({ kind, role }: Part): boolean {
  return (
    workloads.includes(kind) || (kind === "ConfigMap" && role.endsWith("-conf")) || role.startsWith("prepare")
  );
}

/** The effect in few words. */
function jobEffect({ path, beginning, end, what, later, danger }: JobChange): string {
  switch (path) {
    case "goesOn":
      return end === "goesOn" ? "keep running" : "keep running; the autoscaler may rescale them";
    case "rescales":
      return "rescale";
    case "takenOver":
      return later.length === 0
        ? "continue from their last checkpoint"
        : "continue from their last checkpoint with the old value; their next revision takes the new one";
    case "tasks":
      return "continue from their last checkpoint";
    case "savepoint":
      return what.includes("before the cluster changes")
        ? "are stopped first, and continue from their savepoints"
        : "become a new revision: are stopped with savepoints, and continue from them";
    case "nothing":
      return "end; are submitted to the new cluster";
    default:
      throw new Error(`docs/changes.md has no words for ${path} (${beginning}): ${what} ${danger ?? ""}`);
  }
}

function identity({ kind, inputs }: Part): string {
  const { name, namespace } = inputs.metadata as unknown as { name: string; namespace?: string };
  return `${kind} ${namespace ?? ""}/${name}`;
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
