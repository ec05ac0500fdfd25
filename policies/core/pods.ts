import { flinkPods } from "./flink-resources";
import type { Resource } from "./resource";
import { Value } from "./value";

/** The pods of one resource, from its template. */
export interface Pod {
  /** The role, for kinds with several templates: `jobmanager` or `taskmanager` of a Flink custom resource. */
  readonly role: "jobmanager" | "taskmanager" | undefined;
  /** Labels and annotations of the pods themselves, not of their controller. */
  readonly metadata: Value;
  readonly spec: Value;
  readonly securityContext: Value;
  /** Init containers, then containers, then ephemeral containers. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly type: "init" | "main" | "ephemeral";
  /** Undefined while it is unknown. */
  readonly name: string | undefined;
  readonly value: Value;
  readonly securityContext: Value;
  get(...keys: (string | number)[]): Value;
}

/**
 * Paths of pod templates, by group and kind (`argoproj.io/Rollout`): `spec.template`. Commas separate
 * several, and `[*]` stands for each entry of a list.
 */
export type PodTemplates = Readonly<Record<string, string>>;

const template = "spec.template";

/** The path of the pod, by kind, for any API version. */
const podBearing: PodTemplates = {
  "/Pod": "",
  "/PodTemplate": "template",
  "/ReplicationController": template,
  "apps/DaemonSet": template,
  "apps/Deployment": template,
  "apps/ReplicaSet": template,
  "apps/StatefulSet": template,
  "extensions/DaemonSet": template,
  "extensions/Deployment": template,
  "extensions/ReplicaSet": template,
  "batch/CronJob": "spec.jobTemplate.spec.template",
  "batch/Job": template,
};

/**
 * Other kinds with pod templates. A missing template is elsewhere, as in a Rollout that names a Deployment.
 */
const others: PodTemplates = {
  "argoproj.io/Rollout": template,
  "apps.openshift.io/DeploymentConfig": template,
  "apps.kruise.io/CloneSet": template,
  "apps.kruise.io/DaemonSet": template,
  "apps.kruise.io/StatefulSet": template,
  "batch.volcano.sh/Job": "spec.tasks[*].template",
  "jobset.x-k8s.io/JobSet": "spec.replicatedJobs[*].template.spec.template",
  "leaderworkerset.x-k8s.io/LeaderWorkerSet":
    "spec.leaderWorkerTemplate.leaderTemplate, spec.leaderWorkerTemplate.workerTemplate",
  "ray.io/RayCluster": "spec.headGroupSpec.template, spec.workerGroupSpecs[*].template",
  "ray.io/RayJob":
    "spec.rayClusterSpec.headGroupSpec.template, spec.rayClusterSpec.workerGroupSpecs[*].template",
  "ray.io/RayService":
    "spec.rayClusterConfig.headGroupSpec.template, spec.rayClusterConfig.workerGroupSpecs[*].template",
  "serving.knative.dev/Configuration": template,
  "serving.knative.dev/Service": template,
};

/** Group and kind of known custom resources that run pods. */
export const otherKindsWithPods: readonly string[] = Object.keys(others);

/** Group and kind of Kubernetes' own workloads: `apps/Deployment`; the core group is empty: `/Pod`. */
export const podBearingKinds: readonly string[] = Object.keys(podBearing);

/** @param more kinds that the user configures. */
export function podsOf(resource: Resource, more: PodTemplates = {}): Pod[] {
  if (resource.kind === undefined) return [];
  const kind = `${resource.group}/${resource.kind}`;
  if (Object.hasOwn(podBearing, kind))
    return placesAt(resource.props, podBearing[kind]!).map((at) => podAt(at));
  if (resource.group === "flink.apache.org") return flinkPods(resource);
  const paths = [more, others].find((known) => Object.hasOwn(known, kind))?.[kind];
  if (typeof paths !== "string") return [];
  const places = paths.split(",").flatMap((path) => placesAt(resource.props, path.trim()));
  return places.filter((place) => !place.isAbsent).map((place) => podAt(place));
}

/** The places of a path: none if it leads through an empty list. */
function placesAt(value: Value, path: string): Value[] {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  return steps.reduce<Value[]>(
    (places, step) =>
      places.flatMap((place) =>
        step === "*" ? [...place.list(), ...place.entries().map(([, inner]) => inner)] : [place.get(step)],
      ),
    [value],
  );
}

/** The service account of a pod, from the new field or the old one. */
export function accountOf({ spec }: Pod): Value {
  const [own, old] = [spec.get("serviceAccountName"), spec.get("serviceAccount")];
  return own.isAbsent && !old.isAbsent ? old : own;
}

/** The pod at a place with `metadata` and `spec`. */
export function podAt(place: Value, role?: Pod["role"]): Pod {
  const spec = place.get("spec");
  let containers: Container[] | undefined;
  return {
    role,
    metadata: place.get("metadata"),
    spec,
    securityContext: spec.get("securityContext"),
    get containers() {
      // Every rule reads the lists again, so that unknown ones are noted for it.
      for (const [, field] of lists) void spec.get(field).isUnknown;
      return (containers ??= containersOf(spec));
    },
  };
}

const lists = [
  ["init", "initContainers"],
  ["main", "containers"],
  ["ephemeral", "ephemeralContainers"],
] as const;

function containersOf(spec: Value): Container[] {
  return lists.flatMap(([type, field]) =>
    spec
      .get(field)
      .list()
      .map((value) => containerOf(type, value)),
  );
}

function containerOf(type: Container["type"], value: Value): Container {
  return {
    type,
    value,
    get name() {
      return value.get("name").text();
    },
    securityContext: value.get("securityContext"),
    get: (...keys) => value.get(...keys),
  };
}
