import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment({}, { replicas: 2 })] },
    {
      manifests: [
        deployment({}, { replicas: 2 }),
        object("policy/v1", "PodDisruptionBudget", { spec: { selector: { matchLabels: { app: "other" } } } }),
      ],
    },
    {
      about: "the budget is in another namespace",
      manifests: [
        deployment({}, { replicas: 2 }),
        object(
          "policy/v1",
          "PodDisruptionBudget",
          { spec: { selector: { matchLabels: { app: "web" } } } },
          { namespace: "other" },
        ),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        deployment({}, { replicas: 2 }),
        object("policy/v1", "PodDisruptionBudget", {
          spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
        }),
      ],
    },
    { manifests: [deployment({}, { replicas: 1 })] },
    {
      about: "of what a Deployment makes itself",
      manifests: [{ ...deployment({}, { replicas: 2 }), kind: "ReplicaSet" }],
    },
  ],
};
