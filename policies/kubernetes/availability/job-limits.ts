import { resourceRule, kubernetesDocs } from "../../core";

export const jobLimits = resourceRule({
  name: "job-limits",
  description: "Jobs have a deadline, and cron jobs do not pile up.",
  remediation: "Write activeDeadlineSeconds, and for a CronJob concurrencyPolicy: Forbid.",
  reference: kubernetesDocs(
    "Jobs, termination and cleanup",
    "concepts/workloads/controllers/job/#job-termination-and-cleanup",
  ),
  why: "A Job that hangs uses its node's memory for ever, and a CronJob that starts before the last run has ended multiplies its pods. A Job with a liveness probe does not need a deadline.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.is("batch/CronJob", "batch/Job"),
  check(resource, run) {
    const isCron = resource.is("batch/CronJob");
    const policy = resource.spec.get("concurrencyPolicy");
    if (isCron && (policy.isMissing || policy.text() === "Allow")) {
      run.violation(policy, { expected: '"Forbid" or "Replace"', fix: "Set it to Forbid." });
    }
    const job = isCron ? resource.spec.get("jobTemplate", "spec") : resource.spec;
    const deadline = job.get("activeDeadlineSeconds");
    const isWatched = resource.pods.some(({ spec, containers }) => {
      const hidden = [spec, spec.get("containers")].map((value) => value.isUnknown);
      const probes = containers.map((container) => container.get("livenessProbe").isAbsent);
      return hidden.includes(true) || probes.includes(false);
    });
    if (deadline.isMissing && !isWatched)
      run.violation(deadline, { expected: "a number of seconds", fix: "Set it." });
  },
});
