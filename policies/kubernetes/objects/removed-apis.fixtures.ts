import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("policy/v1beta1", "PodDisruptionBudget", {})] },
    { manifests: [object("extensions/v1beta1", "Ingress", {})], config: { kubernetes: "v1.22" } },
  ],
  passes: [
    { manifests: [object("policy/v1", "PodDisruptionBudget", {})] },
    {
      about: "still there in that version",
      manifests: [object("autoscaling/v2beta2", "HorizontalPodAutoscaler", {})],
      config: { kubernetes: "v1.25" },
    },
  ],
};
