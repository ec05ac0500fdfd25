import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { clusterNamespace, limitRange, resourceQuota } from "../kubernetes/namespace";
import { child, type Creation } from "./context";

/** The namespace, if it is ours, and what belongs to it. Everything else waits for these. */
export function createNamespace(creation: Creation): pulumi.Resource[] {
  const { model } = creation;
  const { name, namespace } = model;
  if (!namespace.create) return [];
  const created = new k8s.core.v1.Namespace(`${name}-namespace`, clusterNamespace(model), {
    ...child(creation),
    protect: namespace.protect,
  });
  const { quota, limitRange: limits } = namespace;
  return [
    created,
    ...(quota
      ? [
          new k8s.core.v1.ResourceQuota(
            `${name}-quota`,
            resourceQuota(model, quota),
            child(creation, [created]),
          ),
        ]
      : []),
    ...(limits
      ? [new k8s.core.v1.LimitRange(`${name}-limits`, limitRange(model, limits), child(creation, [created]))]
      : []),
  ];
}
