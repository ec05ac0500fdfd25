import type { ClusterModel } from "../args/model";
import { objectLabels, objectName, ports, selectorLabels } from "../names";

/**
 * Gives the JobManager its DNS name. It is headless: the name resolves to the pod's address, and host names
 * of pods resolve too. It includes pods before they are ready, since the processes need the name while they
 * start. With high availability only submissions use it, for ready pods.
 */
export function jobManagerService(model: ClusterModel) {
  return {
    metadata: {
      name: objectName(model.name, "jobmanager"),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "jobmanager"),
    },
    spec: {
      type: "ClusterIP",
      clusterIP: "None",
      publishNotReadyAddresses: model.highAvailability === undefined,
      selector: selectorLabels(model.name, "jobmanager"),
      ports: [
        { name: "rpc", port: ports.rpc, targetPort: "rpc", protocol: "TCP" },
        { name: "blob", port: ports.blob, targetPort: "blob", protocol: "TCP" },
        { name: "rest", port: ports.rest, targetPort: "rest", protocol: "TCP" },
      ],
    },
  };
}

/** REST API and web UI of a ready JobManager. Waiting for its endpoints would cost every `up` ten seconds. */
export function restService(model: ClusterModel) {
  return {
    metadata: {
      name: restServiceName(model.name),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "jobmanager"),
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(model.name, "jobmanager"),
      ports: [{ name: "rest", port: ports.rest, targetPort: "rest", protocol: "TCP" }],
    },
  };
}

export function restServiceName(cluster: string): string {
  return objectName(cluster, "rest");
}

/** Host name of that Service. */
export function restHost(cluster: string, namespace: string): string {
  return `${restServiceName(cluster)}.${namespace}.svc`;
}

/** URL of the REST API and web UI inside the Kubernetes cluster. */
export function restUrl(cluster: string, namespace: string, tls = false): string {
  return `http${tls ? "s" : ""}://${restHost(cluster, namespace)}:${ports.rest}`;
}
