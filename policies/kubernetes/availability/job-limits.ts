import { resourceRule } from "../../core";

export const jobLimits = resourceRule({
  name: "job-limits",
  description: "Jobs end: cron jobs do not pile up, and finished jobs go away.",
  why: "A job that hangs blocks or multiplies for ever, and finished jobs fill the API server.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.is("batch/CronJob"),
  check(resource, run) {
    const policy = resource.spec.get("concurrencyPolicy");
    if (policy.isMissing || policy.text() === "Allow") {
      run.violation(policy, { expected: '"Forbid" or "Replace"', fix: "Set it to Forbid." });
    }
    const job = resource.spec.get("jobTemplate", "spec");
    const deadline = job.get("activeDeadlineSeconds");
    if (deadline.isMissing) run.violation(deadline, { expected: "a number of seconds", fix: "Set it." });
  },
});
