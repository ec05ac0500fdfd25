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
  ],
  passes: [
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
  ],
};
