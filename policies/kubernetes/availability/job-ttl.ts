import { kubernetesDocs, resourceRule } from "../../core";

export const jobTtl = resourceRule({
  name: "job-ttl",
  description: "A Job is removed some time after it has ended.",
  remediation: "Write ttlSecondsAfterFinished.",
  reference: kubernetesDocs(
    "Automatic Cleanup for Finished Jobs",
    "concepts/workloads/controllers/ttlafterfinished/",
  ),
  why: "Finished Jobs and their pods stay until somebody removes them. The rule is off by default, because a Job of a Pulumi stack should stay: after a refresh, the next update creates a missing Job again, and it runs again. The history limits of a CronJob remove its Jobs.",
  level: "disabled",
  severity: "low",
  applies: (resource) => resource.is("batch/Job"),
  check(resource, run) {
    const seconds = resource.spec.get("ttlSecondsAfterFinished");
    if (seconds.isMissing) run.violation(seconds, { expected: "a number of seconds", fix: "Write it." });
  },
});
