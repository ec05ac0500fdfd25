import path from "node:path";
import { podRule, kubernetesDocs } from "../../core";

const named = /(docker|containerd|crio|cri-dockerd|podman|isulad)[^/]*\.sock$/;

/**
 * Directories with sockets of container runtimes, also in the Kubernetes distributions k3s and RKE2, k0s and
 * MicroK8s. Some runtimes listen in /run itself.
 */
const folders = [
  "/run/containerd",
  "/run/crio",
  "/run/docker/containerd",
  "/run/podman",
  "/run/k3s/containerd",
  "/run/k0s",
  "/var/snap/microk8s/common/run",
];

/** Whether a path of the node is a socket, or a directory that contains one. */
function holdsSocket(given: string): boolean {
  const plain = path.posix
    .normalize(`/${given}`)
    .replace(/(.)\/$/, "$1")
    .replace(/^\/var\/run(?=\/|$)/, "/run");
  if (named.test(plain) || plain === "/") return true;
  return folders.some((folder) => folder === plain || folder.startsWith(`${plain}/`));
}

export const runtimeSocket = podRule({
  name: "runtime-socket",
  description: "Pods do not mount the socket of the container runtime.",
  remediation:
    "Leave the volume out. Build images with a program that needs no daemon, and start pods through the Kubernetes API.",
  reference: kubernetesDocs("Volumes, hostPath", "concepts/storage/volumes/#hostpath"),
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "Whoever can write to the socket can start a privileged container, which is root on the node. Other host paths may be acceptable; this one never is.",
  level: "mandatory",
  severity: "critical",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const at = volume.get("hostPath", "path");
      const text = at.text();
      if (text === undefined || !holdsSocket(text)) continue;
      run.violation(at, { expected: "a path without the socket", fix: "Leave the volume out." });
    }
  },
});
