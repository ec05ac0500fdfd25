import type { ShapeOf } from "./shape";

/** Who may connect to a cluster, and where its pods may connect to. */
export interface NetworkArgs {
  /**
   * Whether NetworkPolicies are created. They allow only the traffic that a cluster needs: its own roles on
   * their fixed ports. A network plugin that does not enforce NetworkPolicies ignores them. Default: true. A
   * change restarts no pod.
   */
  policies?: boolean;

  /**
   * Where the cluster's pods may connect to. Always allowed are DNS (port 53), the cluster itself, and the
   * Kubernetes API server for pods that use it: those that submit and guard jobs, with high availability all.
   * Remember the sources and sinks of your jobs, the checkpoint storage and metrics receivers. Default: all
   * egress is open; an empty list closes it. A change restarts no pod.
   */
  egress?: EgressRuleArgs[];

  /**
   * Further pods or addresses that may connect to the REST API and web UI (port 8081). It has no login.
   * Default: none.
   */
  rest?: PeerArgs[];

  /**
   * Pods or addresses that may connect to the SQL Gateway (port 8083). It has no login. Default: none;
   * `kubectl port-forward` works without an entry.
   */
  sqlGateway?: PeerArgs[];

  /**
   * Further pods or addresses that may connect to ports that are not Flink's own: JMX, a debugger, custom
   * metrics, a sidecar. Default: none. A change restarts no pod.
   */
  ingress?: IngressRuleArgs[];

  /**
   * Where Prometheus runs, so that it may read the metrics port of every pod of the cluster. Default: nobody
   * may read it.
   */
  prometheus?: PrometheusArgs;

  /**
   * Address of the Kubernetes API server, when `egress` is given. Default: any address, ports 443 and 6443.
   */
  apiServer?: ApiServerArgs;
}

/**
 * Pods, by the labels of their namespace and their own labels; or addresses. Give labels or a CIDR block, not
 * both.
 */
export interface PeerArgs {
  /**
   * Labels of the namespaces. Default: only this cluster's namespace; an empty object means all namespaces.
   */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are excluded. */
  except?: string[];
}

/** A destination that pods may connect to. */
export interface EgressRuleArgs {
  /**
   * Labels of the namespaces. Default: only this cluster's namespace; an empty object means all namespaces.
   */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are excluded. */
  except?: string[];

  /** TCP ports. Default: all ports, of every protocol. */
  ports?: number[];

  /**
   * Roles whose pods may connect there: `jobManager`, `taskManager`, `submitter` (and guards),
   * `historyServer`, `sqlGateway`. Default: all of them.
   */
  roles?: string[];
}

/** A source that may connect to ports of pods. */
export interface IngressRuleArgs {
  /**
   * Labels of the namespaces. Default: only this cluster's namespace; an empty object means all namespaces.
   */
  namespaceLabels?: { [label: string]: string };

  /** Labels of the pods. Default: all pods of those namespaces. */
  podLabels?: { [label: string]: string };

  /** Block of IP addresses, such as `10.20.0.0/16`. */
  cidr?: string;

  /** Blocks within `cidr` that are excluded. */
  except?: string[];

  /** TCP ports to open. For Flink's own ports, use `rest`, `sqlGateway` and `prometheus`. */
  ports: number[];

  /**
   * Roles whose ports are opened: `jobManager`, `taskManager`, `submitter` (and guards), `historyServer`,
   * `sqlGateway`. Default: all of them.
   */
  roles?: string[];
}

/** Where Prometheus runs and what it reads. */
export interface PrometheusArgs {
  /** Labels of its namespace. Default: this cluster's namespace. */
  namespaceLabels?: { [label: string]: string };

  /** Labels of its pods. Default: all pods of that namespace. */
  podLabels?: { [label: string]: string };

  /**
   * Port of Flink's Prometheus reporter. `config` sets up the reporter itself. Default: 9249, as in Flink.
   */
  port?: number;
}

/** Address of the Kubernetes API server. */
export interface ApiServerArgs {
  /** Block of IP addresses. Default: any address. */
  cidr?: string;

  /** TCP ports, including those behind the Service. Default: 443 and 6443. */
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
