import assert from "node:assert/strict";
import { type Changes, Example } from "../support/example";
import { kafkaTestImage } from "../support/image";
import { type Kafka, startKafka } from "../support/kafka";
import { TestVolume } from "../support/volume";
import { component, core, eventually, flink, kubeconfig, ledger, needsNode, pods } from "./support";

const namespace = "test-kafka";

/** examples/kafka with a real broker: what it writes into one topic is what somebody else writes into another. */
describe("a job from Kafka to Kafka", function () {
  this.timeout(900_000);
  let kafka: Kafka | undefined;
  let volume: TestVolume | undefined;
  let example: Example | undefined;
  let orders: NodeJS.Timeout | undefined;

  before("a broker, an image and a volume", async function () {
    needsNode(this);
    kafka = await startKafka();
    await kafka.createTopic("orders");
    await kafka.createTopic("payments");
    volume = new TestVolume(core, `kafka-${process.pid}`);
    await volume.make();
    const { directory, volume: claim } = volume.storage;
    const resources = 'cpu: { request: "100m", limit: "1" }, ephemeralStorage: "512Mi"';
    example = new Example("kafka/index.ts", [
      [/namespace: \{ quota/, `namespace: { name: "${namespace}", protect: false, quota`],
      [/image: "[^"]*"/, `image: "${await kafkaTestImage("2.2.1")}"`],
      [/storage: \{[^]*?\n {2}\},/, `storage: ${JSON.stringify({ directory, volume: claim })},`],
      [/checkpointing: .*/, 'checkpointing: { interval: "2 s" },'],
      [/jobManager: .*/, `jobManager: { memory: "1g", ${resources} },`],
      [/taskManager: .*/, `taskManager: { memory: "1200m", slots: 2, replicas: 1, ${resources} },`],
      ["kafka.example.com:9092", kafka.servers],
    ]);
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    clearInterval(orders);
    await example?.down();
    await volume?.remove();
    await kafka?.stop();
  });

  const up = (...changes: Changes) => example!.up({}, changes);
  const state = () => ledger(namespace, "payments--copy-ledger");

  /** Ends a pod of this role, as a node that is lost would. */
  const kill = async (role: string) => {
    const [pod] = await pods(namespace, component(role, "payments"));
    await core.deleteNamespacedPod({ namespace, name: pod!.metadata!.name!, gracePeriodSeconds: 0 });
  };

  /** The job runs, and has completed checkpoints after what happened to it. */
  const goesOn = async () => {
    const completed = async () => {
      const { jobId } = await state();
      const { counts } = await flink<{ counts: { completed: number; in_progress: number } }>(
        namespace,
        `/jobs/${jobId}/checkpoints`,
        "payments",
      );
      const { state: now } = await flink<{ state: string }>(namespace, `/jobs/${jobId}`, "payments");
      return now === "RUNNING" ? counts.completed : undefined;
    };
    const before = await eventually("the job runs", 240, () => completed().catch(() => undefined));
    await eventually("two more checkpoints", 120, async () => {
      const now = await completed().catch(() => undefined);
      return now !== undefined && (now >= before + 2 || now < before) ? true : undefined;
    });
  };

  it("writes every record once, though TaskManager and JobManager die and the job is upgraded", async () => {
    let written = 0;
    const producer = kafka!.producer("orders");
    orders = setInterval(() => producer.write(`{"n": ${written++}}\n`), 50);

    assert.equal((await up()).outputs.phase, "running");
    await goesOn();
    await kill("taskmanager");
    await goesOn();
    const before = await state();
    await up([/parallelism: 2/, "parallelism: 1"]);
    const after = await state();
    assert.notEqual(after.jobId, before.jobId);
    assert.match(after.restoredFrom ?? "", /savepoint-/);
    await goesOn();
    await kill("jobmanager");
    await goesOn();

    clearInterval(orders);
    producer.end();
    const numbers = await eventually("the last record is committed", 240, async () => {
      const lines = await kafka!.committed("payments");
      return lines.some((line) => line === `{"n":${written - 1}}`) ? lines : undefined;
    });
    assert.deepEqual(
      numbers,
      Array.from({ length: written }, (_, n) => `{"n":${n}}`),
    );
  });
});
