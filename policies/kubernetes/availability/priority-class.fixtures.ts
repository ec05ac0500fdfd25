import type { Fixtures } from "../../core/fixtures";
import { object, pod } from "../manifests";

const named = (priorityClassName: string, metadata = {}) => pod({ priorityClassName }, metadata);
const priority = (globalDefault: boolean) =>
  object("scheduling.k8s.io/v1", "PriorityClass", { value: 1000, globalDefault }, { namespace: undefined });

export const fixtures: Fixtures = {
  fails: [
    { manifests: [named("system-cluster-critical")], at: ["spec.priorityClassName"] },
    { manifests: [named("system-node-critical")], at: ["spec.priorityClassName"] },
    { about: "for the whole cluster", manifests: [priority(true)], at: ["globalDefault"] },
    {
      about: "one that is not allowed",
      manifests: [named("high")],
      config: { allow: ["low"] },
      at: ["spec.priorityClassName"],
    },
    {
      about: "none at all",
      manifests: [pod({})],
      config: { required: true },
      at: ["spec.priorityClassName"],
    },
  ],
  passes: [
    { manifests: [named("shop-high")] },
    { about: "none is asked for", manifests: [pod({})] },
    { manifests: [priority(false)] },
    {
      about: "a part of Kubernetes",
      manifests: [named("system-node-critical", { namespace: "kube-system" })],
    },
    {
      manifests: [named("system-node-critical")],
      config: { allow: ["system-node-critical"], required: true },
    },
  ],
};
