import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("v1", "Service", { spec: { type: "LoadBalancer" } })] },
    {
      manifests: [
        object("v1", "Service", { spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["0.0.0.0/0"] } }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("v1", "Service", { spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"] } }),
      ],
    },
    {
      manifests: [
        object(
          "v1",
          "Service",
          { spec: { type: "LoadBalancer" } },
          {
            annotations: {
              "networking.gke.io/load-balancer-type": "Internal",
              "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
            },
          },
        ),
      ],
    },
    { manifests: [object("v1", "Service", { spec: { type: "ClusterIP" } })] },
  ],
};
