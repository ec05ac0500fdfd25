import { type Options, option, resourceRule, kubernetesDocs } from "../../core";
import { isWorkload, replicasOf } from "./workloads";

const options = {
  smallest: option<number>(2, "The smallest number of replicas.", { type: "integer", minimum: 1 }),
} satisfies Options;

export const replicas = resourceRule<typeof options>({
  name: "replicas",
  description: "Deployments and StatefulSets have replicas.",
  remediation: "Write at least the configured number of replicas.",
  reference: kubernetesDocs("Deployments", "concepts/workloads/controllers/deployment/"),
  why: "With one pod every drain of its node is an outage. The rule is off by default: a Flink JobManager, for example, recovers without a second pod.",
  level: "disabled",
  severity: "low",
  options,
  applies: isWorkload,
  check(resource, run) {
    const value = resource.spec.get("replicas");
    const count = replicasOf(resource);
    if (count === undefined || count === 0 || count >= run.config.smallest) return;
    if (value.isAbsent && !value.isMissing) return;
    run.violation(value, { expected: `${run.config.smallest} or more`, fix: "Raise it." });
  },
});
