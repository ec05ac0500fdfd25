import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("networking.k8s.io/v1", "NetworkPolicy", { spec: { ingress: [{ ports: [{ port: 80 }] }] } }),
      ],
    },
    { manifests: [object("networking.k8s.io/v1", "NetworkPolicy", { spec: { ingress: [{ from: [] }] } })] },
    {
      manifests: [
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] },
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("networking.k8s.io/v1", "NetworkPolicy", {
          spec: { ingress: [{ from: [{ podSelector: { matchLabels: { app: "shop" } } }] }] },
        }),
      ],
    },
  ],
};
