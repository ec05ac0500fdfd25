import { podRule, kubernetesDocs } from "../../core";

export const emptyDirSize = podRule({
  name: "empty-dir-size",
  description: "An emptyDir volume has a size limit.",
  remediation: "Write emptyDir.sizeLimit.",
  reference: kubernetesDocs("Volumes, emptyDir", "concepts/storage/volumes/#emptydir"),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "Without a limit the volume may fill the node's disk, or with medium Memory the memory of the pod.",
  level: "advisory",
  severity: "low",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const emptyDir = volume.get("emptyDir");
      const limit = emptyDir.get("sizeLimit");
      if (!emptyDir.isPresent || !limit.isMissing) continue;
      run.violation(limit, { expected: "a quantity", fix: "Set it, for example to 1Gi." });
    }
  },
});
