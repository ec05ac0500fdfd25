import type { StackSettings } from "../cli/stack";

/** The configuration for the engine, which reads what is encrypted from the stack's own file. */
export function engineConfig({ config, secretConfigKeys }: StackSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !secretConfigKeys.includes(key)));
}

/** What the commands need to know of a stack's cluster before the program runs; the program itself checks everything. */
export interface StackCluster {
  name: string;
  namespace: string;
  flinkVersion: string;
  image: string | undefined;
}

/** Reads the cluster of a stack that has been checked. */
export function clusterOf(settings: StackSettings): StackCluster {
  const cluster = JSON.parse(settings.config[`${settings.project}:cluster`] ?? "{}") as {
    name: string;
    namespace?: { name?: string };
    flinkVersion: string;
    image?: string;
  };
  return {
    name: cluster.name,
    namespace: cluster.namespace?.name ?? cluster.name,
    flinkVersion: cluster.flinkVersion,
    image: cluster.image,
  };
}

/** Images of this registry are built by the local node; no other cluster can pull them. */
const LOCAL_REGISTRY = "flink-kubernetes.local/";

export function usesLocalImage(settings: StackSettings): boolean {
  return Object.values(settings.config).some((value) => value.includes(LOCAL_REGISTRY));
}

/**
 * The same stack with the tag of a local image replaced by that of the image just built, which changes with its content: a
 * changed jar then restarts what runs it.
 */
export function withBuiltImage(settings: StackSettings, ref: string): StackSettings {
  const repository = ref.slice(0, ref.lastIndexOf(":"));
  const config = Object.fromEntries(
    Object.entries(settings.config).map(([key, value]) => [
      key,
      value.replaceAll(new RegExp(`${repository.replaceAll(".", "\\.")}:[\\w.-]+`, "g"), ref),
    ]),
  );
  return { ...settings, config };
}
