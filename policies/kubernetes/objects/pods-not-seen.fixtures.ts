import type { Fixtures } from "../../core/fixtures";
import { container, object } from "../manifests";

const template = { spec: { containers: [container()] } };

export const fixtures: Fixtures = {
  fails: [
    {
      about: "what Helm makes of it is not seen",
      manifests: [object("helm.sh/v3", "Release", { chart: "web", version: "1.4.2" })],
      at: ["chart"],
    },
    {
      about: "a kind that is not known",
      manifests: [object("example.com/v1", "Fleet", { spec: { groups: [{ template }] } })],
      at: ["spec.groups[0].template.spec.containers"],
    },
    {
      about: "without a template of pods",
      manifests: [
        object("argoproj.io/v1alpha1", "Workflow", {
          spec: { templates: [{ name: "a", container: container() }] },
        }),
      ],
      at: ["spec.templates[0].container"],
    },
  ],
  passes: [
    {
      about: "a kind that is known",
      manifests: [object("argoproj.io/v1alpha1", "Rollout", { spec: { template } })],
    },
    {
      about: "a kind without pods",
      manifests: [
        object("cert-manager.io/v1", "Certificate", {
          spec: { secretName: "web", dnsNames: ["web.example"] },
        }),
      ],
    },
    {
      about: "of Flink's operator",
      manifests: [object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { podTemplate: template } })],
    },
  ],
};
