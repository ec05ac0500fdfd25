import { FlinkCluster } from "../../components/index";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { canonicalJson } from "../../components/names";
import { type JsonObject, withoutHash } from "../../preview/normal";
import { replacementPaths } from "../../preview/rules";
import { record, type Recorded } from "../unit/kubernetes/recorder";

/** What one change of a cluster's arguments does, as columns of a table. */
export interface Effect {
  jobManager: string;
  taskManagers: string;
  /** Other objects, each with what becomes of it. */
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

/** What the program registers for a cluster of these arguments, by the names that it gives. */
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
    // What is named by its content is another resource then; here it is one that changes.
    role: withoutHash(name.replace(/^orders-/, "")),
    inputs: inputs as JsonObject,
    ignoreChanges,
    protect,
  };
}

/** Compares what two programs register, as the Kubernetes provider would. */
export async function effectOf(before: FlinkClusterArgs, after: FlinkClusterArgs): Promise<Effect> {
  const [old, now] = [await partsOf(before), await partsOf(after)];
  const kept = preparation(old) === preparation(now);
  const jobManager = processEffect(old, now, "jobmanager");
  const taskManagers = processEffect(old, now, "taskmanager");
  return {
    jobManager,
    taskManagers,
    objects: objectEffects(old, now),
    jobs: jobEffect(jobManager, taskManagers, kept),
  };
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
  if (!was || !is || was.kind !== is.kind || identity(was) !== identity(is)) return "made anew";
  const [before, after] = [
    was.inputs.spec as unknown as WorkloadSpec,
    is.inputs.spec as unknown as WorkloadSpec,
  ];
  if (!same(before.template, after.template)) {
    return after.strategy?.type === "Recreate" ? "restarts" : "roll, a few at a time";
  }
  const owned = is.ignoreChanges.includes("spec.replicas");
  return owned || same(before.replicas, after.replicas) ? "go on" : "are added or removed";
}

function objectEffects(old: Map<string, Part>, now: Map<string, Part>): string {
  const effects: string[] = [];
  for (const [key, part] of now) {
    const was = old.get(key);
    if (isInternal(part)) continue;
    if (!was) effects.push(`${part.kind} made`);
    else if (replacementPaths(part.type, was.inputs, part.inputs).length > 0)
      effects.push(`${part.kind} replaced${guarded(was)}`);
    else if (!same(was.inputs, part.inputs)) effects.push(`${part.kind} updated`);
  }
  for (const [key, part] of old) {
    if (!now.has(key) && !isInternal(part)) effects.push(`${part.kind} removed${guarded(part)}`);
  }
  return [...new Set(effects)].sort().join(", ") || "none";
}

/** Protected objects are neither deleted nor replaced: the engine refuses the update. */
function guarded({ protect }: Part): string {
  return protect ? " (refused while it is protected)" : "";
}

/** The processes have columns of their own; their ConfigMaps are named by content and follow them. So does the Job that prepares changes. */
function isInternal({ kind, role }: Part): boolean {
  return (
    workloads.includes(kind) || (kind === "ConfigMap" && role.endsWith("-conf")) || role.startsWith("prepare")
  );
}

/** The restart that is prepared: a Job of another name runs before the processes change. */
function preparation(parts: Map<string, Part>): string {
  return identity([...parts.values()].find(({ kind, role }) => kind === "Job" && role === "prepare")!);
}

function jobEffect(jobManager: string, taskManagers: string, kept: boolean): string {
  if (jobManager === "made anew") return "run no more; submitted to the new cluster";
  if (jobManager === "restarts" || jobManager.startsWith("roll")) {
    return kept
      ? "continue from their last checkpoint"
      : "are stopped before, and continue from their savepoints";
  }
  if (taskManagers === "go on") return "go on";
  return taskManagers === "are added or removed" ? "rescale" : "continue from their last checkpoint";
}

function identity({ kind, inputs }: Part): string {
  const { name, namespace } = inputs.metadata as unknown as { name: string; namespace?: string };
  return `${kind} ${namespace ?? ""}/${name}`;
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
