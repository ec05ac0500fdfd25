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
  description: "Volumes come from Kubernetes objects or from claims, or are empty.",
  remediation: "Use a configMap, a secret, a projected volume, an emptyDir, a claim or a CSI volume.",
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "With a volume type that names a server or a path of the node, the pod's author can mount data that no administrator has granted.",
  severity: "high",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const sources = volume.entries().filter(([key]) => key !== "name");
      if (sources.some(([key]) => allowed.includes(key))) continue;
      // The API server turns a volume without a source into an emptyDir.
      for (const [, source] of sources.filter(([, value]) => value.isPresent)) {
        run.violation(source, {
          expected: `one of ${allowed.join(", ")}`,
          fix: "Use emptyDir, or a persistentVolumeClaim for data that must outlive the pod.",
          actual: "set",
        });
      }
    }
  },
});
