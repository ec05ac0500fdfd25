import path from "node:path";
import { podRule, kubernetesDocs } from "../../core";

const named = /(docker|containerd|crio|cri-dockerd|podman|isulad)[^/]*\.sock$/;

/** Where container runtimes listen, also as distributions of Kubernetes place them: k3s and RKE2, k0s, MicroK8s. */
const sockets = [
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/cri-dockerd.sock",
  "/run/docker.sock",
  "/run/docker/containerd/containerd.sock",
  "/run/podman/podman.sock",
  "/run/k3s/containerd/containerd.sock",
  "/run/k0s/containerd.sock",
  "/var/snap/microk8s/common/run/containerd.sock",
];

/** Whether a path of the node is that of a socket, or of a folder that one is in. */
function holdsSocket(given: string): boolean {
  const plain = path.posix
    .normalize(`/${given}`)
    .replace(/(.)\/$/, "$1")
    .replace(/^\/var\/run(?=\/|$)/, "/run");
  if (named.test(plain) || plain === "/" || plain === "/var") return true;
  return sockets.some((socket) => socket.startsWith(`${plain}/`));
}

export const runtimeSocket = podRule({
  name: "runtime-socket",
  description: "Pods do not mount the socket of the container runtime.",
  remediation:
    "Leave the volume out; build images with a program that needs no daemon, and start pods by the Kubernetes API.",
  reference: kubernetesDocs("Volumes, hostPath", "concepts/storage/volumes/#hostpath"),
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "Who can write to it can start a privileged container: it is root on the node. A host path may be allowed for other reasons; this never is.",
  level: "mandatory",
  severity: "critical",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const at = volume.get("hostPath", "path");
      const text = at.text();
      if (text === undefined || !holdsSocket(text)) continue;
      run.violation(at, { expected: "no path that holds the socket", fix: "Leave the volume out." });
    }
  },
});
