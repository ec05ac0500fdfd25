import { containerRule, kubernetesDocs, type Value } from "../../core";

const probes = ["startupProbe", "readinessProbe", "livenessProbe"];
const hooks = ["postStart", "preStop"];

export const probePorts = containerRule({
  name: "probe-ports",
  description: "A probe that names a port names one of its container.",
  remediation: "Write the name of a port of the same container, or its number.",
  reference: kubernetesDocs(
    "Define liveness, readiness and startup probes, use a named port",
    "tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
  ),
  why: "Kubernetes looks the name up among the ports of the container. Where there is none, every probe fails: the container is started again and again, or never gets a request.",
  level: "mandatory",
  severity: "medium",
  check(container, run, pod, resource) {
    // The container of a Flink custom resource gets ports that nobody writes, and a patch is not all of it.
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

/** Where probes and hooks of a container name a port. */
function portsAsked(container: Value): Value[] {
  const handlers = [
    ...probes.map((name) => container.get(name)),
    ...hooks.map((name) => container.get("lifecycle", name)),
  ];
  return handlers.flatMap((handler) => ["httpGet", "tcpSocket"].map((how) => handler.get(how, "port")));
}
