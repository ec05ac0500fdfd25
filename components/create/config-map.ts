import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../names";

/** A ConfigMap whose name contains a hash of its content. */
interface NamedByContent {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  immutable: boolean;
  data: Record<string, string>;
}

/**
 * New content makes a new resource instead of a replacement. An engine deletes replaced resources only after
 * the whole update has succeeded, and until then their names are taken. So if a change fails and is reverted,
 * the ConfigMap that pods use still exists and still belongs to the program.
 */
export function createConfigMap(
  name: string,
  args: NamedByContent,
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  const aliases = [{ name }];
  return new k8s.core.v1.ConfigMap(`${name}-${contentHash(args.data)}`, args, { ...options, aliases });
}
