import { control } from "./standard";

const handlers = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];

export const hostProbes = control({
  id: "hostProbesAndHostLifecycle",
  standard: "baseline",
  since: 34,
  name: "pss-host-probes",
  description: "Probes and lifecycle hooks ask the pod itself, not another host.",
  remediation: "Leave host out of probes and lifecycle hooks.",
  controls: { "nsa-cisa": ["pod-security"] },
  why: "The kubelet makes these requests, from the node's network: a host in them lets a pod's author send requests from there to anywhere.",
  severity: "medium",
  check(pod, run) {
    for (const container of pod.containers) {
      for (const handler of handlers) {
        for (const action of ["httpGet", "tcpSocket"]) {
          const host = container.get(...handler, action, "host");
          if (host.text() === undefined || host.text() === "") continue;
          run.violation(host, { expected: "nothing", fix: "Leave it out: the pod itself is asked." });
        }
      }
    }
  },
});
