import assert from "node:assert/strict";
import { testImage } from "../support/image";
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

/** A job that is a script, on the local node. */
for (const flinkVersion of ["2.2.1", "1.20.4"])
  describe(`a job in SQL on Flink ${flinkVersion}`, function () {
    this.timeout(600_000);
    const stack = new TestStack(`test-sql-${flinkVersion.replace(/\D/g, "")}`);
    const { namespace } = stack;
    let volume: TestVolume;

    before(function () {
      needsNode(this);
    });
    after("take it down", async function () {
      if (kubeconfig === "") return;
      await stack.down();
      await volume.remove();
    });

    /** Counts numbers that come in order: how many there were is what the last of them was, unless state was lost. */
    const script = (name: string) => `
    SET 'pipeline.name' = '${name}';
    CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '5',
      'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000000');
    CREATE TABLE counts (counted BIGINT, latest BIGINT) WITH ('connector' = 'print', 'print-identifier' = '${name}');
    CREATE TABLE others (n BIGINT) WITH ('connector' = 'blackhole'); -- a set; one job
    EXECUTE STATEMENT SET BEGIN
      INSERT INTO counts SELECT COUNT(*), MAX(n) FROM numbers;
      INSERT INTO others SELECT n FROM numbers;
    END;`;

    const program = async (text: string) => {
      return {
        cluster: {
          ...smallCluster(namespace),
          flinkVersion,
          image: await testImage(flinkVersion),
          storage: volume.storage,
          checkpointing: { interval: "2 s" },
        },
        jobs: [{ name: "sums", sql: { script: text }, parallelism: 1 }],
      };
    };

    /** What a revision has printed last: how many numbers, and the latest of them. */
    const counts = (name: string) =>
      eventually(`numbers of ${name}`, 90, async () => {
        const [pod] = await pods(namespace, component("taskmanager"));
        const lines = await printed(namespace, pod!.metadata!.name!, new RegExp(`^${name}.*\\+[IU]\\[`));
        return lines.length === 0
          ? undefined
          : lines
              .at(-1)!
              .match(/\[(\d+), (\d+)\]/)!
              .slice(1)
              .map(Number);
      });

    it("runs under the id and with the parallelism of its FlinkJob, and goes on from its state with another script", async () => {
      volume = new TestVolume(core, `${namespace}-${process.pid}`);
      await volume.make();
      await stack.up(await program(script("first")));
      const first = await ledger(namespace, "hello--sums-ledger");
      assert.equal(first.phase, "running");
      const job = await flink<{ name: string; vertices: { parallelism: number }[] }>(
        namespace,
        `/jobs/${first.jobId}`,
      );
      assert.equal(job.name, "first");
      assert.ok(job.vertices.every(({ parallelism }) => parallelism === 1));
      const [before] = await counts("first");
      assert.ok(before! > 0);

      await stack.up(await program(script("second")));
      const second = await ledger(namespace, "hello--sums-ledger");
      assert.notEqual(second.jobId, first.jobId);
      assert.match(second.restoredFrom ?? "", /savepoint-/);
      const [counted, latest] = await counts("second");
      assert.equal(counted, latest, "every number was counted once");
      assert.ok(counted! > before!);
    });

    // The same code for both.
    if (flinkVersion !== "2.2.1") return;
    it("says what Flink says of a script that cannot be run, and the revision before runs on", async () => {
      const { jobId } = await ledger(namespace, "hello--sums-ledger");
      const broken = script("third").replace("INSERT INTO others", "INSERT INTO nowhere");
      await assert.rejects(async () => stack.up(await program(broken)), /nowhere/);
      assert.equal((await flink<{ state: string }>(namespace, `/jobs/${jobId}`)).state, "RUNNING");
    });
  });
