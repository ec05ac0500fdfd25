import {
  containerRule,
  type Options,
  option,
  otherKindsWithPods,
  podBearingKinds,
  kubernetesDocs,
} from "../../core";

const options = {
  liveness: option<boolean>(false, "Whether to require a liveness probe too.", { type: "boolean" }),
  allow: option<string[]>([], "Names of containers that need no probes.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

/** Nothing waits for a program that runs to its end. */
const longRunning = [...podBearingKinds, ...otherKindsWithPods].filter(
  (kind) => !/Job$|\/Pod$|\/PodTemplate$/.test(kind),
);

export const probes = containerRule<typeof options>({
  name: "probes",
  description: "Containers with ports have readiness probes.",
  remediation: "Add a readinessProbe.",
  reference: kubernetesDocs(
    "Liveness, Readiness, and Startup Probes",
    "concepts/configuration/liveness-readiness-startup-probes/",
  ),
  why: "Without a readiness probe a Service sends requests to a program that is still starting, and a rolling update continues before the new pods work.",
  level: "advisory",
  severity: "low",
  options,
  check(container, run, _pod, resource) {
    if (container.type !== "main" || !resource.is(...longRunning)) return;
    if (run.config.allow.includes(container.name ?? "")) return;
    const ports = container.get("ports");
    if (ports.isUnknown || ports.list().length === 0) return;
    for (const probe of run.config.liveness ? ["readinessProbe", "livenessProbe"] : ["readinessProbe"]) {
      const value = container.get(probe);
      if (value.isMissing) run.violation(value, { expected: "a probe", fix: "Add one." });
    }
  },
});
