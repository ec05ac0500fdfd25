import assert from "node:assert/strict";
import {
  TestStack,
  core,
  eventually,
  helloWorld,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  smallCluster,
} from "./support";

describe("submitting a job on a real Kubernetes", function () {
  this.timeout(600_000);
  const stack = new TestStack("test-submission");
  const { namespace } = stack;
  // A job that is taken out of the program runs on: there must be slots for all of them.
  const { taskManager } = smallCluster(namespace);
  const cluster = smallCluster(namespace, { taskManager: { ...(taskManager as object), slots: 8 } });

  before(function () {
    needsNode(this);
  });
  before("bring the cluster up without a job", async () => {
    await stack.up({ cluster, jobs: [] });
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  /** Moments at which the submission pod is killed, each as something that can be seen from outside. */
  const moments: [string, (name: string) => Promise<boolean>][] = [
    ["as soon as its container runs", async () => true],
    ["once the ledger says that it submits", async (name) => (await ledgerOf(name)).phase === "submitting"],
    ["once Flink knows the job", async (name) => (await ofThisJob(name)).length > 0],
  ];

  for (const [index, [moment, reached]] of moments.entries()) {
    it(`ends with exactly one job when its pod is killed ${moment}`, async () => {
      const name = `killed-${index}`;
      const before = new Set((await jobs(namespace)).map((job) => job.jid));
      const done = stack.up({ cluster, jobs: [helloWorld({ name, parallelism: 1, config: {} })] });
      const killed = eventually(moment, 60, async () => {
        const pod = (await pods(namespace, { "flink-kubernetes/job": name })).find(
          (each) => each.status?.phase === "Running",
        );
        if (!pod || !(await reached(name))) return undefined;
        await core.deleteNamespacedPod({ namespace, name: pod.metadata!.name!, gracePeriodSeconds: 0 });
        return pod.metadata!.name;
      });
      const [first] = await Promise.all([killed, done]);
      const survivors = await pods(namespace, { "flink-kubernetes/job": name });
      assert.ok(
        survivors.some((pod) => pod.metadata!.name !== first),
        "another pod finished the work",
      );
      const started = (await jobs(namespace)).filter((job) => !before.has(job.jid));
      assert.deepEqual(
        started.map((job) => job.state),
        ["RUNNING"],
      );
      assert.equal((await ledgerOf(name)).jobId, started[0]!.jid);
      assert.equal((await ledgerOf(name)).phase, "running");
    });
  }

  it("fails with the program's own exception, and succeeds once the cause is fixed", async () => {
    const broken = helloWorld({ name: "broken", arguments: ["--rat", "5"], parallelism: 1 });
    const start = Date.now();
    await assert.rejects(stack.up({ cluster, jobs: [broken] }), /Unknown argument '--rat'/);
    assert.ok(Date.now() - start < 60_000, "no waiting for a time-out");
    assert.equal((await ledgerOf("broken")).phase, "failed");
    // The same failure again: the failed Job is replaced, not left as it is.
    await assert.rejects(stack.up({ cluster, jobs: [broken] }), /Unknown argument '--rat'/);
    await stack.up({ cluster, jobs: [{ ...broken, arguments: ["--rate", "5"] }] });
    assert.equal((await ledgerOf("broken")).phase, "running");
  });

  it("says within seconds that a jar is missing", async () => {
    const missing = helloWorld({ name: "missing", jar: "/opt/flink/usrlib/none.jar", parallelism: 1 });
    const start = Date.now();
    await assert.rejects(stack.up({ cluster, jobs: [missing] }), /no file \/opt\/flink\/usrlib\/none\.jar/);
    assert.ok(Date.now() - start < 60_000, "no waiting for a time-out");
  });

  it("says which class is missing", async () => {
    const typo = helloWorld({ name: "typo", entryClass: "flink.kubernetes.examples.Hello", parallelism: 1 });
    await assert.rejects(stack.up({ cluster, jobs: [typo] }), /flink\.kubernetes\.examples\.Hello/);
  });

  async function ledgerOf(name: string): Promise<Record<string, string>> {
    return ledger(namespace, `hello--${name}-ledger`);
  }

  async function ofThisJob(name: string): Promise<unknown[]> {
    const { jobId } = await ledgerOf(name);
    return (await jobs(namespace)).filter((job) => job.jid === jobId);
  }
});
