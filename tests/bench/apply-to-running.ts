import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { execa } from "execa";
import type { BroughtUp } from "../../local/bring-up";
import { down, up } from "../../local/direct";
import { type Bench, type BenchContext, type Figure, ratioOfMedians } from "./bench";
import { referenceYaml, shape } from "./reference";

/** From applying a cluster of one TaskManager and its job to the first task in state RUNNING, three ways in one sitting. */
export const applyToRunning: Bench = {
  name: "apply-to-running",
  async run(ctx) {
    const local = await ctx.localNode();
    const yaml: number[] = [];
    const applied: number[] = [];
    const whole: number[] = [];
    for (let run = 1; run <= ctx.runs; run++) {
      // In turn, and each first every other time, so that a slower minute of the machine meets both.
      const direct = async (): Promise<void> => {
        const seconds = await engineless(ctx, local, run);
        applied.push(seconds.applied);
        whole.push(seconds.whole);
      };
      const reference = async (): Promise<void> => void yaml.push(await plainYaml(ctx, local, run));
      for (const each of run % 2 ? [reference, direct] : [direct, reference]) await each();
      ctx.say(
        `  run ${run}: plain YAML ${yaml.at(-1)!.toFixed(1)} s, engine-less ${applied.at(-1)!.toFixed(1)} s` +
          ` (${whole.at(-1)!.toFixed(1)} s with program and checks)`,
      );
    }
    const figures: Figure[] = [
      { name: "apply → RUNNING, plain YAML and Flink's scripts", unit: "s", values: yaml },
      { name: "apply → RUNNING, engine-less, from the first object", unit: "s", values: applied },
      ratioOfMedians("… against plain YAML", applied, yaml, 0.62),
      { name: "apply → RUNNING, engine-less, with program and checks", unit: "s", values: whole },
      ratioOfMedians("… against plain YAML", whole, yaml),
    ];
    return figures;
  },
};

async function plainYaml(ctx: BenchContext, local: BroughtUp, run: number): Promise<number> {
  const { node } = local;
  const namespace = `bench-yaml-${run}`;
  const kubectl = (args: string[], input?: string): Promise<unknown> =>
    execa(node.kubectl, args, { input, env: { KUBECONFIG: node.kubeconfig }, cancelSignal: ctx.signal });
  try {
    const start = performance.now();
    await kubectl(["apply", "-f", "-"], referenceYaml(namespace, local.exampleImage));
    return ((await firstTaskRunning(node.kubeconfig, namespace, ctx.signal)) - start) / 1000;
  } finally {
    await kubectl(["delete", "namespace", namespace, "--ignore-not-found", "--wait", "--timeout=120s"]);
  }
}

async function engineless(
  ctx: BenchContext,
  local: BroughtUp,
  run: number,
): Promise<{ applied: number; whole: number }> {
  const namespace = `bench-direct-${run}`;
  let phase: string | undefined;
  let firstObject: number | undefined;
  const options = {
    projectDir: ctx.projectDir,
    project: "flink-kubernetes",
    stack: `bench-${run}`,
    config: stackConfig(namespace, local.exampleImage),
    secretConfigKeys: [],
    kubeconfig: local.node.kubeconfig,
    signal: ctx.signal,
  };
  const ended = new AbortController();
  try {
    const start = performance.now();
    const running = firstTaskRunning(
      local.node.kubeconfig,
      namespace,
      AbortSignal.any([ctx.signal, ended.signal]),
    );
    running.catch(() => undefined); // awaited below; an up that fails says more
    await up({
      ...options,
      onEvent: (event) => {
        if (event.type === "phase") phase = event.phase;
        if (event.type === "resource" && phase === "apply" && !event.kind.includes(":"))
          firstObject ??= performance.now();
      },
    });
    const end = await running;
    return { applied: (end - firstObject!) / 1000, whole: (end - start) / 1000 };
  } finally {
    ended.abort();
    await down({ ...options, onEvent: () => undefined });
  }
}

/** A stack of the reference's shape. */
export function stackConfig(namespace: string, image: string): Record<string, string> {
  const { flinkVersion, jobManager, taskManager, jar, entryClass } = shape;
  const cluster = {
    name: "bench",
    namespace: { name: namespace },
    flinkVersion,
    image,
    jobManager,
    taskManager,
  };
  return {
    "flink-kubernetes:cluster": JSON.stringify(cluster),
    "flink-kubernetes:jobs": JSON.stringify([{ name: "hello-world", jar, entryClass }]),
  };
}

/** The moment, by `performance.now()`, at which Flink's REST API first shows a running task. Asks the pod, not a Service that waits for readiness. */
async function firstTaskRunning(kubeconfig: string, namespace: string, signal: AbortSignal): Promise<number> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const labelSelector = "app.kubernetes.io/component=jobmanager";
  const deadline = performance.now() + 180_000;
  let address: string | undefined;
  while (performance.now() < deadline) {
    signal.throwIfAborted();
    address ??= (await api.listNamespacedPod({ namespace, labelSelector })).items[0]?.status?.podIP;
    if (address && (await hasRunningTask(`http://${address}:8081/jobs/overview`))) return performance.now();
    await sleep(100);
  }
  throw new Error(`No task was running in namespace ${namespace} after three minutes.`);
}

async function hasRunningTask(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    const { jobs } = (await response.json()) as { jobs?: { tasks: { running: number } }[] };
    return (jobs ?? []).some((job) => job.tasks.running > 0);
  } catch {
    return false; // not listening yet
  }
}
