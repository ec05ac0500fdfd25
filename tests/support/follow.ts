import { PassThrough } from "node:stream";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, type KubeConfig, Log } from "@kubernetes/client-node";

/** What pods print, from when a pod is first seen until it has gone: `kubectl logs` forgets a pod with its end. */
export interface Followed {
  lines: { pod: string; line: string; at: number }[];
  stop(): Promise<void>;
}

/** Follows all pods with these labels, those too that come later. */
export function followPods(config: KubeConfig, namespace: string, labels: Record<string, string>): Followed {
  const lines: Followed["lines"] = [];
  const core = config.makeApiClient(CoreV1Api);
  const log = new Log(config);
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const following = new Map<string, AbortController>();
  let stopped = false;
  const follow = async (pod: string, container: string, uid: string) => {
    const stream = new PassThrough();
    createInterface({ input: stream }).on("line", (line) => lines.push({ pod, line, at: Date.now() }));
    try {
      following.set(uid, await log.log(namespace, pod, container, stream, { follow: true }));
    } catch {
      following.delete(uid); // not started yet: tried again
    }
  };
  const watching = (async () => {
    while (!stopped) {
      const { items } = await core
        .listNamespacedPod({ namespace, labelSelector })
        .catch(() => ({ items: [] }));
      for (const { metadata, status, spec } of items) {
        if (following.has(metadata!.uid!) || status?.phase !== "Running") continue;
        following.set(metadata!.uid!, new AbortController());
        await follow(metadata!.name!, spec!.containers[0]!.name, metadata!.uid!);
      }
      await sleep(200);
    }
  })();
  return {
    lines,
    async stop() {
      stopped = true;
      await watching;
      for (const controller of following.values()) controller.abort();
    },
  };
}
