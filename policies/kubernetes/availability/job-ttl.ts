import { kubernetesDocs, resourceRule } from "../../core";

export const jobTtl = resourceRule({
  name: "job-ttl",
  description: "A Job is removed some time after it has ended.",
  remediation: "Write ttlSecondsAfterFinished.",
  reference: kubernetesDocs(
    "Automatic Cleanup for Finished Jobs",
    "concepts/workloads/controllers/ttlafterfinished/",
  ),
  why: "Jobs that have ended stay with their pods until somebody removes them. It is off by default, since a Job of a Pulumi stack should stay: after a refresh the next update makes one that is gone anew, and it runs again. Those of a CronJob are removed by its history limits.",
  level: "disabled",
  severity: "low",
  applies: (resource) => resource.is("batch/Job"),
  check(resource, run) {
    const seconds = resource.spec.get("ttlSecondsAfterFinished");
    if (seconds.isMissing) run.violation(seconds, { expected: "a number of seconds", fix: "Write it." });
  },
});
