import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

interface Place {
  host?: string;
  path?: string;
  pathType?: string;
}

const ingress = (name: string, place: Place, spec = {}, annotations?: object) =>
  object(
    "networking.k8s.io/v1",
    "Ingress",
    {
      spec: {
        rules: [
          {
            host: place.host ?? "shop.example",
            http: {
              paths: [
                {
                  path: place.path,
                  pathType: place.pathType ?? "Prefix",
                  backend: { service: { name: "web", port: { number: 80 } } },
                },
              ],
            },
          },
        ],
        ...spec,
      },
    },
    { name, annotations },
  );

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [ingress("a", { path: "/cart" }), ingress("b", { path: "/cart" })],
      at: ["spec.rules[0].http.paths[0].path"],
    },
    {
      about: "hosts are the same in capitals, and no path is all",
      manifests: [ingress("a", { path: "/" }), ingress("b", { host: "SHOP.example" })],
      at: ["spec.rules[0].http.paths[0].path"],
    },
  ],
  passes: [
    { manifests: [ingress("a", { path: "/cart" }), ingress("b", { path: "/pay" })] },
    { about: "of another host", manifests: [ingress("a", {}), ingress("b", { host: "api.example" })] },
    {
      about: "exactly this, and all below it",
      manifests: [ingress("a", { path: "/cart" }), ingress("b", { path: "/cart", pathType: "Exact" })],
    },
    {
      about: "for another controller",
      manifests: [ingress("a", {}), ingress("b", {}, { ingressClassName: "internal" })],
    },
    {
      about: "for another controller, by the annotation",
      manifests: [ingress("a", {}), ingress("b", {}, {}, { "kubernetes.io/ingress.class": "internal" })],
    },
    {
      about: "a part of the requests, to try a version",
      manifests: [ingress("a", {}), ingress("b", {}, {}, { "nginx.ingress.kubernetes.io/canary": "true" })],
    },
    { about: "a patch of it", manifests: [ingress("a", {}), { ...ingress("a", {}), kind: "IngressPatch" }] },
    {
      about: "a part that is merged into another object",
      manifests: ["master", "minion"].map((name) =>
        object(
          "networking.k8s.io/v1",
          "Ingress",
          { spec: { rules: [{ host: "shop.example", http: { paths: [{ path: "/" }] } }] } },
          { name, annotations: { "nginx.org/mergeable-ingress-type": name } },
        ),
      ),
    },
  ],
};
