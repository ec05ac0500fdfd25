import type { Fixtures } from "../../core/fixtures";
import { deployment } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment({}, { replicas: 3 })] }],
  passes: [
    {
      manifests: [
        deployment(
          {
            topologySpreadConstraints: [
              { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
            ],
          },
          { replicas: 3 },
        ),
      ],
    },
    { manifests: [deployment({}, { replicas: 1 })] },
    {
      about: "by what keeps pods apart",
      manifests: [deployment({ affinity: { podAntiAffinity: {} } }, { replicas: 3 })],
    },
  ],
};
