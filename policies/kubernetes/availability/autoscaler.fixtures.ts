import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { minReplicas: 4, maxReplicas: 2 } }),
      ],
    },
    {
      about: "two for one target",
      manifests: [
        object(
          "autoscaling/v2",
          "HorizontalPodAutoscaler",
          { spec: { maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } } },
          { name: "a" },
        ),
        object(
          "autoscaling/v2",
          "HorizontalPodAutoscaler",
          { spec: { maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } } },
          { name: "b" },
        ),
      ],
    },
    {
      about: "a number that the autoscaler never allows",
      manifests: [
        deployment({}, { replicas: 8 }),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        deployment(),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
    },
  ],
};
