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
  description: "Probes and lifecycle hooks connect to the pod itself, not to another host.",
  remediation: "Leave host out of probes and lifecycle hooks.",
  controls: { "nsa-cisa": ["pod-security"] },
  why: "The kubelet sends these requests from the node's network. With a host in them, a pod's author can send requests from there to any address.",
  severity: "medium",
  check(pod, run) {
    for (const container of pod.containers) {
      for (const handler of handlers) {
        for (const action of ["httpGet", "tcpSocket"]) {
          const host = container.get(...handler, action, "host");
          if (host.text() === undefined || host.text() === "") continue;
          run.violation(host, { expected: "no host", fix: "Leave it out: the default is the pod itself." });
        }
      }
    }
  },
});
