import type { ClusterModel } from "../args/model";
import { objectLabels, objectName, ports, selectorLabels } from "../names";

/**
 * Gives the JobManager its name. Headless, so that the name is the pod's own address, and so that it has the pod by its host name too; and also before the
 * pod is ready, since the TaskManagers and the JobManager itself need the name while they start. With high availability they find the
 * leader otherwise, and only the submission needs the name: of a pod that serves.
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

/** REST API and web UI of a JobManager that is ready. Waiting for its endpoints would cost every `up` ten seconds. */
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

/** URL of REST API and web UI inside the Kubernetes cluster. */
export function restUrl(cluster: string, namespace: string, tls = false): string {
  return `http${tls ? "s" : ""}://${restHost(cluster, namespace)}:${ports.rest}`;
}
