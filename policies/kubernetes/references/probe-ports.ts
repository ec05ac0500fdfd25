import { containerRule, kubernetesDocs, type Value } from "../../core";

const probes = ["startupProbe", "readinessProbe", "livenessProbe"];
const hooks = ["postStart", "preStop"];

export const probePorts = containerRule({
  name: "probe-ports",
  description: "A named port of a probe is a port of its container.",
  remediation: "Write the name of a port of the same container, or its number.",
  reference: kubernetesDocs(
    "Define liveness, readiness and startup probes, use a named port",
    "tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
  ),
  why: "Kubernetes looks the name up in the ports of the container. If it is missing, every probe fails: the container restarts again and again, or never gets a request.",
  level: "mandatory",
  severity: "medium",
  check(container, run, pod, resource) {
    // Flink adds ports to the containers of its custom resources, and a patch is only a part of a pod.
    if (resource.isPatch || pod.role !== undefined) return;
    const ports = container.get("ports");
    const names = ports.list().map((port) => port.get("name"));
    for (const port of portsAsked(container.get())) {
      const name = port.text();
      if (name === undefined || /^\d+$/.test(name)) continue;
      if ([ports, ...names].some((value) => value.isUnknown)) continue;
      if (names.some((own) => own.text() === name)) continue;
      const known = names.flatMap((own) => own.text() ?? []);
      run.violation(port, {
        expected: `the name of a port of this container${known.length > 0 ? `: ${known.join(", ")}` : ", which has none"}`,
        fix: "Correct it, or write the number.",
      });
    }
  },
});

/** Ports in the probes and hooks of a container. */
function portsAsked(container: Value): Value[] {
  const handlers = [
    ...probes.map((name) => container.get(name)),
    ...hooks.map((name) => container.get("lifecycle", name)),
  ];
  return handlers.flatMap((handler) => ["httpGet", "tcpSocket"].map((how) => handler.get(how, "port")));
}
