import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

const least = (minAvailable: number | string) =>
  object("policy/v1", "PodDisruptionBudget", {
    spec: { minAvailable, selector: { matchLabels: { app: "web" } } },
  });
const scaler = (minReplicas?: number) =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { minReplicas, maxReplicas: 8, scaleTargetRef: { kind: "Deployment", name: "web" } },
  });

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
    {
      about: "at the autoscaler's minimum",
      manifests: [deployment({}, { replicas: 4 }), scaler(2), least(2)],
    },
    { about: "a share is rounded up", manifests: [deployment({}, { replicas: 1 }), least("50%")] },
    { manifests: [deployment({}, { replicas: 3 }), least("67%")] },
    {
      about: "the autoscaler of another namespace scales something else",
      manifests: [
        deployment({}, { replicas: 2 }),
        { ...scaler(3), metadata: { name: "web", namespace: "other" } },
        least(2),
      ],
    },
    { about: "at the minimum that Kubernetes fills in", manifests: [deployment(), scaler(), least(1)] },
    {
      about: "of all workloads together",
      manifests: [
        deployment({}, { replicas: 2 }),
        { ...deployment({}, { replicas: 3 }), metadata: { name: "new", namespace: "shop" } },
        least(5),
      ],
    },
  ],
  passes: [
    { about: "of two pods half is one", manifests: [deployment({}, { replicas: 2 }), least("50%")] },
    { manifests: [deployment(), scaler(3), least(2)] },
    {
      manifests: [
        deployment({}, { replicas: 2 }),
        object("policy/v1", "PodDisruptionBudget", {
          spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
        }),
      ],
    },
    { manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: "25%" } })] },
    {
      about: "of all workloads together",
      manifests: [
        deployment({}, { replicas: 2 }),
        { ...deployment({}, { replicas: 3 }), metadata: { name: "new", namespace: "shop" } },
        least(4),
      ],
    },
    {
      about: "a hundredth is not 0",
      manifests: [object("policy/v1", "PodDisruptionBudget", { spec: { maxUnavailable: "1%" } })],
    },
    { about: "no pod of the stack is selected", manifests: [least(0)] },
  ],
};
