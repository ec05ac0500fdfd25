import { control } from "./standard";

const allowed = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export const restrictedVolumes = control({
  id: "restrictedVolumes",
  standard: "restricted",
  name: "pss-restricted-volumes",
  description: "Volumes come from Kubernetes' own objects, from claims, or are empty.",
  remediation: "Use a configMap, a secret, a projected volume, an emptyDir, a claim or a CSI volume.",
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "A volume type that names a server or a path of the node lets the pod's author mount what an administrator has not handed out.",
  severity: "high",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const sources = volume.entries().filter(([key]) => key !== "name");
      if (sources.some(([key]) => allowed.includes(key))) continue;
      // Without any source it is an emptyDir: that is what the API server makes of it.
      for (const [, source] of sources.filter(([, value]) => value.isPresent)) {
        run.violation(source, {
          expected: `one of ${allowed.join(", ")}`,
          fix: "Use emptyDir, or a persistentVolumeClaim where data must stay.",
          actual: "set",
        });
      }
    }
  },
});
