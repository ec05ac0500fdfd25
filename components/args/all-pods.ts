import type { core } from "@pulumi/kubernetes/types/input";
import type { FlinkClusterArgs } from "./cluster";
import type { PodArgs } from "./pods";
import { holdsLater, type ShapeOf } from "./shape";

/**
 * What every pod has that is made for a cluster and for its jobs: JobManagers, TaskManagers, History Server, SQL Gateway, `prepare`, submissions, guards and
 * savepoints. A pod's own arguments go before: labels and annotations of the same name, and each of the others as a whole (an empty one says that there is none).
 */
export interface AllPodsArgs {
  /** Labels on all pods, such as those that a policy of the cluster asks for. Default: none. */
  podLabels?: { [label: string]: string };

  /** Annotations on all pods, such as those that keep a service mesh out of them. Default: none. */
  podAnnotations?: { [annotation: string]: string };

  /** Labels that a node must have for any of the pods to run on it, such as its architecture. Default: any node. */
  nodeSelector?: { [label: string]: string };

  /** Taints of nodes that all pods put up with. Default: none. */
  tolerations?: core.v1.Toleration[];

  /** Nodes and pods that all pods want to be near to, or far from. Default: none. */
  affinity?: core.v1.Affinity;

  /** Name of the PriorityClass of all pods. Default: that of the cluster's administrators. */
  priorityClassName?: string;

  /** The user and the groups that the processes of all pods run as. Default: those of the official images. */
  securityContext?: PodUserArgs;
}

/** The user and the groups that processes run as. All else that the Pod Security Standard `restricted` asks for stays as it is. */
export interface PodUserArgs {
  /** Number of the user, not 0. It must be able to read what the image has in `/opt/flink`. Default: 9999, the user of the official images. */
  runAsUser?: number;

  /** Number of the user's group. Default: 9999. */
  runAsGroup?: number;

  /** Number of the group that volumes belong to. Default: 9999. */
  fsGroup?: number;

  /** Numbers of further groups of the user. Default: none. */
  supplementalGroups?: number[];

  /**
   * Whether the platform chooses user and groups, as OpenShift does from the ranges of a namespace: then the pods name none. On other platforms
   * Kubernetes does not start the official images so, because it cannot know that their user is not root. Default: false.
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

/** What says something of a metrics port, which only Flink's own processes have. */
const ofMetrics = /^prometheus\.io\//;

/**
 * What pods beside JobManagers and TaskManagers follow, unless they say their own: they run the same image, so they need nodes that can run it, and what the platform asks
 * of every pod. Which other pods a JobManager wants to be near to or far from is its own affair.
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

/** What the connection can carry: a value in it that is not known yet would make all jobs unknown in a preview. */
function plainPlacement({ affinity, tolerations }: PodArgs): Pick<PodArgs, "affinity" | "tolerations"> {
  return {
    ...(holdsLater(affinity) ? {} : { affinity }),
    ...(holdsLater(tolerations) ? {} : { tolerations }),
  };
}
