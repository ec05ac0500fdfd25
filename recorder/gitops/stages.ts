import { at } from "../../preview/normal";
import type { Json } from "../json";
import type { Rendered } from "..";

/** Kinds whose objects have to be ready, or to have ended well, before what depends on them may come. */
const AWAITED = new Set(["Job", "Deployment", "StatefulSet", "DaemonSet"]);

/**
 * The stage of each object, by URN: a tool applies one stage, waits until all of it is ready, and goes on with the next. It follows from the
 * program's dependencies alone: an object comes one stage after the last workload or Job that it depends on.
 */
export function stagesOf(rendered: readonly Rendered[]): Map<string, number> {
  const byUrn = new Map(rendered.map((it) => [it.urn, it]));
  const stages = new Map<string, number>();
  const stageOf = (urn: string): number => {
    const known = stages.get(urn);
    if (known !== undefined) return known;
    stages.set(urn, 0); // a circle cannot come out of a program that ended
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
 * Some objects come only with the first one that uses them. A claim may be bound only when a pod wants it: whoever waited for it before the pod's stage would wait for
 * ever. And a configuration that is named by its content goes when the next one comes: not before the pods that read it are replaced.
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

/** Named by its content: what replaces it has another name. */
export function isImmutable(object: Rendered["object"]): boolean {
  return object.kind === "ConfigMap" && object.immutable === true;
}

function claims(object: Rendered["object"]): string[] {
  const template =
    at(object.spec as Json, "template", "spec") ?? (object.kind === "Pod" ? object.spec : undefined);
  const volumes = at(template as Json, "volumes");
  return Array.isArray(volumes)
    ? volumes.map((volume) => String(at(volume, "persistentVolumeClaim", "claimName") ?? ""))
    : [];
}

/** Without gaps: moving a claim may have left one. */
function consecutive(stages: Map<string, number>): Map<string, number> {
  const used = [...new Set(stages.values())].sort((a, b) => a - b);
  return new Map([...stages].map(([urn, stage]) => [urn, used.indexOf(stage)]));
}
