import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { execa } from "execa";
import type { BroughtUp } from "../../local/bring-up";
import type { EventHandler } from "../../recorder";
import { type Engine, engineDown, engineUp } from "../../local/engine";
import { testEngine } from "../support/engine";
import { type Bench, type BenchContext, type Figure, ratioOfMedians } from "./bench";
import { referenceYaml, shape } from "./reference";

/** From applying a cluster of one TaskManager and its job to the first task in state RUNNING, each way in one sitting. */
export const applyToRunning: Bench = {
  name: "apply-to-running",
  async run(ctx) {
    const local = await ctx.localNode();
    const engine = await testEngine();
    const yaml: number[] = [];
    const pulumi: Times[] = [];
    for (let run = 1; run <= ctx.runs; run++) {
      const ways = [
        async () => void yaml.push(await plainYaml(ctx, local, run)),
        async () => void pulumi.push(await throughEngine(ctx, local, run, engine)),
      ];
      // In turn, and each first every other time, so that a slower minute of the machine meets both.
      if (run % 2 === 0) ways.reverse();
      for (const way of ways) await way();
      ctx.say(
        `  run ${run}: plain YAML ${yaml.at(-1)!.toFixed(1)} s, engine ${pulumi.at(-1)!.applied.toFixed(1)} s`,
      );
    }
    return [
      { name: "apply → RUNNING, plain YAML and Flink's scripts", unit: "s", values: yaml },
      ...against(yaml, "Pulumi engine", pulumi, 0.62),
    ];
  },
};

/** Seconds to the first running task. */
interface Times {
  /** From the first object that was applied. */
  applied: number;
  /** From the command: with the program, its validation and the preview. */
  whole: number;
}

function against(yaml: number[], way: string, times: Times[], aim?: number): Figure[] {
  const applied = times.map((time) => time.applied);
  const whole = times.map((time) => time.whole);
  return [
    { name: `apply → RUNNING, ${way}, from the first object`, unit: "s", values: applied },
    ratioOfMedians("… against plain YAML", applied, yaml, aim),
    { name: `apply → RUNNING, ${way}, with program and checks`, unit: "s", values: whole },
    ratioOfMedians("… against plain YAML", whole, yaml),
  ];
}

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

async function throughEngine(
  ctx: BenchContext,
  local: BroughtUp,
  run: number,
  engine: Engine,
): Promise<Times> {
  const namespace = `bench-engine-${run}`;
  const options = {
    engine,
    projectDir: ctx.projectDir,
    stack: namespace,
    states: ctx.scratch,
    config: stackConfig(namespace, local.exampleImage),
    kubeconfig: local.node.kubeconfig,
    signal: ctx.signal,
  };
  try {
    return await timeUp(ctx, local, namespace, (onEvent) => engineUp({ ...options, onEvent }));
  } finally {
    await engineDown(options);
  }
}

async function timeUp(
  ctx: BenchContext,
  local: BroughtUp,
  namespace: string,
  bringUp: (onEvent: EventHandler) => Promise<unknown>,
): Promise<Times> {
  let applying = false;
  let firstObject: number | undefined;
  const failed = new AbortController();
  const start = performance.now();
  const running = firstTaskRunning(
    local.node.kubeconfig,
    namespace,
    AbortSignal.any([ctx.signal, failed.signal]),
  );
  running.catch(() => undefined); // awaited below; an up that fails says more
  try {
    await bringUp((event) => {
      if (event.type === "phase") applying = event.phase === "apply";
      // Kinds of other resources than Kubernetes objects are type tokens.
      if (applying && event.type === "resource" && !event.kind.includes(":"))
        firstObject ??= performance.now();
    });
  } catch (error) {
    failed.abort();
    throw error;
  }
  const end = await running;
  return { applied: (end - firstObject!) / 1000, whole: (end - start) / 1000 };
}

/** A stack of the reference's shape. */
export function stackConfig(namespace: string, image: string): Record<string, string> {
  const { flinkVersion, jobManager, taskManager, jar, entryClass } = shape;
  const cluster = {
    name: "bench",
    namespace: { name: namespace, protect: false },
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
