import type { core } from "@pulumi/kubernetes/types/input";
import type { FlinkClusterArgs } from "./cluster";
import type { PodArgs } from "./pods";
import { holdsLater, type ShapeOf } from "./shape";

/**
 * Settings of all pods of a cluster and its jobs: JobManagers, TaskManagers, History Server, SQL Gateway,
 * `prepare`, submissions, guards and savepoints. A pod's own arguments take precedence. Labels and
 * annotations are overridden by name, each other setting as a whole; an empty value there means none.
 */
export interface AllPodsArgs {
  /**
   * Labels on all pods, for example those that a policy of the Kubernetes cluster requires. Default: none.
   */
  podLabels?: { [label: string]: string };

  /** Annotations on all pods, for example those that keep a service mesh out of them. Default: none. */
  podAnnotations?: { [annotation: string]: string };

  /** Labels that a node must have to run any of the pods, for example its architecture. Default: any node. */
  nodeSelector?: { [label: string]: string };

  /** Node taints that all pods tolerate. Default: none. */
  tolerations?: core.v1.Toleration[];

  /** Affinity of all pods to nodes and other pods. Default: none. */
  affinity?: core.v1.Affinity;

  /** Name of the PriorityClass of all pods. Default: the Kubernetes cluster's default. */
  priorityClassName?: string;

  /** User and groups of the processes in all pods. Default: those of the official images. */
  securityContext?: PodUserArgs;
}

/**
 * User and groups of processes. All other requirements of the Pod Security Standard `restricted` stay in
 * place.
 */
export interface PodUserArgs {
  /**
   * User id, not 0. The user must be able to read the image's `/opt/flink`. Default: 9999, the user of the
   * official images.
   */
  runAsUser?: number;

  /** Group id of the user. Default: 9999. */
  runAsGroup?: number;

  /** Group id that owns the volumes. Default: 9999. */
  fsGroup?: number;

  /** Ids of further groups of the user. Default: none. */
  supplementalGroups?: number[];

  /**
   * Whether the platform chooses user and groups, as OpenShift does from the ranges of a namespace. The pods
   * then name none. On other platforms Kubernetes does not start the official images in this way, because it
   * cannot verify that their user is not root. Default: false.
   */
  assigned?: boolean;
}

const podUserShape: ShapeOf<PodUserArgs> = {
  runAsUser: "number",
  runAsGroup: "number",
  fsGroup: "number",
  supplementalGroups: "numberList",
  assigned: "boolean",
};

export const allPodsShape: ShapeOf<AllPodsArgs> = {
  podLabels: "textMap",
  podAnnotations: "textMap",
  nodeSelector: "textMap",
  tolerations: "kubernetes",
  affinity: "kubernetes",
  priorityClassName: "text",
  securityContext: { object: podUserShape },
};

/** Annotations about a metrics port. Only Flink's own processes have one. */
const ofMetrics = /^prometheus\.io\//;

/**
 * Settings that all pods except JobManagers and TaskManagers inherit, unless they have their own. They run
 * the same image, so they need suitable nodes and whatever the platform requires of every pod. The
 * JobManager's affinity to other pods is not inherited.
 */
export function followedPods({
  pods = {},
  jobManager = {},
}: Pick<FlinkClusterArgs, "pods" | "jobManager">): AllPodsArgs {
  const { affinity, tolerations } = plainPlacement(jobManager);
  const own = Object.entries(jobManager.podAnnotations ?? {}).filter(([key]) => !ofMetrics.test(key));
  const nodeAffinity = affinity?.nodeAffinity;
  const all: AllPodsArgs = {
    podLabels: { ...pods.podLabels, ...jobManager.podLabels },
    podAnnotations: { ...pods.podAnnotations, ...Object.fromEntries(own) },
    nodeSelector: jobManager.nodeSelector ?? pods.nodeSelector,
    tolerations: tolerations ?? pods.tolerations,
    affinity: affinity === undefined ? pods.affinity : nodeAffinity && { nodeAffinity },
    priorityClassName: jobManager.priorityClassName ?? pods.priorityClassName,
    securityContext: pods.securityContext,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && Object.keys(value).length > 0),
  );
}

/**
 * Leaves out values that are not known yet: in the connection they would make all jobs unknown in a preview.
 */
function plainPlacement({ affinity, tolerations }: PodArgs): Pick<PodArgs, "affinity" | "tolerations"> {
  return {
    ...(holdsLater(affinity) ? {} : { affinity }),
    ...(holdsLater(tolerations) ? {} : { tolerations }),
  };
}
