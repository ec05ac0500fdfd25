import path from "node:path";
import { kubernetesDocs, podRule, type Value } from "../../core";
import { levelFor, standardOptions } from "../pod-security/standard";

/** Paths of a node where write or read access is control over the node. */
const system = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/home",
  "/lib",
  "/lib64",
  "/proc",
  "/root",
  "/run",
  "/sbin",
  "/sys",
  "/usr",
  "/var/lib/containerd",
  "/var/lib/docker",
  "/var/lib/etcd",
  "/var/lib/kubelet",
  "/var/run",
];

export const hostPathMounts = podRule<typeof standardOptions>({
  name: "host-path-mounts",
  description:
    "A pod that may mount paths of the node mounts no system directories, and mounts other paths read-only.",
  remediation: "Mount a dedicated directory, with readOnly: true.",
  reference: kubernetesDocs("Volumes, hostPath", "concepts/storage/volumes/#hostpath"),
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "Node agents need some paths, so their namespaces have the level privileged. They do not need whole system directories, and seldom need to write. At the levels baseline and restricted the Pod Security Standards forbid hostPath, and this rule reports nothing.",
  level: "advisory",
  severity: "medium",
  options: standardOptions,
  check(pod, run, resource) {
    if (levelFor(resource, run.config) !== "privileged") return;
    for (const volume of pod.spec.get("volumes").list()) {
      const at = volume.get("hostPath", "path");
      const name = volume.get("name").text();
      if (isOfSystem(at.text())) {
        run.violation(at, {
          expected: "a directory outside of the system's own",
          fix: "Mount another directory.",
        });
        continue;
      }
      if (!volume.get("hostPath").isPresent || at.isUnknown || name === undefined) continue;
      for (const mount of pod.containers.flatMap((one) => one.get("volumeMounts").list())) {
        if (mount.get("name").text() === name && !isReadOnly(mount.get("readOnly")))
          run.violation(mount.get("readOnly"), { expected: "true", fix: "Set it to true." });
      }
    }
  },
});

function isReadOnly(value: Value): boolean {
  return value.isUnknown || value.boolean() === true;
}

function isOfSystem(given: string | undefined): boolean {
  if (given === undefined) return false;
  const plain = path.posix.normalize(`/${given}`).replace(/(.)\/$/, "$1");
  // A parent directory of one is worse.
  return system.some((one) => one === plain || one.startsWith(plain === "/" ? plain : `${plain}/`));
}
