import { type Options, option, resourceRule, kubernetesDocs } from "../../core";

const options = {
  recreate: option<boolean>(
    true,
    "Whether a Deployment may use Recreate, which stops all pods before the new ones start. Some programs need it, such as a Flink JobManager in application mode.",
    { type: "boolean" },
  ),
} satisfies Options;

export const updateStrategy = resourceRule<typeof options>({
  name: "update-strategy",
  description: "An update keeps some pods running.",
  remediation: "Use RollingUpdate, with maxUnavailable below the number of pods.",
  reference: kubernetesDocs("Deployments, strategy", "concepts/workloads/controllers/deployment/#strategy"),
  why: "If maxUnavailable is as high as the number of pods, every update stops all of them first. The outage lasts until the new pods have started, or for ever if they do not start.",
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
      run.violation(most, { expected: "less than all pods", fix: "Leave it out, or write 1." });
    } else if (pods !== undefined && pods > 0 && count !== undefined && count > 0 && pods >= count) {
      run.violation(most, {
        expected: `less than the number of pods, ${count}`,
        fix: "Leave it out, or write 0 with a maxSurge of 1.",
      });
    }
  },
});
