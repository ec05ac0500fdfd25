import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const service = (fields = {}, metadata = {}) =>
  object("v1", "Service", { spec: { ports: [{ name: "http", port: 80 }], ...fields } }, metadata);
const ingress = (port: unknown, name = "web") =>
  object("networking.k8s.io/v1", "Ingress", {
    spec: {
      rules: [
        { host: "shop.example", http: { paths: [{ path: "/", backend: { service: { name, port } } }] } },
      ],
    },
  });

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [service(), ingress({ number: 8080 })],
      at: ["spec.rules[0].http.paths[0].backend.service.port.number"],
    },
    {
      manifests: [service(), ingress({ name: "htpp" })],
      at: ["spec.rules[0].http.paths[0].backend.service.port.name"],
    },
    {
      about: "the backend for all other requests",
      manifests: [
        service(),
        object("networking.k8s.io/v1", "Ingress", {
          spec: { defaultBackend: { service: { name: "web", port: { number: 81 } } } },
        }),
      ],
      at: ["spec.defaultBackend.service.port.number"],
    },
    {
      about: "as it was written before",
      manifests: [
        service(),
        object("extensions/v1beta1", "Ingress", {
          spec: {
            backend: { serviceName: "web", servicePort: 81 },
            rules: [{ http: { paths: [{ backend: { serviceName: "web", servicePort: "htpp" } }] } }],
          },
        }),
      ],
      at: ["spec.backend.servicePort", "spec.rules[0].http.paths[0].backend.servicePort"],
    },
  ],
  passes: [
    { manifests: [service(), ingress({ number: 80 })] },
    { manifests: [service(), ingress({ name: "http" })] },
    {
      about: "of another stack, or there already",
      manifests: [service(), ingress({ number: 8080 }, "other")],
    },
    {
      about: "in another namespace",
      manifests: [service({}, { namespace: "other" }), ingress({ number: 8080 })],
    },
    { about: "which an annotation describes", manifests: [service(), ingress({ name: "use-annotation" })] },
    {
      about: "a patch: the other ports are in the object",
      manifests: [{ ...service(), kind: "ServicePatch" }, ingress({ number: 8080 })],
    },
  ],
};
