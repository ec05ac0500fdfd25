import type { Fixtures } from "../../core/fixtures";
import { container, object } from "../manifests";

const job = (spec: Record<string, unknown>, fields = {}) =>
  object("batch/v1", "Job", {
    spec: { template: { spec: { containers: [container(fields)] } }, ...spec },
  });

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("batch/v1", "CronJob", { spec: { concurrencyPolicy: "Allow", jobTemplate: { spec: {} } } }),
      ],
    },
    { manifests: [job({})] },
  ],
  passes: [
    { manifests: [job({ activeDeadlineSeconds: 600 })] },
    { about: "it is looked after", manifests: [job({}, { livenessProbe: { tcpSocket: { port: 6123 } } })] },
    {
      manifests: [
        object("batch/v1", "CronJob", {
          spec: { concurrencyPolicy: "Forbid", jobTemplate: { spec: { activeDeadlineSeconds: 600 } } },
        }),
      ],
    },
  ],
};
