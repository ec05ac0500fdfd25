import assert from "node:assert/strict";
import { type Changes, Example } from "../support/example";
import { pythonTestImage } from "../support/image";
import { TestVolume } from "../support/volume";
import { component, core, eventually, flink, kubeconfig, ledger, needsNode, pods, printed } from "./support";

const namespace = "test-python";

/** The example in Python, whose functions run in a TaskManager, on the local node: it says how many numbers it has counted, and what the latest of them was. */
describe("a job in Python", function () {
  this.timeout(900_000);
  let volume: TestVolume | undefined;
  let example: Example | undefined;

  before("make the image and the volume", async function () {
    needsNode(this);
    const image = await pythonTestImage("2.2.1");
    volume = new TestVolume(core, `python-${process.pid}`);
    await volume.make();
    const { directory, volume: claim } = volume.storage;
    const resources = 'cpu: { request: "100m", limit: "2" }, ephemeralStorage: "512Mi"';
    example = new Example("python/index.ts", [
      [/namespace: \{ quota/, `namespace: { name: "${namespace}", protect: false, quota`],
      [/image: "[^"]*"/, `image: "${image}"`],
      [/storage: \{[^]*?\n {2}\},/, `storage: ${JSON.stringify({ directory, volume: claim })},`],
      [
        /checkpointing: .*/,
        'checkpointing: { interval: "2 s" }, config: { "python.fn-execution.bundle.time": "200" },',
      ],
      [/jobManager: .*/, `jobManager: { memory: "1200m", ${resources} },`],
      [/taskManager: .*/, `taskManager: { memory: "1500m", slots: 1, replicas: 1, ${resources} },`],
      [/arguments:/, "startTimeout: 600, arguments:"],
    ]);
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await example?.down();
    await volume?.remove();
  });

  const up = (...changes: Changes) => example!.up({}, changes);
  const state = () => ledger(namespace, "numbers--greetings-ledger");

  /** What a revision has printed last: the pod that its function ran in, how many numbers, and the latest of them. */
  const greeting = (greeter: string) =>
    eventually(`greetings from ${greeter}`, 180, async () => {
      const [pod] = await pods(namespace, component("taskmanager", "numbers"));
      const { name } = pod!.metadata!;
      const lines = await printed(namespace, name!, new RegExp(`Hello from ${greeter} in `));
      const found = /in (\S+): (\d+) of (\d+)/.exec(lines.at(-1) ?? "");
      if (!found) return undefined;
      assert.equal(found[1], name, "the function runs in the TaskManager");
      return { counted: Number(found[2]), latest: Number(found[3]) };
    });

  it("runs its functions in a TaskManager, and goes on from its state with other arguments", async () => {
    const { outputs } = await up();
    assert.equal(outputs.phase, "running");
    const first = await state();
    const before = await greeting("Python");

    await up([/arguments: \["Python"\]/, 'arguments: ["second"]']);
    const second = await state();
    assert.notEqual(second.jobId, first.jobId);
    assert.match(second.restoredFrom ?? "", /savepoint-/);
    const { counted, latest } = await greeting("second");
    assert.equal(counted, latest, "every number was counted once");
    assert.ok(counted > before.counted);
  });

  it("says what Python says of a program that fails, and the revision before runs on", async () => {
    const { jobId } = await state();
    await assert.rejects(
      up([/sys\.argv\[1\]/, "sys.argv[7]"]),
      /IndexError: list index out of range \(main\.py, line 8\)/,
    );
    assert.equal((await flink<{ state: string }>(namespace, `/jobs/${jobId}`, "numbers")).state, "RUNNING");
  });
});
