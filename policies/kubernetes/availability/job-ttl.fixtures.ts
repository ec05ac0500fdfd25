import type { Fixtures } from "../../core/fixtures";
import { container, object } from "../manifests";

const job = (fields: object) =>
  object("batch/v1", "Job", {
    spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } }, ...fields },
  });

export const fixtures: Fixtures = {
  fails: [{ manifests: [job({})], at: ["spec.ttlSecondsAfterFinished"] }],
  passes: [
    { manifests: [job({ ttlSecondsAfterFinished: 3600 })] },
    { about: "at once", manifests: [job({ ttlSecondsAfterFinished: 0 })] },
    {
      about: "of a CronJob",
      manifests: [object("batch/v1", "CronJob", { spec: { jobTemplate: { spec: {} } } })],
    },
  ],
};
