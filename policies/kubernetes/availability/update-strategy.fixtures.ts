import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

const rolling = (maxUnavailable: unknown, replicas?: number) =>
  deployment({}, { replicas, strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable } } });

export const fixtures: Fixtures = {
  fails: [
    { manifests: [rolling(2, 2)] },
    { about: "the only pod", manifests: [rolling(1, 1)] },
    { manifests: [rolling("100%")] },
    {
      manifests: [
        object("apps/v1", "DaemonSet", {
          spec: { updateStrategy: { rollingUpdate: { maxUnavailable: "100%" } } },
        }),
      ],
    },
    { manifests: [deployment({}, { strategy: { type: "Recreate" } })], config: { recreate: false } },
  ],
  passes: [
    { manifests: [rolling(1, 2)] },
    { manifests: [rolling("25%", 1)] },
    { manifests: [rolling(0, 1)] },
    { about: "an autoscaler says how many there are", manifests: [rolling(1)] },
    { manifests: [deployment({}, { strategy: { type: "Recreate" } })] },
  ],
};
