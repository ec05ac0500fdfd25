import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("networking.k8s.io/v1", "Ingress", { spec: { rules: [{ host: "*.example" }] } })] },
    {
      manifests: [object("networking.k8s.io/v1", "Ingress", { spec: { rules: [{ http: { paths: [] } }] } })],
    },
  ],
  passes: [
    {
      manifests: [object("networking.k8s.io/v1", "Ingress", { spec: { rules: [{ host: "shop.example" }] } })],
    },
  ],
};
