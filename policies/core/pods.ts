import { flinkPods } from "./flink-resources";
import type { Resource } from "./resource";
import { Value } from "./value";

/** The pods that one resource runs, as their template says. */
export interface Pod {
  /** Which of its pods, for kinds that have several templates: `jobmanager` or `taskmanager` of a Flink custom resource. */
  readonly role: "jobmanager" | "taskmanager" | undefined;
  /** Labels and annotations of the pods themselves, not of what controls them. */
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
  /** An init container with `restartPolicy: Always`, which runs beside the others. */
  readonly isSidecar: boolean;
}

const template = ["spec", "template"];

/** Where the pod is, by kind, whatever the API version. */
const podBearing: Readonly<Record<string, readonly string[]>> = {
  "/Pod": [],
  "/PodTemplate": ["template"],
  "/ReplicationController": template,
  "apps/DaemonSet": template,
  "apps/Deployment": template,
  "apps/ReplicaSet": template,
  "apps/StatefulSet": template,
  "extensions/DaemonSet": template,
  "extensions/Deployment": template,
  "extensions/ReplicaSet": template,
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
  "batch/Job": template,
};

/** Group and kind of everything in Kubernetes that runs pods: `apps/Deployment`; the core group is empty: `/Pod`. */
export const podBearingKinds: readonly string[] = Object.keys(podBearing);

export function podsOf(resource: Resource): Pod[] {
  if (resource.kind === undefined) return [];
  const keys = podBearing[`${resource.group}/${resource.kind}`];
  if (keys) return [podAt(resource.props.get(...keys))];
  return resource.group === "flink.apache.org" ? flinkPods(resource) : [];
}

/** The pod of a place that holds `metadata` and `spec`. */
export function podAt(place: Value, role?: Pod["role"]): Pod {
  const spec = place.get("spec");
  let containers: Container[] | undefined;
  return {
    role,
    metadata: place.get("metadata"),
    spec,
    securityContext: spec.get("securityContext"),
    get containers() {
      // Every rule asks the lists again, so that it is noted where they are unknown.
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
    get isSidecar() {
      return type === "init" && value.get("restartPolicy").text() === "Always";
    },
  };
}
