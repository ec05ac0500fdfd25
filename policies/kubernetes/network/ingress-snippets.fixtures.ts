import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object(
          "networking.k8s.io/v1",
          "Ingress",
          {},
          { annotations: { "nginx.ingress.kubernetes.io/configuration-snippet": "deny all;" } },
        ),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object(
          "networking.k8s.io/v1",
          "Ingress",
          {},
          { annotations: { "nginx.ingress.kubernetes.io/rewrite-target": "/" } },
        ),
      ],
    },
  ],
};
