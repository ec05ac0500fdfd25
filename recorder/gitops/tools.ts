import { isObject, type KubernetesObject } from "../json";
import type { Rendered } from "..";
import { isImmutable } from "./stages";

/** For Argo CD: one application with sync waves. */
export function forArgoCd({ object, protect }: Rendered, stage: number): KubernetesObject {
  const options = [
    // A Job's template is immutable, so a change needs a new object. The next sync retries a failed Job.
    ...(object.kind === "Job" ? ["Force=true", "Replace=true"] : []),
    // Old pods may start once more during a rollout.
    ...(isImmutable(object) ? ["PruneLast=true"] : []),
    ...(protect ? ["Prune=false", "Delete=false"] : []),
  ];
  return annotated(object, {
    "argocd.argoproj.io/sync-wave": String(stage),
    ...(options.length > 0 ? { "argocd.argoproj.io/sync-options": options.join(",") } : {}),
  });
}

/** For Flux: an object in one of several consecutive Kustomizations. */
export function forFlux({ object, protect }: Rendered): KubernetesObject {
  return annotated(object, {
    ...(object.kind === "Job" ? { "kustomize.toolkit.fluxcd.io/force": "enabled" } : {}),
    ...(protect ? { "kustomize.toolkit.fluxcd.io/prune": "disabled" } : {}),
  });
}

/** The program's own value of an annotation stays. */
function annotated(object: KubernetesObject, annotations: Record<string, string>): KubernetesObject {
  if (Object.keys(annotations).length === 0) return object;
  const own = isObject(object.metadata.annotations) ? object.metadata.annotations : {};
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, ...own } },
  } as KubernetesObject;
}

/** Flux's source, and the names of its objects. */
export interface FluxSource {
  /** Name of the GitRepository. */
  name: string;
  namespace: string;
  /** The folder's path inside the repository. */
  path: string;
}

/** Timeout of a stage without a timeout of its own, in seconds. */
const STAGE_SECONDS = 600;

/** Flux's Kustomization of one stage. It starts when the previous stage is ready. */
export function fluxStage(
  name: string,
  stage: number,
  objects: readonly KubernetesObject[],
  source: FluxSource,
  prune: boolean,
): KubernetesObject {
  const deadlines = objects.map(({ spec }) => (isObject(spec) ? Number(spec.activeDeadlineSeconds ?? 0) : 0));
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: `${name}-${stage}`, namespace: source.namespace },
    spec: {
      ...(stage === 0 ? {} : { dependsOn: [{ name: `${name}-${stage - 1}` }] }),
      interval: "10m",
      path: `./${[source.path, stageFolder(stage)].filter((part) => part !== "").join("/")}`,
      prune,
      retryInterval: "1m",
      sourceRef: { kind: "GitRepository", name: source.name },
      timeout: `${Math.max(STAGE_SECONDS, ...deadlines.map((seconds) => seconds + 60))}s`,
      wait: true,
    },
  };
}

export function stageFolder(stage: number): string {
  return `stage-${stage}`;
}
