import * as path from "node:path";
import { addresses, nodeName, runFolder, type Folders } from "./layout";
import type { NodePrograms } from "./build";

/** The command line of every program of the node, without flags at their default. */
export function commands(programs: NodePrograms, at: Folders) {
  const kubernetes = (name: string) => path.join(programs.kubernetes, name);
  const certificate = (name: string) => path.join(at.certificates, name);
  const configured = (name: string) => path.join(at.configuration, name);
  const user = (name: string) => configured(`${name}.kubeconfig`);
  /** For programs with an API that authenticate callers at the API server. */
  const delegated = (name: string) => [
    `--kubeconfig=${user(name)}`,
    `--authentication-kubeconfig=${user(name)}`,
    `--authorization-kubeconfig=${user(name)}`,
  ];
  return {
    mounts: [
      ...["unshare", "--mount", "--propagation", "private", "/bin/bash", path.join(__dirname, "mounts.sh")],
      ...[at.node, runFolder, configured("resolv.conf")],
    ],
    etcd: [
      kubernetes("etcd"),
      `--data-dir=${at.etcd}`,
      "--listen-client-urls=http://127.0.0.1:2379",
      "--advertise-client-urls=http://127.0.0.1:2379",
      "--listen-peer-urls=http://127.0.0.1:2380",
      // Data that is lost in a power cut can be applied again, but a busy disk would slow every request.
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    containerd: [path.join(programs.containerd, "containerd"), `--config=${configured("containerd.toml")}`],
    apiserver: [
      kubernetes("kube-apiserver"),
      "--etcd-servers=http://127.0.0.1:2379",
      `--bind-address=${addresses.node}`,
      `--advertise-address=${addresses.node}`,
      `--service-cluster-ip-range=${addresses.services}`,
      "--authorization-mode=Node,RBAC",
      "--enable-admission-plugins=NodeRestriction",
      "--allow-privileged=true",
      `--client-ca-file=${certificate("ca.crt")}`,
      `--tls-cert-file=${certificate("apiserver.crt")}`,
      `--tls-private-key-file=${certificate("apiserver.key")}`,
      `--kubelet-certificate-authority=${certificate("ca.crt")}`,
      `--kubelet-client-certificate=${certificate("apiserver-kubelet-client.crt")}`,
      `--kubelet-client-key=${certificate("apiserver-kubelet-client.key")}`,
      "--kubelet-preferred-address-types=InternalIP",
      "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-account-key-file=${certificate("tokens.pub")}`,
      `--service-account-signing-key-file=${certificate("tokens.key")}`,
      // For metrics-server, which the API server calls directly, because it is not a pod.
      "--enable-aggregator-routing=true",
      `--requestheader-client-ca-file=${certificate("front-proxy-ca.crt")}`,
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      `--proxy-client-cert-file=${certificate("front-proxy-client.crt")}`,
      `--proxy-client-key-file=${certificate("front-proxy-client.key")}`,
    ],
    "controller-manager": [
      kubernetes("kube-controller-manager"),
      ...delegated("controller-manager"),
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      // It creates an account and a token for each of its forty controllers, which takes five seconds at the
      // default rate.
      "--kube-api-qps=200",
      "--kube-api-burst=400",
      `--service-account-private-key-file=${certificate("tokens.key")}`,
      `--root-ca-file=${certificate("ca.crt")}`,
      `--cluster-signing-cert-file=${certificate("ca.crt")}`,
      `--cluster-signing-key-file=${certificate("ca.key")}`,
      "--allocate-node-cidrs=true",
      `--cluster-cidr=${addresses.pods}`,
      `--service-cluster-ip-range=${addresses.services}`,
      // Three times the default rate, because a user is watching.
      "--horizontal-pod-autoscaler-sync-period=5s",
    ],
    scheduler: [
      kubernetes("kube-scheduler"),
      ...delegated("scheduler"),
      "--bind-address=127.0.0.1",
      "--leader-elect=false",
    ],
    proxy: [
      kubernetes("kube-proxy"),
      `--kubeconfig=${user("proxy")}`,
      `--hostname-override=${nodeName}`,
      `--cluster-cidr=${addresses.pods}`,
      "--proxy-mode=iptables",
      "--iptables-min-sync-period=100ms",
      "--healthz-bind-address=127.0.0.1",
      "--metrics-bind-address=127.0.0.1",
      // The node must not resize the machine's connection table.
      "--conntrack-max-per-core=0",
    ],
    kubelet: [
      kubernetes("kubelet"),
      `--config=${configured("kubelet.yaml")}`,
      `--kubeconfig=${user("kubelet")}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${addresses.node}`,
    ],
    coredns: [kubernetes("coredns"), `-conf=${configured("Corefile")}`],
    "metrics-server": [
      kubernetes("metrics-server"),
      ...delegated("admin"),
      `--bind-address=${addresses.node}`,
      "--secure-port=4443",
      `--tls-cert-file=${certificate("metrics-server.crt")}`,
      `--tls-private-key-file=${certificate("metrics-server.key")}`,
      `--kubelet-certificate-authority=${certificate("ca.crt")}`,
      "--kubelet-preferred-address-types=InternalIP",
      // The resolution must be larger than the timeout.
      "--metric-resolution=10s",
      "--kubelet-request-timeout=5s",
    ],
  };
}
