import { type Options, option, resourceRule, kubernetesDocs } from "../../core";

const options = {
  recreate: option<boolean>(
    true,
    "Whether a Deployment may use Recreate, which stops all pods before the new ones start. Some programs must: a JobManager of Flink that carries a job.",
    { type: "boolean" },
  ),
} satisfies Options;

export const updateStrategy = resourceRule<typeof options>({
  name: "update-strategy",
  description: "An update leaves pods running.",
  remediation: "Use RollingUpdate, and let fewer pods be unavailable than there are.",
  reference: kubernetesDocs("Deployments, strategy", "concepts/workloads/controllers/deployment/#strategy"),
  why: "With maxUnavailable as high as the number of pods every update stops all of them first: an outage for as long as the new ones take to start, and for ever when they do not.",
  level: "advisory",
  severity: "medium",
  options,
  applies: (resource) => resource.is("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"),
  check(resource, run) {
    const strategy = resource.spec.get(resource.is("apps/Deployment") ? "strategy" : "updateStrategy");
    const type = strategy.get("type");
    if (type.text() === "Recreate" && !run.config.recreate) {
      run.violation(type, { expected: "RollingUpdate", fix: "Leave it out." });
    }
    const most = strategy.get("rollingUpdate", "maxUnavailable");
    const count = resource.spec.get("replicas").number();
    const pods = most.number();
    if (most.text() === "100%") {
      run.violation(most, { expected: "less than all", fix: "Leave it out, or write 1." });
    } else if (pods !== undefined && pods > 0 && count !== undefined && count > 0 && pods >= count) {
      run.violation(most, {
        expected: `less than the ${count} pod(s) that there are`,
        fix: "Leave it out, or write 0 with a maxSurge of 1.",
      });
    }
  },
});
