import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const secured = (hosts: string[] | undefined, names: string[]) =>
  object("networking.k8s.io/v1", "Ingress", {
    spec: { tls: [{ hosts, secretName: "shop" }], rules: names.map((host) => ({ host })) },
  });

export const fixtures: Fixtures = {
  fails: [
    {
      about: "a host that tls does not name",
      manifests: [secured(["shop.example"], ["shop.example", "api.example"])],
      at: ["spec.rules[1].host"],
    },
    {
      about: "the certificate is for one part of a name",
      manifests: [secured(["*.example"], ["a.b.example", "example"])],
      at: ["spec.rules[0].host", "spec.rules[1].host"],
    },
    {
      manifests: [object("networking.k8s.io/v1", "Ingress", { spec: { rules: [{ host: "shop.example" }] } })],
    },
  ],
  passes: [
    {
      manifests: [
        secured(["shop.example", "*.shop.example"], ["shop.example", "www.shop.example", "SHOP.example"]),
      ],
    },
    {
      about: "an entry of tls that names no host is for all",
      manifests: [secured(undefined, ["shop.example"])],
    },
    {
      manifests: [
        object("networking.k8s.io/v1", "Ingress", {
          spec: { tls: [{ hosts: ["shop.example"], secretName: "shop" }] },
        }),
      ],
    },
    {
      about: "one entry of several is for all",
      manifests: [
        object("networking.k8s.io/v1", "Ingress", {
          spec: {
            tls: [{ hosts: ["shop.example"] }, { secretName: "any" }],
            rules: [{ host: "api.example" }],
          },
        }),
      ],
    },
  ],
};
