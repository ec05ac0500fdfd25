import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: 0 } })] },
    { manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: "0%" } })] },
    { manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { minAvailable: "100%" } })] },
    {
      manifests: [
        deployment({}, { replicas: 2 }),
        object("policy/v1", "PodDisruptionBudget", {
          spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } },
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        deployment({}, { replicas: 2 }),
        object("policy/v1", "PodDisruptionBudget", {
          spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
        }),
      ],
    },
    { manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: "25%" } })] },
  ],
};
