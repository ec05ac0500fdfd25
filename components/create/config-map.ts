import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../names";

/** A ConfigMap that is named by its content. */
interface NamedByContent {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  immutable: boolean;
  data: Record<string, string>;
}

/**
 * A ConfigMap with another content is another resource, and not one that replaces it: an engine deletes what it has replaced when a whole update has succeeded, and
 * until then nothing else could have that name. So the one that pods run with is still there, and still the program's, when a change has failed and is taken back.
 */
export function createConfigMap(
  name: string,
  args: NamedByContent,
  options: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
  const aliases = [{ name }];
  return new k8s.core.v1.ConfigMap(`${name}-${contentHash(args.data)}`, args, { ...options, aliases });
}
