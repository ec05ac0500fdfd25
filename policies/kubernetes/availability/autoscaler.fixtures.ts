import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

const target = (name: string) =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name } },
  });

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
    {
      about: "a target that is not there",
      manifests: [deployment(), target("wbe")],
      at: ["spec.scaleTargetRef.name"],
    },
    {
      about: "at least one, where nothing says how many",
      manifests: [object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { maxReplicas: 0 } })],
    },
    {
      about: "fewer than the autoscaler allows",
      manifests: [
        deployment({}, { replicas: 1 }),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
    },
    {
      about: "a target that is not there, beside several that are",
      manifests: [
        deployment(),
        { ...deployment(), metadata: { name: "api", namespace: "shop" } },
        target("wbe"),
      ],
      at: ["spec.scaleTargetRef.name"],
    },
  ],
  passes: [
    {
      about: "the workloads of the namespace are somebody else's",
      manifests: [{ ...deployment(), metadata: { name: "web", namespace: "other" } }, target("wbe")],
    },
    {
      about: "of a kind that nobody knows here",
      manifests: [
        deployment(),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { maxReplicas: 4, scaleTargetRef: { kind: "Fleet", name: "wbe" } },
        }),
      ],
    },
    {
      about: "which may come with a Helm release",
      manifests: [deployment(), target("wbe"), object("helm.sh/v3", "Release", { chart: "web" })],
    },
    {
      manifests: [
        deployment(),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { minReplicas: 2, maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
    },
    {
      about: "as many at most as at the least, and so many are there",
      manifests: [
        deployment({}, { replicas: 2 }),
        object("autoscaling/v2", "HorizontalPodAutoscaler", {
          spec: { minReplicas: 2, maxReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
    },
    {
      about: "one of those in the namespace has no name yet",
      manifests: [
        deployment(),
        { ...deployment(), metadata: { namespace: "shop", generateName: "w" } },
        target("wbe"),
      ],
    },
    {
      about: "one where nothing says how many",
      manifests: [object("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { maxReplicas: 1 } })],
    },
  ],
};
