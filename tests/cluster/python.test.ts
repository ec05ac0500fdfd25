import assert from "node:assert/strict";
import { pythonTestImage } from "../support/image";
import { TestVolume } from "../support/volume";
import {
  component,
  core,
  eventually,
  flink,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  printed,
  smallCluster,
  TestStack,
} from "./support";

/** A job in Python, whose functions run in a TaskManager, on the local node. */
describe("a job in Python", function () {
  this.timeout(900_000);
  const stack = new TestStack("test-python");
  const { namespace } = stack;
  let volume: TestVolume | undefined;
  let image: string;

  before("make the image", async function () {
    needsNode(this);
    image = await pythonTestImage("2.2.1");
  });
  after("take it down", async function () {
    if (kubeconfig === "") return;
    await stack.down();
    await volume?.remove();
  });

  /** Counts numbers that come in order: how many there were is what the last of them was, unless state was lost. */
  const script = `
import socket
import sys
from pyflink.table import DataTypes, EnvironmentSettings, TableEnvironment
from pyflink.table.udf import udf

tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
greeter = sys.argv[1]

@udf(result_type=DataTypes.STRING())
def greet(counted, latest):
    return f"Hello from {greeter} in {socket.gethostname()}: {counted} of {latest}"

tables.create_temporary_system_function("greet", greet)
tables.execute_sql("""CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5',
    'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000000')""")
tables.execute_sql("CREATE TABLE greetings (line STRING) WITH ('connector' = 'print')")
tables.execute_sql("""INSERT INTO greetings
    SELECT greet(counted, latest) FROM (SELECT COUNT(*) AS counted, MAX(n) AS latest FROM numbers)""")
`;

  const program = (greeter: string, text = script) => {
    return {
      cluster: {
        ...smallCluster(namespace),
        image,
        jobManager: { memory: "1200m", cpu: { request: "100m", limit: "2" }, ephemeralStorage: "512Mi" },
        taskManager: {
          memory: "1500m",
          slots: 1,
          replicas: 1,
          cpu: { request: "100m", limit: "2" },
          ephemeralStorage: "512Mi",
        },
        storage: volume!.storage,
        checkpointing: { interval: "2 s" },
        config: { "python.fn-execution.bundle.time": "200" },
      },
      jobs: [
        {
          name: "greetings",
          python: { script: text },
          arguments: [greeter],
          parallelism: 1,
          startTimeout: 600,
        },
      ],
    };
  };

  /** What a revision has printed last: the pod that its function ran in, how many numbers, and the latest of them. */
  const greeting = (greeter: string) =>
    eventually(`greetings from ${greeter}`, 180, async () => {
      const [pod] = await pods(namespace, component("taskmanager"));
      const { name } = pod.metadata!;
      const lines = await printed(namespace, name!, new RegExp(`Hello from ${greeter} in `));
      const found = /in (\S+): (\d+) of (\d+)/.exec(lines.at(-1) ?? "");
      if (!found) return undefined;
      assert.equal(found[1], name, "the function runs in the TaskManager");
      return { counted: Number(found[2]), latest: Number(found[3]) };
    });

  it("runs its functions in a TaskManager, and goes on from its state with other arguments", async () => {
    volume = new TestVolume(core, `python-${process.pid}`);
    await volume.make();
    await stack.up(program("first"));
    const first = await ledger(namespace, "hello--greetings-ledger");
    assert.equal(first.phase, "running");
    const before = await greeting("first");

    await stack.up(program("second"));
    const second = await ledger(namespace, "hello--greetings-ledger");
    assert.notEqual(second.jobId, first.jobId);
    assert.match(second.restoredFrom ?? "", /savepoint-/);
    const { counted, latest } = await greeting("second");
    assert.equal(counted, latest, "every number was counted once");
    assert.ok(counted > before.counted);
  });

  it("says what Python says of a program that fails, and the revision before runs on", async () => {
    const { jobId } = await ledger(namespace, "hello--greetings-ledger");
    const broken = script.replace("greeter = sys.argv[1]", "greeter = sys.argv[7]");
    await assert.rejects(
      async () => stack.up(program("third", broken)),
      /IndexError: list index out of range \(main\.py, line 8\)/,
    );
    assert.equal((await flink<{ state: string }>(namespace, `/jobs/${jobId}`)).state, "RUNNING");
  });
});
