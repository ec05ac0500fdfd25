import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("batch/v1", "CronJob", { spec: { concurrencyPolicy: "Allow", jobTemplate: { spec: {} } } }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("batch/v1", "CronJob", {
          spec: { concurrencyPolicy: "Forbid", jobTemplate: { spec: { activeDeadlineSeconds: 600 } } },
        }),
      ],
    },
  ],
};
