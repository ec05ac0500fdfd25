import { control } from "./standard";

export const hostPathVolumes = control({
  id: "hostPathVolumes",
  standard: "baseline",
  replacedSince: 0,
  name: "pss-host-path-volumes",
  description: "Pods mount no path of their node.",
  remediation: "Use emptyDir for what may go with the pod, and a persistentVolumeClaim for what must stay.",
  controls: { cis: ["5.2.12"], "nsa-cisa": ["pod-security"] },
  why: "A path of the node shows other pods' data and credentials of the kubelet, and what is written there stays on one node and is gone with it.",
  severity: "high",
  check(pod, run) {
    for (const volume of pod.spec.get("volumes").list()) {
      const hostPath = volume.get("hostPath");
      if (!hostPath.isPresent) continue;
      run.violation(hostPath, {
        expected: "another kind of volume",
        fix: "Use emptyDir, or a persistentVolumeClaim where data must stay.",
      });
    }
  },
});
