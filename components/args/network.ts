import type { ShapeOf } from "./shape";

/** Who may talk to a cluster, and where its pods may connect to. */
export interface NetworkArgs {
  /**
   * Whether NetworkPolicies are made. They admit only what a cluster needs: its own roles on their pinned ports. Default: true.
   * A network plugin that does not enforce NetworkPolicies ignores them. Changing it touches no pod.
   */
  policies?: boolean;

  /**
   * Where the cluster's pods may connect to besides DNS (port 53), the cluster itself and, for pods that use it (those that submit
   * and guard jobs; with high availability, all), the Kubernetes API server. Default: not given, and then all egress is open; an empty list
   * closes it. Remember the sources and sinks of your jobs, the checkpoint storage and metrics receivers. Changing it touches no pod.
   */
  egress?: EgressRuleArgs[];

  /** Further pods or addresses that may open the REST API and web UI (port 8081). It has no login. Default: none. */
  rest?: PeerArgs[];

  /** Pods or addresses that may open the SQL Gateway (port 8083). It has no login. Default: none; `kubectl port-forward` needs none. */
  sqlGateway?: PeerArgs[];

  /**
   * Who else may open ports of the pods that are none of Flink's own: JMX, a debugger, metrics of one's own, a sidecar. Default: nobody. Changing it touches no pod.
   */
  ingress?: IngressRuleArgs[];

  /** Where Prometheus runs, so that it may read the metrics port of every pod of the cluster. Default: nobody may. */
  prometheus?: PrometheusArgs;

  /** Where the Kubernetes API server is, when `egress` is given. Default: any address, ports 443 and 6443. */
  apiServer?: ApiServerArgs;
}

/** Pods, by the labels of their namespace and their own; or addresses. Give labels or a CIDR block, not both. */
export interface PeerArgs {
  /** Labels of the namespaces. Default: this cluster's namespace only; with an empty object, all namespaces. */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are left out. */
  except?: string[];
}

/** One destination that pods may connect to. */
export interface EgressRuleArgs {
  /** Labels of the namespaces. Default: this cluster's namespace only; with an empty object, all namespaces. */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are left out. */
  except?: string[];

  /** TCP ports. Default: all ports, of every protocol. */
  ports?: number[];

  /** Whose pods may connect there: `jobManager`, `taskManager`, `submitter` (and guards), `historyServer`, `sqlGateway`. Default: all of them. */
  roles?: string[];
}

/** One origin that may open ports of pods. */
export interface IngressRuleArgs {
  /** Labels of the namespaces. Default: this cluster's namespace only; with an empty object, all namespaces. */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are left out. */
  except?: string[];

  /** TCP ports that are opened. For Flink's own there are `rest`, `sqlGateway` and `prometheus`. */
  ports: number[];

  /** Whose ports: `jobManager`, `taskManager`, `submitter` (and guards), `historyServer`, `sqlGateway`. Default: all of them. */
  roles?: string[];
}

/** Where Prometheus runs and what it reads. */
export interface PrometheusArgs {
  /** Labels of its namespace. Default: this cluster's namespace. */
  namespaceLabels?: { [label: string]: string };

  /** Labels of its pods. Default: all pods of that namespace. */
  podLabels?: { [label: string]: string };

  /** Port of Flink's Prometheus reporter; the reporter itself is set in `config`. Default: 9249, as Flink's. */
  port?: number;
}

/** Where the Kubernetes API server listens. */
export interface ApiServerArgs {
  /** Block of IP addresses. Default: any address. */
  cidr?: string;

  /** TCP ports, behind the Service too. Default: 443 and 6443. */
  ports?: number[];
}

export const peerShape: ShapeOf<PeerArgs> = {
  namespaceLabels: "textMap",
  podLabels: "textMap",
  cidr: "text",
  except: "textList",
};

const egressRule: ShapeOf<EgressRuleArgs> = { ...peerShape, ports: "numberList", roles: "textList" };

const ingressRule: ShapeOf<IngressRuleArgs> = egressRule;

const prometheus: ShapeOf<PrometheusArgs> = {
  namespaceLabels: "textMap",
  podLabels: "textMap",
  port: "number",
};

const apiServer: ShapeOf<ApiServerArgs> = { cidr: "text", ports: "numberList" };

export const networkShape: ShapeOf<NetworkArgs> = {
  policies: "boolean",
  egress: { list: egressRule },
  rest: { list: peerShape },
  sqlGateway: { list: peerShape },
  ingress: { list: ingressRule },
  prometheus: { object: prometheus },
  apiServer: { object: apiServer },
};
