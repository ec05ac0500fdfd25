import type { StackSettings } from "../cli/stack";

/** The configuration for the engine, which reads encrypted values from the stack's own file. */
export function engineConfig({ config, secretConfigKeys }: StackSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !secretConfigKeys.includes(key)));
}

/** A stack's cluster, for the commands before the program runs. The program itself checks everything. */
export interface StackCluster {
  name: string;
  namespace: string;
  flinkVersion: string;
  image: string | undefined;
}

/** Reads the cluster of a checked stack. */
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

/** The registry of images that are built for the local node. Other clusters cannot pull them. */
const LOCAL_REGISTRY = "flink-kubernetes.local/";

export function usesLocalImage(settings: StackSettings): boolean {
  return Object.values(settings.config).some((value) => value.includes(LOCAL_REGISTRY));
}

/**
 * The same stack with the tag of the image that was just built. The tag depends on the content, so a changed
 * jar restarts the pods that run it.
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
