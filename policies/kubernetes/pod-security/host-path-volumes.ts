import { control } from "./standard";

export const hostPathVolumes = control({
  id: "hostPathVolumes",
  standard: "baseline",
  replacedSince: 0,
  name: "pss-host-path-volumes",
  description: "Pods do not mount paths of their node.",
  remediation:
    "Use emptyDir for temporary data, and a persistentVolumeClaim for data that must outlive the pod.",
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "A path of the node may contain data of other pods and credentials of the kubelet. Files there exist on one node only, and are lost with it.",
  severity: "high",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const hostPath = volume.get("hostPath");
      if (!hostPath.isPresent) continue;
      run.violation(hostPath, {
        expected: "another kind of volume",
        fix: "Use emptyDir, or a persistentVolumeClaim for data that must outlive the pod.",
      });
    }
  },
});
