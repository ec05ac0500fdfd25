import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { clusterNamespace } from "../kubernetes/namespace";
import { child, type Creation } from "./context";

/** The namespace, if it is ours, and what belongs to it. Everything else waits for these. */
export function createNamespace(creation: Creation): pulumi.Resource[] {
  const { model } = creation;
  if (!model.namespace.create) return [];
  return [new k8s.core.v1.Namespace(`${model.name}-namespace`, clusterNamespace(model), child(creation))];
}
