import type { Fixtures } from "../../core/fixtures";
import { container, deployment, object } from "../manifests";

const web = deployment({ containers: [container({ ports: [{ name: "http", containerPort: 8080 }] })] });
const policy = (podSelector: object, port?: unknown) =>
  object("networking.k8s.io/v1", "NetworkPolicy", {
    spec: {
      podSelector,
      policyTypes: ["Ingress"],
      ingress: port === undefined ? [] : [{ ports: [{ port }] }],
    },
  });
const labels = (app: string) => ({ matchLabels: { app } });

export const fixtures: Fixtures = {
  fails: [
    { manifests: [web, policy(labels("wbe"))], at: ["spec.podSelector"] },
    { manifests: [web, policy(labels("web"), "htpp")], at: ["spec.ingress[0].ports[0].port"] },
    {
      about: "by one of two labels",
      manifests: [
        deployment({}, {}, { app: "web", tier: "frontend" }),
        policy({ matchLabels: { app: "web", tier: "fronted" } }),
      ],
      at: ["spec.podSelector"],
    },
  ],
  passes: [
    { manifests: [web, policy(labels("web"), "http")] },
    { about: "a number", manifests: [web, policy(labels("web"), 8443)] },
    { about: "a number as text", manifests: [web, policy(labels("web"), "8443")] },
    { about: "for pods to come, or of another stack", manifests: [web, policy(labels("worker"))] },
    {
      about: "numbered, and so another one",
      manifests: [deployment({}, {}, { app: "web1" }), policy(labels("web2"))],
    },
    {
      about: "of another namespace",
      manifests: [{ ...web, metadata: { name: "web", namespace: "other" } }, policy(labels("wbe"))],
    },
    {
      about: "a label more, which a pod to come may have",
      manifests: [web, policy({ matchLabels: { app: "web", tier: "front" } })],
    },
    {
      about: "by an expression, which may be for pods to come",
      manifests: [web, policy({ ...labels("wbe"), matchExpressions: [{ key: "app", operator: "Exists" }] })],
    },
    { about: "for all pods, also for those to come", manifests: [policy({})] },
    {
      about: "a patch: the rest is in the object",
      manifests: [web, { ...policy(labels("wbe")), kind: "NetworkPolicyPatch" }],
    },
  ],
};
