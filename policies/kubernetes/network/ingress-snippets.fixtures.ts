import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const annotated = (annotations: Record<string, string>) =>
  object("networking.k8s.io/v1", "Ingress", {}, { annotations });

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
    {
      about: "an address that ends the directive that it is written into",
      manifests: [
        annotated({ "nginx.ingress.kubernetes.io/auth-url": "http://login.example/#;\nload_module a" }),
      ],
      at: ['metadata.annotations["nginx.ingress.kubernetes.io/auth-url"]'],
    },
    {
      manifests: [
        annotated({
          "nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=a #(\n){}",
          "nginx.ingress.kubernetes.io/mirror-target": "https://a.example;",
        }),
      ],
      at: [
        'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-match-cn"]',
        'metadata.annotations["nginx.ingress.kubernetes.io/mirror-target"]',
      ],
    },
  ],
  passes: [
    {
      about: "who asks is asked by an address",
      manifests: [
        annotated({
          "nginx.ingress.kubernetes.io/auth-url": "https://login.example/auth?rd=$scheme://$host$request_uri",
          "nginx.ingress.kubernetes.io/auth-tls-match-cn": "CN=(shop|web)",
        }),
      ],
    },
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
