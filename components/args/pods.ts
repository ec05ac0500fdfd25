/* eslint-disable @typescript-eslint/no-explicit-any -- a container's ports may be numbers or names, which Pulumi's other languages cannot say */
import type { core } from "@pulumi/kubernetes/types/input";
import type { CpuArgs } from "./cluster";
import type { ShapeOf } from "./shape";

/**
 * Extra settings for the pods of a role. Lists have the form of the Kubernetes API and are checked against
 * its types. Objects that are named here must exist in the cluster's namespace.
 */
export interface PodArgs {
  /**
   * Environment variables of the container. Secret values and Outputs go into a Secret that the container
   * reads. Default: none.
   */
  env?: core.v1.EnvVar[];

  /**
   * Secrets and ConfigMaps whose entries all become environment variables of the container. Default: none.
   */
  envFrom?: core.v1.EnvFromSource[];

  /** Further volumes of the pods. Default: none. */
  volumes?: core.v1.Volume[];

  /** Where the container mounts volumes. Default: none. */
  volumeMounts?: core.v1.VolumeMount[];

  /**
   * Containers that run one after another before the main container starts (Kubernetes' `Container`). Without
   * a security context of their own, they get the one that the Pod Security Standard `restricted` requires.
   * Default: none.
   */
  initContainers?: any[];

  /**
   * Containers that run alongside the main container (Kubernetes' `Container`), with the same default
   * security context. Default: none.
   */
  sidecars?: any[];

  /**
   * Jars to add to Flink's class path, as paths in the image or on a volume, such as
   * `/opt/flink/connectors/flink-connector-kafka-4.0.1-2.0.jar`. File systems are plugins and do not belong
   * here. Default: only the jars of the image.
   */
  extraJars?: string[];

  /** Additional labels on the pods. Default: none. */
  podLabels?: { [label: string]: string };

  /** Additional annotations on the pods. Default: none. */
  podAnnotations?: { [annotation: string]: string };

  /** Labels that a node must have to run the pods. Default: any node. */
  nodeSelector?: { [label: string]: string };

  /** Node taints that the pods tolerate. Default: none. */
  tolerations?: core.v1.Toleration[];

  /** Affinity of the pods to nodes and other pods. Default: none. */
  affinity?: core.v1.Affinity;

  /** How the pods are spread over zones and nodes. Default: as the scheduler decides. */
  topologySpreadConstraints?: core.v1.TopologySpreadConstraint[];

  /** Name of the PriorityClass of the pods. Default: the Kubernetes cluster's default. */
  priorityClassName?: string;

  /** Identity of the pods for the Kubernetes API server and clouds. Default: a separate service account. */
  serviceAccount?: ServiceAccountArgs;

  /**
   * Last resort: a strategic merge patch of the pod (`metadata` and `spec`, as `kubectl patch` takes it),
   * applied after everything else. Fields that the component depends on cannot be patched. Default: none.
   */
  podPatch?: any;
}

/** The service account of a role's pods. */
export interface ServiceAccountArgs {
  /** Name of an existing service account. Default: one is created, named after the cluster and the role. */
  name?: string;

  /**
   * Annotations of the created service account, for example for a cloud's workload identity. Default: none.
   */
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
