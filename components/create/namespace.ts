import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { clusterNamespace, limitRange, resourceQuota } from "../kubernetes/namespace";
import { child, type Creation } from "./context";

/** The created namespace, if any, and its own objects. Everything else depends on these. */
export function createNamespace(creation: Creation): pulumi.Resource[] {
  const { model } = creation;
  const { name, namespace } = model;
  if (!namespace.create) return [];
  const created = createOne(creation);
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

/**
 * A retained namespace may exist already, and the provider refuses to create an existing one. A
 * NamespacePatch applies to it. The aliases let `retain` change.
 */
function createOne(creation: Creation): pulumi.Resource {
  const { name, namespace } = creation.model;
  const own = { ...child(creation), protect: namespace.protect };
  const args = clusterNamespace(creation.model);
  if (!namespace.retain) {
    const aliases = [{ type: "kubernetes:core/v1:NamespacePatch" }];
    return new k8s.core.v1.Namespace(`${name}-namespace`, args, { ...own, aliases });
  }
  const aliases = [{ type: "kubernetes:core/v1:Namespace" }];
  return new k8s.core.v1.NamespacePatch(`${name}-namespace`, args, { ...own, aliases, retainOnDelete: true });
}
