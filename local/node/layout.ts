import * as path from "node:path";
import { cacheFolder } from "../cache";

/** Name of the node, of its network namespace and cgroup, and of the kubeconfig's cluster and context. */
export const nodeName = "flink-kubernetes";

// 198.18.0.0/15 is reserved for benchmarks of network devices (RFC 2544), so real networks do not use it.
export const addresses = {
  host: "198.18.255.1",
  node: "198.18.255.2",
  linkPrefix: 30,
  pods: "198.18.0.0/17",
  /** The first /24 of `pods`, which the controller manager assigns to the only node. */
  nodePods: "198.18.0.0/24",
  services: "198.18.128.0/20",
  apiService: "198.18.128.1",
  range: "198.18.0.0/16",
};
export const apiServer = `https://${addresses.node}:6443`;

/** The host's end of the veth pair into the node; the other end is called eth0. */
export const hostLink = "flink-k8s";
export const namespaceFile = `/run/netns/${nodeName}`;

/**
 * Machine-wide, so that another cache folder finds the node. Empty after a reboot, which also ends the node.
 */
export const runFolder = "/run/flink-kubernetes";
export const stateFile = path.join(runFolder, "node.json");
export const lockFile = "/run/lock/flink-kubernetes.lock";
export const containerdSocket = path.join(runFolder, "containerd.sock");

/** Folders for the node's files. */
export function folders(cache = cacheFolder()) {
  const node = path.join(cache, "node");
  return {
    node,
    logs: path.join(node, "logs"),
    certificates: path.join(node, "certificates"),
    configuration: path.join(node, "configuration"),
    etcd: path.join(node, "etcd"),
    kubelet: path.join(node, "kubelet"),
    podLogs: path.join(node, "pod-logs"),
    kubeconfig: path.join(node, "kubeconfig"),
    /** Outside of `node`, because imported images outlive it. */
    containerd: path.join(cache, "containerd-data"),
  };
}
export type Folders = ReturnType<typeof folders>;
