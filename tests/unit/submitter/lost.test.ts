import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { anyAwk } from "./awks";
import { hash, type Settings, World } from "./harness";

describe("submitter: a job that was lost with its JobManager while it was being started", function () {
  this.timeout(90_000);
  let world: World;
  /** The job that had been started. */
  let id: string;
  const base = "s3://bucket/checkpoints/before/chk-4";
  const next: Settings = { SUBMISSION_UID: "uid-2", REVISION: "rev-b" };
  const chk = (number: number) => `s3://bucket/checkpoints/${id}/chk-${number}`;

  beforeEach(async () => {
    world = await new World(anyAwk).start();
    world.flink.newJob = { checkpointing: true, addressable: true };
    id = world.prefix + hash("uid-1", 16);
    const deadline = String(Math.floor(Date.now() / 1000) + 60);
    world.ledger.data = {
      ...{ revision: "rev-a", jobId: id, phase: "submitting", submission: "uid-1", restoreNonce: "none" },
      ...{ savepoint: base, jobManager: "/tmp/flink-web-before", deadline },
      ...{ previousRevision: "rev-0", previousSavepoint: base, previousRequest: "{}" },
    };
    world.flink.states = new Set([base]);
  });
  afterEach(() => world?.stop());

  async function runsFrom(state: string | undefined, settings: Settings = {}) {
    const { code, log } = await world.run(settings);
    assert.strictEqual(code, 0, log);
    assert.strictEqual(world.flink.active.length, 1, log);
    const [job] = world.flink.active;
    assert.strictEqual(job.restoredFrom, state, log);
    const { jobId, phase, restoredFrom, atLeast, jobManager } = world.ledger.data ?? {};
    assert.deepStrictEqual(
      { jobId, phase, restoredFrom, atLeast, jobManager },
      { jobId: job.id, phase: "running", restoredFrom: state, atLeast: undefined, jobManager: undefined },
    );
    // No id for two states.
    const ids = world.flink.runs.map((run) => run.jobId);
    assert.strictEqual(new Set(ids).size, ids.length, log);
    return job;
  }

  /** A volume with these checkpoints of the job; the last of them was never completed. */
  function volumeWith(numbers: number[]): Settings {
    const folder = world.folderOf({});
    for (const number of numbers) {
      const checkpoint = path.join(folder, "checkpoints", id, `chk-${number}`);
      mkdirSync(checkpoint, { recursive: true });
      if (number !== numbers.at(-1)) writeFileSync(path.join(checkpoint, "_metadata"), "x");
    }
    const directory = `file://${folder}/checkpoints`;
    for (const number of numbers) world.flink.states?.add(`${directory}/${id}/chk-${number}`);
    return { STATE_VOLUME: folder, CHECKPOINT_DIRECTORY: directory };
  }

  it("goes on from its newest checkpoint, which is found by trying", async () => {
    // Its own numbers began after that of the checkpoint that it was started from.
    for (const number of [11, 12, 13]) world.flink.states?.add(chk(number));
    await runsFrom(chk(13));
    assert.strictEqual(world.ledger.data?.previousRevision, undefined, "it has given out results");
  });

  it("goes on from its newest checkpoint also as another revision, and where checkpoints can be listed at once", async () => {
    const settings = volumeWith([2, 9, 10, 11]);
    await runsFrom(`${settings.CHECKPOINT_DIRECTORY}/${id}/chk-10`, { ...settings, ...next });
    assert.strictEqual(world.flink.runs.length, 1);
    assert.match(world.ledger.data?.states ?? "", /^checkpoint \d{10} file:\S+\/chk-10$/);
  });

  it("starts from where it had started when it had completed none", async () => {
    const job = await runsFrom(base, volumeWith([1]));
    assert.strictEqual(job.id, id);
    assert.strictEqual(world.flink.runs.length, 1);
  });

  it("starts from where it had started when none is found", async () => {
    // As far as it has come already.
    const guess = { savepoint: chk(6), atLeast: base, jobManager: `/tmp/flink-web-${world.flink.process}` };
    world.ledger.data = { ...world.ledger.data, ...guess };
    await runsFrom(base);
    assert.deepStrictEqual(
      world.flink.runs.map(({ savepointPath }) => savepointPath),
      [chk(6), chk(5), base],
    );
  });

  it("is not started again from a savepoint, whose number nobody knows, where nobody can look", async () => {
    world.ledger.data = { ...world.ledger.data, savepoint: "s3://bucket/savepoints/job/x/savepoint-1" };
    const { code, message } = await world.run();
    assert.strictEqual(code, 1);
    assert.match(
      message,
      /^The JobManager restarted while job \w+ was being started from s3:\S+savepoint-1, and its storage cannot be looked at.*restoreNonce/,
    );
    assert.strictEqual(world.flink.runs.length, 0);
  });

  it("starts it under the same id while the JobManager lives: its request may be on its way", async () => {
    world.ledger.data = {
      ...world.ledger.data,
      jobManager: `/tmp/flink-web-${world.flink.process}`,
    };
    for (const number of [1, 2, 3]) world.flink.states?.add(chk(number));
    const job = await runsFrom(base);
    assert.strictEqual(job.id, id);
  });

  it("sees to it also when it has seen the job run itself", async () => {
    world.ledger.data = undefined;
    const { progress } = world.flink;
    const settings = volumeWith([4, 5]);
    let lost = false;
    world.flink.progress = (job) => {
      progress(job);
      if (lost || job.state !== "RUNNING") return;
      lost = true;
      world.flink.restart();
    };
    await runsFrom(`${settings.CHECKPOINT_DIRECTORY}/${id}/chk-4`, settings);
  });

  it("is one job, with that state, when the pod is killed between two tries", async () => {
    world.flink.states = new Set([base, chk(13)]);
    let requests = 0;
    const attempt = world.attempt(next);
    world.fault = (_server, method) => {
      if (method === "GET" || ++requests !== 5) return undefined;
      attempt.kill();
      return "cut before";
    };
    const { signal } = await attempt.outcome;
    assert.strictEqual(signal, "SIGKILL");
    assert.deepStrictEqual(world.flink.runs.length, 1);
    world.fault = () => undefined;
    await runsFrom(chk(13), next);
  });
});
