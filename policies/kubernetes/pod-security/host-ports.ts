import { control } from "./standard";

export const hostPorts = control({
  id: "hostPorts",
  standard: "baseline",
  name: "pss-host-ports",
  description: "Containers take no port of their node.",
  remediation: "Leave hostPort out; reach the container by a Service.",
  controls: { cis: ["5.2.13"], "nsa-cisa": ["pod-security"] },
  why: "A port of the node is reachable by whoever reaches the node, past Services and NetworkPolicies, and only one pod a node can have it.",
  severity: "medium",
  check(pod, run) {
    for (const container of pod.containers) {
      for (const port of container.get("ports").list()) {
        const hostPort = port.get("hostPort");
        const number = hostPort.number();
        if (number === undefined || number === 0) continue;
        run.violation(hostPort, { expected: "0 or nothing", fix: "Leave it out, and use a Service." });
      }
    }
  },
});
