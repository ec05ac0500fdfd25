import { control } from "./standard";

export const hostNamespaces = control({
  id: "hostNamespaces",
  standard: "baseline",
  name: "pss-host-namespaces",
  description: "Pods do not share the network, processes or IPC of their node.",
  remediation: "Leave out hostNetwork, hostPID and hostIPC, and reach the pod through a Service.",
  controls: { cis: ["5.2.3", "5.2.4", "5.2.5"], "nsa-cisa": ["pod-security"] },
  why: "In the host's network a pod can reach the node's loopback interface and is not subject to NetworkPolicies. With the host's processes or IPC it can read the memory of other processes.",
  severity: "high",
  check(pod, run) {
    for (const field of ["hostNetwork", "hostPID", "hostIPC"]) {
      const value = pod.spec.get(field);
      if (value.boolean() === true) run.violation(value, { expected: "false", fix: "Leave it out." });
    }
  },
});
