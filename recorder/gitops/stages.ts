import { at } from "../../preview/normal";
import type { Json } from "../json";
import type { Rendered } from "..";

/** Kinds whose objects must be ready or complete before their dependents are applied. */
const AWAITED = new Set(["Job", "Deployment", "StatefulSet", "DaemonSet"]);

/**
 * The stage of each object, by URN. A tool applies one stage, waits until it is ready, and continues with the
 * next. The program's dependencies decide: an object is one stage after the last workload or Job that it
 * depends on.
 */
export function stagesOf(rendered: readonly Rendered[]): Map<string, number> {
  const byUrn = new Map(rendered.map((it) => [it.urn, it]));
  const stages = new Map<string, number>();
  const stageOf = (urn: string): number => {
    const known = stages.get(urn);
    if (known !== undefined) return known;
    stages.set(urn, 0); // a program that has ended has no cycles
    const before = byUrn.get(urn)!.dependencies.filter((other) => byUrn.has(other));
    const stage = Math.max(
      0,
      ...before.map((other) => stageOf(other) + (AWAITED.has(byUrn.get(other)!.object.kind) ? 1 : 0)),
    );
    stages.set(urn, stage);
    return stage;
  };
  for (const { urn } of rendered) stageOf(urn);
  withConsumers(rendered, stages);
  return consecutive(stages);
}

/**
 * Some objects move to the stage of their first user. A claim may be bound only when a pod uses it, so
 * waiting for it in an earlier stage would never end. A content-addressed configuration is deleted when its
 * successor is applied, which must not be before the pods that read it are replaced.
 */
function withConsumers(rendered: readonly Rendered[], stages: Map<string, number>): void {
  for (const { urn, object } of rendered) {
    const { name, namespace } = object.metadata;
    const uses = ({ object: other, dependencies }: Rendered): boolean =>
      object.kind === "PersistentVolumeClaim"
        ? other.metadata.namespace === namespace && claims(other).includes(name)
        : isImmutable(object) && dependencies.includes(urn);
    const consumers = rendered.filter(uses).map((it) => stages.get(it.urn)!);
    if (consumers.length > 0) stages.set(urn, Math.min(...consumers));
  }
}

/** Content-addressed: its replacement has another name. */
export function isImmutable(object: Rendered["object"]): boolean {
  return ["ConfigMap", "Secret"].includes(object.kind) && object.immutable === true;
}

function claims(object: Rendered["object"]): string[] {
  const template =
    at(object.spec as Json, "template", "spec") ?? (object.kind === "Pod" ? object.spec : undefined);
  const volumes = at(template as Json, "volumes");
  return Array.isArray(volumes)
    ? volumes.map((volume) => String(at(volume, "persistentVolumeClaim", "claimName") ?? ""))
    : [];
}

/** Renumbers the stages: moving a claim may have left a gap. */
function consecutive(stages: Map<string, number>): Map<string, number> {
  const used = [...new Set(stages.values())].sort((a, b) => a - b);
  return new Map([...stages].map(([urn, stage]) => [urn, used.indexOf(stage)]));
}
