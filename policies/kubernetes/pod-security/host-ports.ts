import { control } from "./standard";

export const hostPorts = control({
  id: "hostPorts",
  standard: "baseline",
  name: "pss-host-ports",
  description: "Containers do not use ports of their node.",
  remediation: "Leave hostPort out, and reach the container through a Service.",
  controls: { cis: ["5.2.13"], "nsa-cisa": ["pod-security"] },
  why: "Everybody who can reach the node can reach its port, without Services and NetworkPolicies. Only one pod on each node can have the port.",
  severity: "medium",
  check(pod, run) {
    for (const container of pod.containers) {
      for (const port of container.get("ports").list()) {
        const hostPort = port.get("hostPort");
        const number = hostPort.number();
        if (number === undefined || number === 0) continue;
        run.violation(hostPort, { expected: "0, or no value", fix: "Leave it out, and use a Service." });
      }
    }
  },
});
