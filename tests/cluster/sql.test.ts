import assert from "node:assert/strict";
import { testImage } from "../support/image";
import { TestVolume } from "../support/volume";
import {
  component,
  core,
  eventually,
  flink,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  printed,
  smallCluster,
  TestStack,
} from "./support";

/** A row of what a query gives. */
interface Results {
  resultType: "NOT_READY" | "PAYLOAD" | "EOS";
  nextResultUri?: string;
  results?: { data: { fields: unknown[] }[] };
}

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
          sqlGateway: { memory: "768m", cpu: { request: "100m", limit: "1" }, ephemeralStorage: "512Mi" },
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

    it("answers a query of a session of its SQL Gateway, by a job that no ledger names", async () => {
      const { spec } = await core.readNamespacedService({ namespace, name: "hello-sql-gateway" });
      const ask = async <T>(method: string, route: string, body?: object): Promise<T> => {
        const answer = await fetch(`http://${spec!.clusterIP!}:8083${route}`, {
          method,
          ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
          signal: AbortSignal.timeout(30_000),
        });
        const text = await answer.text();
        assert.ok(answer.ok, `${route}: HTTP ${answer.status} ${text}`);
        return JSON.parse(text) as T;
      };
      const { sessionHandle } = await ask<{ sessionHandle: string }>("POST", "/v1/sessions", {});
      const session = `/v1/sessions/${sessionHandle}`;
      const statement = "SELECT n * 2 FROM (VALUES (20), (21)) AS t (n)";
      const { operationHandle } = await ask<{ operationHandle: string }>("POST", `${session}/statements`, {
        statement,
      });
      let next: string | undefined = `${session}/operations/${operationHandle}/result/0`;
      const found: unknown[] = [];
      const rows = await eventually("the end of the results", 120, async () => {
        const answer: Results = await ask("GET", next!);
        found.push(...(answer.results?.data.map(({ fields }) => fields[0]) ?? []));
        next = answer.nextResultUri;
        return answer.resultType === "EOS" ? found : undefined;
      });
      assert.deepEqual(rows.sort(), [40, 42]);
      await ask("DELETE", session);
      const { jobId } = await ledger(namespace, "hello--sums-ledger");
      assert.ok((await jobs(namespace)).some(({ jid, state }) => jid !== jobId && state === "FINISHED"));
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
