import { setTimeout as sleep } from "node:timers/promises";
import { BatchV1Api, CoreV1Api, KubeConfig, type V1Pod, VersionApi } from "@kubernetes/client-node";
import { UserError } from "../recorder/errors";

/** A Flink cluster on a Kubernetes cluster. */
export interface FlinkPods {
  kubeconfig?: string;
  context?: string;
  namespace: string;
  cluster: string;
}

type Target = Pick<FlinkPods, "kubeconfig" | "context">;

function loadConfig({ kubeconfig, context }: Target): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) config.loadFromFile(kubeconfig);
  else config.loadFromDefault();
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.getContexts().map((each) => each.name);
      throw new UserError(`There is no context "${context}" in the kubeconfig.`, [
        known.length > 0
          ? `Use one of: ${known.join(", ")}`
          : "The kubeconfig has no contexts; set KUBECONFIG.",
      ]);
    }
    config.setCurrentContext(context);
  }
  return config;
}

/** Fails with a clear message if the cluster does not answer within ten seconds. */
export async function reachable(target: Target, signal: AbortSignal): Promise<void> {
  const config = loadConfig(target);
  const server = config.getCurrentCluster()?.server ?? "no server";
  const late = sleep(10_000, undefined, { signal, ref: false }).then(() => {
    throw new Error("no answer within 10 s");
  });
  try {
    await Promise.race([config.makeApiClient(VersionApi).getCode(), late]);
  } catch (error) {
    signal.throwIfAborted();
    throw new UserError(
      `The cluster of context "${config.getCurrentContext()}" (${server}) does not answer: ${(error as Error).message}`,
      ["Check that it runs and that this machine reaches it: kubectl --context NAME version"],
    );
  }
}

/** Address of the REST Service, which this machine can open on the local node. */
export async function findRestAddress(pods: FlinkPods): Promise<string> {
  const api = loadConfig(pods).makeApiClient(CoreV1Api);
  const service = await api.readNamespacedService({
    namespace: pods.namespace,
    name: `${pods.cluster}-rest`,
  });
  return `${service.spec!.clusterIP!}:${service.spec!.ports![0]!.port}`;
}

export async function taskManagers(pods: FlinkPods): Promise<V1Pod[]> {
  const api = loadConfig(pods).makeApiClient(CoreV1Api);
  const selector = `app.kubernetes.io/instance=${pods.cluster},app.kubernetes.io/component=taskmanager`;
  return (await api.listNamespacedPod({ namespace: pods.namespace, labelSelector: selector })).items;
}

/**
 * Deletes the submission Jobs of a cluster whose pods are all new, such as after a crash of the node. Without
 * high availability its jobs are lost, and only a new submission Job brings them back.
 */
export async function forgetSubmissions(pods: FlinkPods, report: (line: string) => void): Promise<void> {
  report("The node was started again with its data: submitting the jobs anew.");
  const selector = `app.kubernetes.io/instance=${pods.cluster},app.kubernetes.io/component=submitter,flink-kubernetes/job`;
  await loadConfig(pods).makeApiClient(BatchV1Api).deleteCollectionNamespacedJob({
    namespace: pods.namespace,
    labelSelector: selector,
    propagationPolicy: "Foreground",
  });
}

/** The first `count` matching lines of any TaskManager, as they appear, for at most a minute. */
export async function firstLines(
  pods: FlinkPods,
  pattern: RegExp,
  count: number,
  signal: AbortSignal,
): Promise<string[]> {
  const api = loadConfig(pods).makeApiClient(CoreV1Api);
  const deadline = Date.now() + 60_000;
  let best: string[] = [];
  while (best.length < count && Date.now() < deadline) {
    for (const pod of await taskManagers(pods)) {
      const name = pod.metadata!.name!;
      if (pod.status?.phase !== "Running") continue;
      const log = await api.readNamespacedPodLog({ namespace: pods.namespace, name }).catch(() => "");
      const found = log.split("\n").filter((line) => pattern.test(line));
      if (found.length > best.length) best = found.slice(0, count);
    }
    await sleep(250, undefined, { signal });
  }
  if (best.length === 0) {
    throw new UserError("The job runs, but no TaskManager printed a line within a minute.", [
      `Look at their logs: kubectl logs -n ${pods.namespace} -l app.kubernetes.io/component=taskmanager`,
    ]);
  }
  return best;
}
