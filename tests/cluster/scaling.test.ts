import assert from "node:assert/strict";
import { testImage } from "../support/image";
import { type Followed, followPods } from "../support/follow";
import {
  TestStack,
  apps,
  autoscaling as autoscalers,
  component,
  config,
  eventually,
  flink,
  jobs,
  kubeconfig,
  needsNode,
  pods,
  smallCluster,
} from "./support";

const interval = 20;
const rate = 100;

/** A job that counts and checks its own state (tests/jobs/counting), with a checkpoint every `interval` seconds. */
const counting = (more: Record<string, unknown> = {}) => ({
  name: "counting",
  jar: "/opt/flink/usrlib/counting.jar",
  entryClass: "flink.kubernetes.tests.Counting",
  arguments: ["--rate", String(rate)],
  upgradeMode: "stateless",
  config: { "execution.checkpointing.interval": `${interval} s` },
  ...more,
});

const taskManager = {
  memory: "1g",
  slots: 1,
  cpu: { request: "100m", limit: "1" },
  ephemeralStorage: "512Mi",
};

/** What a counting job printed: how far it came, what it printed twice, and whether it found its state wrong. */
function tally({ lines }: Followed, since = 0) {
  const seen = new Map<number, number>();
  let replayed = 0;
  for (const { line, at } of lines) {
    const n = Number(/^count (\d+)$/.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(n)) continue;
    if (seen.has(n) && at >= since) replayed++;
    seen.set(n, at);
  }
  const wrong = lines.filter(({ line }) => line.startsWith("WRONG")).map(({ line }) => line);
  return { last: Math.max(-1, ...seen.keys()), replayed, wrong };
}

/** Looks at the job all the time; every state that it was ever in. */
function watchStates(namespace: string) {
  const states = new Set<string>();
  const timer = setInterval(() => {
    void jobs(namespace).then(
      (list) => list.forEach(({ state }) => states.add(state)),
      () => undefined,
    );
  }, 500);
  return { states, stop: () => clearInterval(timer) };
}

async function restarts(namespace: string, jid: string): Promise<number> {
  const [metric] = await flink<{ id: string; value: string }[]>(
    namespace,
    `/jobs/${jid}/metrics?get=numRestarts`,
  );
  return Number(metric!.value);
}

/** Until as many subtasks count, and the count goes on. */
async function countsWith(namespace: string, parallelism: number, followed: Followed): Promise<number> {
  await eventually(`${parallelism} subtasks count`, 180, async () => {
    const [job] = (await jobs(namespace)).filter(({ state }) => state === "RUNNING");
    const { vertices } = await flink<{
      vertices: { name: string; parallelism: number; tasks: { RUNNING: number } }[];
    }>(namespace, `/jobs/${job!.jid}`);
    const count = vertices.find(({ name }) => name.startsWith("Count"))!;
    return count.parallelism === parallelism && count.tasks.RUNNING === parallelism ? true : undefined;
  });
  const before = tally(followed).last;
  await eventually("the count goes on", 60, () =>
    Promise.resolve(tally(followed).last > before + rate ? true : undefined),
  );
  return Date.now();
}

