import type { ClusterModel } from "../args/model";
import { type Component, objectLabels, objectName, selectorLabels } from "../names";

/** Auxiliary processes of a cluster, each in a pod of its own. */
type Beside = Extract<Component, "historyserver" | "sql-gateway">;

/** One replica, since the state between requests is in a single process. */
export function besideDeployment<Strategy, Template>(
  model: ClusterModel,
  component: Beside,
  strategy: Strategy,
  template: Template,
) {
  return {
    metadata: metadata(model, component, component),
    spec: {
      replicas: 1,
      strategy,
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, component) },
      template,
    },
  };
}

/** @param name of the Service, after the cluster's name, and of the container's port. */
export function besideService(model: ClusterModel, component: Beside, name: string, port: number) {
  return {
    metadata: {
      ...metadata(model, component, name),
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      type: "ClusterIP",
      selector: selectorLabels(model.name, component),
      ports: [{ name, port, targetPort: name, protocol: "TCP" }],
    },
  };
}

function metadata(model: ClusterModel, component: Beside, name: string) {
  return {
    name: objectName(model.name, name),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, component),
  };
}
