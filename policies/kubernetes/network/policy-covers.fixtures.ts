import type { Fixtures } from "../../core/fixtures";
import { deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment()] },
    {
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { podSelector: { matchLabels: { app: "other" } } },
        }),
      ],
    },
    {
      about: "one for egress says nothing of who may connect",
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ podSelector: {} }] }] },
        }),
      ],
    },
  ],
  passes: [
    {
      about: "for both",
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { podSelector: {}, policyTypes: ["Egress", "Ingress"] },
        }),
      ],
    },
    {
      about: "without types it is for ingress, too",
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { podSelector: {}, policyTypes: [], egress: [] },
        }),
      ],
    },
    {
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { podSelector: { matchLabels: { app: "web" } } },
        }),
      ],
    },
    {
      about: "an empty selector selects all",
      manifests: [
        deployment(),
        object("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {} } }),
      ],
    },
    {
      about: "Flink's operator labels the pods",
      manifests: [object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { image: "flink:2.2.1" } })],
    },
    { about: "in the node's network policies do not hold", manifests: [deployment({ hostNetwork: true })] },
  ],
};
