import { podRule } from "../../core";

const sockets = /(docker|containerd|crio|cri-dockerd|podman)[^/]*\.sock$/;
const folders = [
  "/",
  "/run",
  "/var/run",
  "/var",
  "/run/containerd",
  "/var/run/containerd",
  "/run/crio",
  "/var/run/crio",
];

export const runtimeSocket = podRule({
  name: "runtime-socket",
  description: "Pods do not mount the socket of the container runtime.",
  why: "Who can write to it can start a privileged container: it is root on the node. A host path may be allowed for other reasons; this never is.",
  level: "mandatory",
  severity: "critical",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const path = volume.get("hostPath", "path");
      const text = path.text();
      if (text === undefined) continue;
      const plain = text.replace(/\/+$/, "") || "/";
      if (!sockets.test(plain) && !folders.includes(plain)) continue;
      run.violation(path, { expected: "no path that holds the socket", fix: "Leave the volume out." });
    }
  },
});