describe("scaling out and in while a checkpointed job counts", function () {
  this.timeout(600_000);
  const stack = new TestStack("scaling");
  const { namespace } = stack;
  // A number costs the job four thousandths of a second: less than one core in all, more than is requested.
  const given = counting({ arguments: ["--rate", String(rate), "--load", "4"], parallelism: 3 });
  const autoscaling = {
    minReplicas: 1,
    maxReplicas: 3,
    scaleUpStabilizationSeconds: 0,
    scaleDownStabilizationSeconds: 10,
  };
  let cluster: Record<string, unknown>;
  let followed: Followed;
  let watched: ReturnType<typeof watchStates>;

  before(function () {
    needsNode(this);
  });
  before("bring it up", async () => {
    cluster = smallCluster(namespace, { image: await testImage("2.2.1"), taskManager });
    await stack.up({ cluster, jobs: [given] });
    followed = followPods(config, namespace, component("taskmanager"));
    watched = watchStates(namespace);
    await countsWith(namespace, 1, followed);
  });
  after("take it down", async function () {
    watched?.stop();
    await followed?.stop();
    if (kubeconfig !== "") await stack.down();
  });

  it("by hand: no failure, no wrong state, and less than one checkpoint interval again", async () => {
    const [job] = await jobs(namespace);
    for (const replicas of [3, 1]) {
      const start = Date.now();
      const restartsBefore = await restarts(namespace, job!.jid);
      await scale(namespace, replicas);
      await countsWith(namespace, replicas, followed);
      const { replayed, wrong, last } = tally(followed, start);
      console.log(
        `      to ${replicas} TaskManagers: counts again after ${((Date.now() - start) / 1000).toFixed(1)} s,`,
        `${replayed} numbers (${(replayed / rate).toFixed(1)} s) twice, ${(await restarts(namespace, job!.jid)) - restartsBefore} restarts, at ${last}`,
      );
      assert.deepEqual(wrong, []);
      assert.ok(replayed < interval * rate, `${replayed} numbers were counted again`);
    }
    assertNeverFailed();
  });

  it("by the autoscaler: the same", async () => {
    const [job] = await jobs(namespace);
    const measure = async (replicas: number, act: () => Promise<unknown>) => {
      const start = Date.now();
      const restartsBefore = await restarts(namespace, job!.jid);
      await act();
      const acted = Date.now();
      await countsWith(namespace, replicas, followed);
      const { replayed, wrong, last } = tally(followed, start);
      console.log(
        `      to ${replicas} TaskManagers: counts again ${((Date.now() - acted) / 1000).toFixed(1)} s after the change,`,
        `${replayed} numbers (${(replayed / rate).toFixed(1)} s) twice, ${(await restarts(namespace, job!.jid)) - restartsBefore} restarts, at ${last}`,
      );
      assert.deepEqual(wrong, []);
      assert.ok(replayed < interval * rate, `${replayed} numbers were counted again`);
    };
    // The job takes several times what is requested.
    const scaled = { ...cluster, autoscaling: { ...autoscaling, cpuUtilization: 100 } };
    await measure(3, () => stack.up({ cluster: scaled, jobs: [given] }));
    // It never takes twenty times as much.
    await measure(1, () => aimAt(namespace, 2000));
    assert.equal((await jobs(namespace)).length, 1, "the job was submitted anew");
    assertNeverFailed();
  });

  function assertNeverFailed() {
    assert.deepEqual(
      [...watched.states].filter((state) => /FAIL/.test(state)),
      [],
    );
  }
});

async function scale(namespace: string, replicas: number, name = "hello-taskmanager"): Promise<void> {
  const current = await apps.readNamespacedDeploymentScale({ namespace, name });
  await apps.replaceNamespacedDeploymentScale({
    namespace,
    name,
    body: { ...current, spec: { ...current.spec, replicas } },
  });
}

/** Changes what an autoscaler aims at: as less load would, without another job. */
async function aimAt(namespace: string, averageUtilization: number): Promise<void> {
  const name = "hello-taskmanager";
  const body = await autoscalers.readNamespacedHorizontalPodAutoscaler({ namespace, name });
  body.spec!.metrics![0]!.resource!.target.averageUtilization = averageUtilization;
  await autoscalers.replaceNamespacedHorizontalPodAutoscaler({ namespace, name, body });
}

describe("who sets the number of TaskManagers", function () {
  this.timeout(600_000);
  const stack = new TestStack("scaling-owner");
  const { namespace } = stack;
  const up = async (more: { replicas?: number; autoscaling?: object }) => {
    const { replicas, ...rest } = more;
    const cluster = smallCluster(namespace, {
      taskManager: { ...taskManager, cpu: { request: "50m", limit: "1" }, ...(replicas ? { replicas } : {}) },
      ...rest,
    });
    await stack.up({ cluster, jobs: [] });
  };
  const running = async () =>
    (await pods(namespace, component("taskmanager"))).map((pod) => pod.metadata!.uid!).sort();
  const replicas = async () =>
    (await apps.readNamespacedDeployment({ namespace, name: "hello-taskmanager" })).spec!.replicas;
  /** Idle TaskManagers stay: an autoscaler remembers only its own numbers, and would undo one that is set by hand here. */
  const autoscaling = {
    minReplicas: 1,
    maxReplicas: 5,
    behavior: { scaleDown: { selectPolicy: "Disabled" } },
  };

  before(function () {
    needsNode(this);
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  it("turning an autoscaler on keeps those of a fixed number", async () => {
    await up({ replicas: 3 });
    const before = await running();
    assert.equal(before.length, 3);
    await up({ autoscaling });
    assert.equal(await replicas(), 3);
    assert.deepEqual(await running(), before);
  });

  it("turning it off, with no number given, keeps what the autoscaler made of it", async () => {
    await scale(namespace, 4); // as an autoscaler does
    await eventually("four pods", 60, async () => ((await running()).length === 4 ? true : undefined));
    const before = await running();
    await up({});
    assert.equal(await replicas(), 4);
    assert.deepEqual(await running(), before);
    await up({});
    assert.equal(await replicas(), 4);
  });

  it("a number that is given is set, and taking it out changes nothing", async () => {
    await up({ replicas: 2 });
    assert.equal(await replicas(), 2);
    await up({});
    assert.equal(await replicas(), 2);
  });
});
