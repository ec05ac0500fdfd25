import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({ volumes: [{ name: "docker", hostPath: { path: "/var/run/docker.sock" } }] })] },
    { manifests: [pod({ volumes: [{ name: "run", hostPath: { path: "/run/containerd/" } }] })] },
    { manifests: [pod({ volumes: [{ name: "root", hostPath: { path: "/" } }] })] },
    ...[
      "/run/k3s/containerd",
      "/var/run/k3s",
      "/run/../run/crio",
      "/var/snap/microk8s/common",
      "/run/k0s/containerd.sock",
    ].map((path) => ({ manifests: [pod({ volumes: [{ name: "run", hostPath: { path } }] })] })),
    ...[
      ...[
        "/run/crio",
        "/run/docker",
        "/run/podman",
        "/run/k3s",
        "/run/k0s",
        "/var/snap/microk8s",
        "/var",
        "/run",
      ],
      ...["/run/docker/containerd", "/run/containerd"],
    ].map((path) => ({ manifests: [pod({ volumes: [{ name: "run", hostPath: { path } }] })] })),
  ],
  passes: [
    { manifests: [pod({ volumes: [{ name: "a", hostPath: { path: "/run/k3s-agent" } }] })] },
    { manifests: [pod({ volumes: [{ name: "logs", hostPath: { path: "/var/log/web" } }] })] },
  ],
};
