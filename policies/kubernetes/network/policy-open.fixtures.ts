import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

const policy = (...ingress: Record<string, unknown>[]) =>
  object("networking.k8s.io/v1", "NetworkPolicy", { spec: { ingress } });
const from = (...peers: Record<string, unknown>[]) => policy({ from: peers });
const block = (cidr: string, ...except: string[]) => ({
  ipBlock: { cidr, ...(except.length > 0 ? { except } : {}) },
});
const cidr = "spec.ingress[0].from[0].ipBlock.cidr";
const namespaces = "spec.ingress[0].from[0].namespaceSelector";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [policy({ ports: [{ port: 80 }] })] },
    { manifests: [from()] },
    { manifests: [from(block("0.0.0.0/0"))], at: [cidr] },
    { manifests: [from(block("::/0"))], at: [cidr] },
    {
      about: "two halves are the whole",
      manifests: [from(block("0.0.0.0/2"), block("64.0.0.0/2"), block("128.0.0.0/1"))],
    },
    {
      about: "in parts, none of which is much",
      manifests: [
        from(
          block("8.0.0.0/5"),
          block("16.0.0.0/4"),
          block("32.0.0.0/4"),
          block("48.0.0.0/4"),
          block("64.0.0.0/4"),
        ),
      ],
      at: ["spec.ingress[0].from"],
    },
    {
      about: "in parts, in rules of their own",
      manifests: [
        policy(
          { from: [block("16.0.0.0/4")] },
          { from: [block("32.0.0.0/4")] },
          { from: [block("48.0.0.0/4")] },
          { from: [block("64.0.0.0/4")] },
        ),
      ],
      at: ["spec.ingress"],
    },
    {
      about: "everything but private networks",
      manifests: [from(block("0.0.0.0/0", "10.0.0.0/8", "192.168.0.0/16"))],
      at: [cidr],
    },
    {
      about: "all addresses of the internet that there are",
      manifests: [from(block("2000::/3"))],
      at: [cidr],
    },
    { about: "every pod of every namespace", manifests: [from({ namespaceSelector: {} })], at: [namespaces] },
    { manifests: [from({ namespaceSelector: {}, podSelector: {} })], at: [namespaces] },
    {
      about: "a label that all namespaces have",
      manifests: [
        from({
          namespaceSelector: {
            matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "Exists" }],
          },
        }),
      ],
      at: [namespaces],
    },
  ],
  passes: [
    { manifests: [from({ podSelector: { matchLabels: { app: "shop" } } })] },
    { about: "pods of its own namespace", manifests: [from({ podSelector: {} })] },
    { manifests: [from({ namespaceSelector: {}, podSelector: { matchLabels: { app: "shop" } } })] },
    { manifests: [from({ namespaceSelector: { matchLabels: { team: "shop" } } })] },
    {
      manifests: [
        from({
          namespaceSelector: { matchExpressions: [{ key: "team", operator: "In", values: ["shop"] }] },
        }),
      ],
    },
    {
      about: "private networks",
      manifests: [from(block("10.0.0.0/8"), block("fd00::/8"), block("192.168.0.0/16"))],
    },
    { manifests: [from(block("198.51.100.0/24"), block("2001:db8::/32"))] },
    {
      about: "of which nothing of the internet is left",
      manifests: [from(block("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"))],
    },
    { manifests: [policy()] },
  ],
};
