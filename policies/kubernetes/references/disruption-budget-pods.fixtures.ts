import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

const budget = (matchLabels: object, metadata = {}) =>
  object(
    "policy/v1",
    "PodDisruptionBudget",
    { spec: { maxUnavailable: 1, selector: { matchLabels } } },
    metadata,
  );

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment(), budget({ app: "wbe" })], at: ["spec.selector"] },
    {
      about: "two for the same pods",
      manifests: [
        deployment({}, {}, { app: "web", tier: "front" }),
        budget({ app: "web" }, { name: "a" }),
        budget({ tier: "front" }, { name: "b" }),
      ],
      at: ["spec.selector"],
    },
  ],
  passes: [
    { manifests: [deployment(), budget({ app: "web" })] },
    { about: "for pods to come, or of another stack", manifests: [deployment(), budget({ app: "worker" })] },
    {
      about: "two for different pods",
      manifests: [
        deployment(),
        budget({ app: "web" }, { name: "a" }),
        budget({ app: "other" }, { name: "b" }),
      ],
    },
    {
      about: "two in different namespaces",
      manifests: [
        deployment(),
        budget({ app: "web" }, { name: "a" }),
        budget({ app: "web" }, { name: "b", namespace: "other" }),
      ],
    },
    {
      about: "Flink gives its pods labels that nobody writes",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { podTemplate: {} } }),
        budget({ component: "taskmanager" }),
      ],
    },
    {
      about: "a patch",
      manifests: [deployment(), { ...budget({ app: "wbe" }), kind: "PodDisruptionBudgetPatch" }],
    },
  ],
};
