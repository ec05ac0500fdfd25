/* eslint-disable @typescript-eslint/no-explicit-any -- a container's ports may be numbers or names, which Pulumi's other languages cannot say */
import type { core } from "@pulumi/kubernetes/types/input";
import type { CpuArgs } from "./cluster";
import type { ShapeOf } from "./shape";

/**
 * What pods can be given besides what the cluster needs; every role takes these. The lists have the form that Kubernetes gives them and
 * are checked against Kubernetes' own types. Names of objects must exist in the cluster's namespace.
 */
export interface PodArgs {
  /**
   * Environment variables of the container. Values that are secret or Outputs go into a Secret, and the container reads them from there.
   * Default: none.
   */
  env?: core.v1.EnvVar[];

  /** Secrets and ConfigMaps all of whose entries become environment variables of the container. Default: none. */
  envFrom?: core.v1.EnvFromSource[];

  /** Further volumes of the pods. Default: none. */
  volumes?: core.v1.Volume[];

  /** Where the container mounts them. Default: none. */
  volumeMounts?: core.v1.VolumeMount[];

  /**
   * Containers that run, one after another, before the container starts (Kubernetes' `Container`). They get the security context that the
   * Pod Security Standard `restricted` asks for, where they give none. Default: none.
   */
  initContainers?: any[];

  /** Containers that run beside the container (Kubernetes' `Container`), with the same security context. Default: none. */
  sidecars?: any[];

  /**
   * Jars that are put on Flink's class path besides those of the image, as paths in the image or in a volume, such as
   * `/opt/flink/opt/flink-azure-fs-hadoop-2.2.1.jar`. Default: none.
   */
  extraJars?: string[];

  /** Further labels on the pods. Default: none. */
  podLabels?: { [label: string]: string };

  /** Further annotations on the pods. Default: none. */
  podAnnotations?: { [annotation: string]: string };

  /** Labels that a node must have for the pods to run on it. Default: any node. */
  nodeSelector?: { [label: string]: string };

  /** Taints of nodes that the pods put up with. Default: none. */
  tolerations?: core.v1.Toleration[];

  /** Nodes and pods that the pods want to be near to, or far from. Default: none. */
  affinity?: core.v1.Affinity;

  /** How the pods spread over zones and nodes. Default: as the scheduler does. */
  topologySpreadConstraints?: core.v1.TopologySpreadConstraint[];

  /** Name of the PriorityClass of the pods. Default: that of the cluster's administrators. */
  priorityClassName?: string;

  /** Who the pods are to the Kubernetes API server and to clouds. Default: a service account of their own. */
  serviceAccount?: ServiceAccountArgs;

  /**
   * The last resort: a strategic merge patch of the pod (`metadata` and `spec`, as `kubectl patch` takes it), applied after everything else. What
   * holds the component together cannot be patched. Default: none.
   */
  podPatch?: any;
}

/** The service account of a role's pods. */
export interface ServiceAccountArgs {
  /** Name of a service account that exists. Default: one is made, named like the cluster and the role. */
  name?: string;

  /** Annotations of the one that is made, for example those of a cloud's workload identity. Default: none. */
  annotations?: { [annotation: string]: string };
}

const serviceAccount: ShapeOf<ServiceAccountArgs> = { name: "text", annotations: "textMap" };

export const cpuShape: ShapeOf<CpuArgs> = { request: "text", limit: "text" };

export const podShape: ShapeOf<PodArgs> = {
  env: { hidden: "any" },
  envFrom: { hidden: "any" },
  volumes: "kubernetes",
  volumeMounts: "kubernetes",
  initContainers: "kubernetes",
  sidecars: "kubernetes",
  extraJars: "textList",
  podLabels: "textMap",
  podAnnotations: "textMap",
  nodeSelector: "textMap",
  tolerations: "kubernetes",
  affinity: "kubernetes",
  topologySpreadConstraints: "kubernetes",
  priorityClassName: "text",
  serviceAccount: { object: serviceAccount },
  podPatch: "kubernetes",
};
