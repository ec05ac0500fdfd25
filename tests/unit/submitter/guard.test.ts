import assert from "node:assert";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { awks } from "./awks";
import type { FakeJob } from "./fake-flink";
import { type Guard, type Settings, World } from "./harness";

const hash = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

const awk = awks.find(({ command }) => command !== undefined);

describe("guard: the program", function () {
  this.timeout(60_000);
  let world: World;
  let guards: Guard[];
  /** The job that the ledger names. */
  let id: string;

  before(function () {
    if (awk === undefined) this.skip();
  });
  beforeEach(async () => {
    world = await new World(awk?.command ?? []).start();
    guards = [];
    id = `${world.prefix}${"1".repeat(16)}`;
    world.flink.newJob = { checkpointing: true };
    world.ledger.data = { phase: "running", revision: "rev-a", jobId: id, submission: "uid-1" };
    addRunning(id);
  });
  afterEach(async () => {
    for (const guard of guards) guard.kill();
    await Promise.all(guards.map((guard) => guard.outcome));
    world.stop();
  });

  const data = () => world.ledger.data ?? {};
  const chk = (job: string, number: number) => `s3://bucket/checkpoints/${job}/chk-${number}`;
  /** Id of the job that the guard starts in place of another. */
  const after = (job: string) => world.prefix + hash(`${job}/again`, 16);
  const active = () => world.flink.active.map((job) => job.id);

  function addRunning(job: string, more: Partial<FakeJob> = {}): FakeJob {
    return world.flink.addJob(job, { state: "RUNNING", running: 2, checkpoints: 1, ...more });
  }
  function complete(job: string, number: number): void {
    const found = world.flink.jobs.get(job);
    assert.ok(found);
    found.checkpoint = chk(job, number);
    found.checkpoints++;
  }
  function start(settings: Settings = {}): Guard {
    const guard = world.guard(settings);
    guards.push(guard);
    return guard;
  }
  async function until(what: string, condition: () => boolean): Promise<void> {
    for (let i = 0; i < 600; i++) {
      if (condition()) return;
      await sleep(25);
    }
    const logs = guards.map((guard) => guard.log()).join("\n--\n");
    assert.fail(`never: ${what}\n${JSON.stringify(data())}\n${logs}`);
  }
  /** Several looks later. */
  async function looksGoBy(count = 6): Promise<void> {
    const before = world.requests.length;
    await until("further requests", () => world.requests.length >= before + count);
  }
  async function leaves(guard: Guard): Promise<string> {
    guard.stop();
    const { code, log } = await guard.outcome;
    assert.strictEqual(code, 0, log);
    return log;
  }
  async function removed(guard: Guard): Promise<string> {
    world.deployment.deletionTimestamp = "2026-01-01T00:00:00Z";
    return leaves(guard);
  }

  describe("while the job runs", () => {
    it("is ready, and notes each new checkpoint once", async () => {
      complete(id, 7);
      const guard = start();
      await until("ready", guard.ready);
      await until("noted", () => data().checkpoint === chk(id, 7));
      await looksGoBy();
      assert.strictEqual(world.ledger.writes.length, 1);
      complete(id, 8);
      await until("noted", () => data().checkpoint === chk(id, 8));
      assert.deepStrictEqual(active(), [id]);
      assert.strictEqual(data().phase, "running");
    });

    it("notes no checkpoint that lies nowhere", async () => {
      const job = world.flink.jobs.get(id);
      if (job) job.checkpoint = "<checkpoint-not-externally-addressable>";
      const guard = start();
      await until("ready", guard.ready);
      await looksGoBy();
      assert.strictEqual(world.ledger.writes.length, 0);
    });

    it("writes down that it has finished, and does not start it again", async () => {
      const guard = start();
      await until("ready", guard.ready);
      addRunning(id, { state: "FINISHED" });
      await until("finished", () => data().phase === "finished");
      world.flink.restart();
      await looksGoBy();
      assert.ok(guard.ready());
      assert.deepStrictEqual(world.flink.runs, []);
    });

    it("says that it has started when there is something for the readiness probe to see, which is asked at once and then rarely", async () => {
      const guard = start();
      await until("started", guard.started);
      assert.ok(guard.ready());
    });

    it("is not ready when the job has failed for good, says the root cause, and is ready when that was repaired", async () => {
      const guard = start();
      await until("ready", guard.ready);
      complete(id, 3);
      addRunning(id, {
        state: "FAILED",
        checkpoint: chk(id, 3),
        failure: "x.JobException: Recovery is suppressed\nCaused by: a.Poison: record 17\n\tat a.b(C.java:1)",
      });
      await until("not ready", () => !guard.ready());
      await until("failed", () => data().phase === "failed");
      assert.match(data().message ?? "", /has failed: a\.Poison: record 17\. /);
      assert.match(guard.log(), /a\.Poison: record 17/);
      assert.strictEqual(data().checkpoint, chk(id, 3));
      assert.deepStrictEqual(world.flink.runs, [], "what has failed is a person's to repair");
      // The next update.
      const next = `${world.prefix}${"2".repeat(16)}`;
      addRunning(next);
      world.ledger.data = { phase: "running", revision: "rev-a", jobId: next };
      world.ledger.version++;
      await until("ready again", guard.ready);
    });

    it("leaves a job alone that is stopped for another revision", async () => {
      const guard = start();
      await until("ready", guard.ready);
      world.ledger.data = { ...data(), phase: "upgrading", trigger: "t" };
      world.ledger.version++;
      addRunning(id, { state: "FINISHED" });
      await looksGoBy();
      world.flink.restart();
      await looksGoBy();
      assert.strictEqual(data().phase, "upgrading");
      assert.strictEqual(world.ledger.writes.length, 0);
      assert.deepStrictEqual(world.flink.runs, []);
    });

    it("leaves a job alone whose revision is not its own", async () => {
      world.ledger.data = { ...data(), revision: "rev-b" };
      const guard = start();
      await until("ready", guard.ready);
      world.flink.restart();
      await looksGoBy();
      assert.deepStrictEqual(world.flink.runs, []);
      assert.strictEqual(world.ledger.writes.length, 0);
    });

    it("leaves a job alone whose ledger belongs to somebody else", async () => {
      world.ledger.labels["flink-kubernetes/job"] = "other";
      const guard = start();
      await until("a complaint", () => guard.log().includes("belongs to another job"));
      world.flink.restart();
      await looksGoBy();
      assert.ok(!guard.ready());
      assert.deepStrictEqual(world.flink.runs, []);
    });
  });

  describe("when the JobManager has lost the job", () => {
    it("starts it again from the newest checkpoint, under a new id that was written down before", async () => {
      complete(id, 7);
      world.flink.states = new Set([chk(id, 7)]);
      const guard = start();
      await until("noted", () => data().checkpoint === chk(id, 7));
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      const [job] = world.flink.active;
      assert.deepStrictEqual(active(), [data().jobId]);
      assert.strictEqual(job?.restoredFrom, chk(id, 7));
      assert.strictEqual(data().restoredFrom, chk(id, 7));
      assert.strictEqual(data().savepoint, chk(id, 7));
      assert.strictEqual(data().checkpoint, undefined);
      assert.match(data().states ?? "", new RegExp(`^checkpoint \\d+ ${chk(id, 7)}$`));
      assert.match(data().recovered ?? "", /^ ?\d{10}$/);
      const begun = world.ledger.writes.filter(({ phase }) => phase === "submitting");
      assert.strictEqual(begun[0]?.jobId, after(id));
      await until("ready", guard.ready);
      assert.deepStrictEqual([...world.flink.jars.keys()], [world.ledger.data?.jarId], "kept for a rollback");
    });

    it("starts it again from the newest checkpoint on the volume, where there is one", async () => {
      const folder = world.folderOf({});
      const directory = `${folder}/checkpoints/${id}`;
      for (const number of [7, 30, 31]) mkdirSync(`${directory}/chk-${number}`, { recursive: true });
      for (const number of [7, 30]) writeFileSync(`${directory}/chk-${number}/_metadata`, "x");
      world.ledger.data = { ...data(), checkpoint: `file:${directory}/chk-7` };
      start({ STATE_VOLUME: folder });
      await until("looks", () => world.requests.length > 3);
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      assert.deepStrictEqual(
        world.flink.runs.map(({ savepointPath }) => savepointPath),
        [`file:${directory}/chk-30`],
      );
    });

    it("takes one that became complete after the last look, since its results have been given out", async () => {
      complete(id, 7);
      world.flink.states = new Set([chk(id, 6), chk(id, 7), chk(id, 8)]);
      start();
      await until("noted", () => data().checkpoint === chk(id, 7));
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      assert.deepStrictEqual(
        world.flink.active.map(({ restoredFrom }) => restoredFrom),
        [chk(id, 8)],
      );
    });

    it("starts from what it was started from when it has made no checkpoint", async () => {
      world.ledger.data = {
        ...data(),
        savepoint: "s3://bucket/savepoints/1",
        checkpoint: chk("of-another", 9),
      };
      start();
      await until("looks", () => world.requests.length > 3);
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      assert.strictEqual(world.flink.active[0]?.restoredFrom, "s3://bucket/savepoints/1");
    });

    it("does not start a bounded job of which nothing is known again", async () => {
      const guard = start({ BOUNDED: "true" });
      await until("ready", guard.ready);
      world.flink.restart();
      await until("failed", () => data().phase === "failed");
      assert.match(data().message ?? "", /may have come to its end/);
      await looksGoBy();
      assert.ok(!guard.ready());
      assert.deepStrictEqual(world.flink.runs, []);
    });

    it("does not take an answer that is no answer for a loss", async () => {
      complete(id, 7);
      const guard = start();
      await until("ready", guard.ready);
      let looks = 0;
      const job = world.flink.jobs.get(id);
      world.flink.restart();
      world.fault = (server) => {
        if (server === "kubernetes") return undefined;
        looks++;
        return [{ status: 503 }, "cut before", "cut after", { status: 500 }][looks % 4] as never;
      };
      await until("looks", () => looks > 40);
      world.fault = () => undefined;
      if (job) world.flink.jobs.set(id, job);
      await looksGoBy();
      assert.deepStrictEqual(active(), [id]);
      assert.deepStrictEqual(world.flink.runs, []);
    });

    it("starts it at most five times within ten minutes, and says so", async () => {
      const now = Math.floor(Date.now() / 1000);
      const times = [1, 2, 3, 4, 700].map((ago) => now - ago);
      world.ledger.data = { ...data(), recovered: times.join(" ") };
      const guard = start();
      await until("ready", guard.ready);
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      const second = data().jobId;
      await until("ready", guard.ready);
      world.flink.restart();
      await until("a complaint", () => /5 times within 10 minutes/.test(guard.log()));
      await looksGoBy();
      assert.ok(!guard.ready());
      assert.strictEqual(data().jobId, second);
      assert.strictEqual(data().phase, "running");
      assert.strictEqual(world.flink.runs.length, 1);
    });

    it("gives up on a job that fails at every start, with its reason", async () => {
      const guard = start();
      await until("ready", guard.ready);
      world.flink.restart();
      world.flink.refusal = "a.NoLuck: today";
      await until("failed", () => data().phase === "failed");
      assert.match(
        data().message ?? "",
        /lost the job, and it could not be started again: .*a\.NoLuck: today/,
      );
      assert.strictEqual(data().recovered?.trim().split(" ").length, 5);
      assert.ok(!guard.ready());
    });

    it("is one job when two guards overlap", async () => {
      complete(id, 7);
      start();
      start();
      await until("noted", () => data().checkpoint === chk(id, 7));
      world.flink.states = new Set([chk(id, 7)]);
      world.flink.restart();
      await until("running again", () => data().phase === "running" && data().jobId !== id);
      await looksGoBy(12);
      assert.deepStrictEqual(active(), [data().jobId]);
      assert.strictEqual(world.flink.active[0]?.restoredFrom, chk(id, 7));
    });

    it("is one job when a submission of another revision comes at the same time", async () => {
      complete(id, 7);
      const guard = start();
      await until("noted", () => data().checkpoint === chk(id, 7));
      let go: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (go = resolve));
      let holding = true;
      world.fault = (server, method, path) =>
        server === "flink" && method === "POST" && path.endsWith("/run") && holding
          ? { wait: held }
          : undefined;
      world.flink.restart();
      await until("started again", () => world.requests.some((request) => request.endsWith("/run")));
      holding = false;
      world.ledger.annotations["flink-kubernetes/revision"] = "rev-b";
      const submission = world.run({ REVISION: "rev-b", SUBMISSION_UID: "uid-b" });
      await until("claimed", () => data().revision === "rev-b");
      go();
      const { code, log } = await submission;
      assert.strictEqual(code, 0, log);
      await until("one job", () => active().length === 1 && active()[0] === data().jobId);
      await looksGoBy();
      assert.strictEqual(data().revision, "rev-b");
      assert.ok(guard.log().length > 0);
    });

    it("is one job, with its state, when the guard is killed before each request that changes something", async function () {
      this.timeout(180_000);
      for (let kill = 1, finished = false; !finished; kill++) {
        assert.ok(kill < 100);
        world.flink.restart();
        addRunning(id);
        complete(id, 7);
        world.flink.states = new Set([chk(id, 7), chk(id, 10)]);
        world.flink.runs = [];
        world.ledger.data = { phase: "running", revision: "rev-a", jobId: id, checkpoint: chk(id, 7) };
        world.flink.restart();
        let requests = 0;
        let killed = false;
        const first = start();
        // Between two that change nothing it is all the same.
        world.fault = (_server, method) => {
          if (method !== "GET" && ++requests === kill) {
            killed = true;
            first.kill();
          }
          return undefined;
        };
        await until("killed or done", () => killed || (data().phase === "running" && data().jobId !== id));
        world.fault = () => undefined;
        finished = !killed;
        first.kill();
        await first.outcome;
        const second = start();
        await until("running", () => data().phase === "running" && data().jobId !== id && second.ready());
        assert.deepStrictEqual(active(), [data().jobId], `killed before request ${kill}`);
        assert.strictEqual(world.flink.active[0]?.restoredFrom, chk(id, 10), `killed before request ${kill}`);
        second.kill();
        await second.outcome;
      }
    });
  });

  describe("when another revision has failed, and its own is wanted again", () => {
    const savepoint = "s3://bucket/savepoints/job/1/savepoint-1";
    const other = () => `${world.prefix}${"3".repeat(16)}`;
    const failed = () => ({
      ...{
        phase: "failed",
        revision: "rev-b",
        jobId: other(),
        submission: "uid-b",
        failedSubmission: "uid-b",
      },
      ...{
        restoreNonce: "none",
        message: "The job failed: no luck.",
        savepoint,
        request: '{"entryClass":"b"}',
      },
    });
    beforeEach(() => {
      world.flink.restart();
      world.ledger.data = failed();
      world.ledger.annotations["flink-kubernetes/revision"] = "rev-b";
    });

    it("starts it from what it was stopped with, and not before it is wanted", async () => {
      world.flink.addJob(other(), { state: "FAILED", restoredFrom: savepoint });
      const guard = start();
      await until("ready", guard.ready);
      await looksGoBy();
      assert.strictEqual(world.flink.runs.length, 0);
      world.ledger.annotations["flink-kubernetes/revision"] = "rev-a";
      world.ledger.version++;
      await until("running again", () => data().phase === "running" && guard.ready());
      assert.strictEqual(data().revision, "rev-a");
      assert.strictEqual(data().message, undefined);
      assert.strictEqual(data().failedSubmission, undefined);
      assert.deepStrictEqual(active(), [data().jobId]);
      const [job] = world.flink.active;
      assert.strictEqual(job?.restoredFrom, savepoint);
      assert.strictEqual(world.flink.runs[0]?.entryClass, "a.B", "its own program");
    });

    it("starts it when it was stopped, and the other never came to be started", async () => {
      world.flink.addJob(id, { state: "FINISHED" });
      world.ledger.data = { ...failed(), phase: "stopped", revision: "rev-a", jobId: id };
      world.ledger.annotations["flink-kubernetes/revision"] = "rev-a";
      start();
      await until("running again", () => data().phase === "running");
      assert.strictEqual(world.flink.active[0]?.restoredFrom, savepoint);
    });

    it("says why it does not start, once", async () => {
      world.ledger.annotations["flink-kubernetes/revision"] = "rev-a";
      world.flink.refusal = "a.NoLuck: today";
      const guard = start();
      await until("failed", () => data().failedSubmission === "again-uid-b");
      await until("unready", () => /a\.NoLuck: today/.test(guard.log()));
      await looksGoBy();
      assert.ok(!guard.ready());
      assert.match(data().message ?? "", /a\.NoLuck: today/);
      assert.strictEqual(data().phase, "failed");
    });
  });

  describe("when it is told to stop", () => {
    const answers: [string, () => void][] = [
      ["its Deployment is as it was (a drain, an eviction, a rolling update)", () => undefined],
      ["it may not look at its Deployment", () => (world.deployment.status = 403)],
      ["nobody knows", () => (world.deployment.status = 500)],
      [
        "the program says that the job runs without a guard from now on",
        () => {
          world.ledger.annotations["flink-kubernetes/guard"] = "false";
          world.deployment.deletionTimestamp = "2026-11-25T00:00:00Z";
        },
      ],
    ];
    it("goes by the file of the preStop hook, too: bash loses a signal now and then", async () => {
      const guard = start();
      await until("ready", guard.ready);
      world.deployment.deletionTimestamp = "2026-01-01T00:00:00Z";
      guard.leave();
      const { code, log } = await guard.outcome;
      assert.equal(code, 0, log);
      assert.deepEqual(active(), []);
      assert.equal(data().phase, "stopped");
    });

    for (const [what, answer] of answers) {
      it(`leaves the job alone when ${what}`, async () => {
        const guard = start();
        await until("ready", guard.ready);
        answer();
        assert.match(await leaves(guard), /left alone/);
        assert.deepStrictEqual(active(), [id]);
        assert.strictEqual(data().phase, "running");
      });
    }

    const gone: [string, () => void][] = [
      ["is being deleted", () => (world.deployment.deletionTimestamp = "2026-01-01T00:00:00Z")],
      ["has gone", () => (world.deployment.status = 404)],
    ];
    for (const [what, answer] of gone) {
      it(`stops the job with a savepoint when its Deployment ${what}`, async () => {
        const guard = start();
        await until("ready", guard.ready);
        answer();
        const log = await leaves(guard);
        assert.deepStrictEqual(active(), [], log);
        assert.strictEqual(data().phase, "stopped");
        assert.match(
          data().savepoint ?? "",
          /^s3:\/\/bucket\/savepoints\/job\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-1$/,
        );
        assert.deepStrictEqual(world.flink.cancelled, []);
      });
    }

    it("stops the job although the Kubernetes API hiccups", async () => {
      const guard = start();
      await until("ready", guard.ready);
      let asked = 0;
      world.fault = (server) => (server === "kubernetes" && ++asked <= 4 ? { status: 503 } : undefined);
      await removed(guard);
      assert.deepStrictEqual(active(), []);
      assert.strictEqual(data().phase, "stopped");
    });

    it("cancels a stateless job", async () => {
      const guard = start({ UPGRADE_MODE: "stateless" });
      await until("ready", guard.ready);
      await removed(guard);
      assert.deepStrictEqual(world.flink.cancelled, [id]);
      assert.strictEqual(data().phase, "stopped");
      assert.strictEqual(data().savepoint, undefined);
    });

    it("cancels a job that cannot take a savepoint, and names its last checkpoint", async () => {
      world.flink.savepointFailure = "x.CheckpointException: the store is full";
      complete(id, 9);
      const guard = start();
      await until("noted", () => data().checkpoint === chk(id, 9));
      const log = await removed(guard);
      assert.deepStrictEqual(active(), []);
      assert.strictEqual(data().phase, "stopped", log);
      assert.strictEqual(data().savepoint, chk(id, 9));
      assert.match(
        data().message ?? "",
        /^No savepoint could be taken when the job was removed, so it was cancelled: .*the store is full/,
      );
    });

    it("ends in time when the JobManager is dead, and says that no savepoint could be taken", async () => {
      complete(id, 9);
      const guard = start({ START_TIMEOUT: "3" });
      await until("noted", () => data().checkpoint === chk(id, 9));
      world.fault = (server) => (server === "flink" ? "cut before" : undefined);
      const begun = Date.now();
      const log = await removed(guard);
      assert.ok(Date.now() - begun < 45_000, log);
      assert.match(
        data().message ?? "",
        /^No savepoint could be taken when the job was removed: No JobManager answered.*newest known state is .*chk-9\.$/,
      );
      // Where the store cannot be looked at, one that was completed since is tried first, should the job come back from this ledger.
      assert.strictEqual(data().atLeast, chk(id, 9));
      assert.match(data().savepoint ?? "", /chk-1\d$/);
    });

    it("names the newest checkpoint that there is when the JobManager is dead and the store can be looked at", async () => {
      const folder = world.folderOf({});
      for (const number of [9, 10]) {
        mkdirSync(`${folder}/checkpoints/${id}/chk-${number}`, { recursive: true });
        writeFileSync(`${folder}/checkpoints/${id}/chk-${number}/_metadata`, "x");
      }
      const directory = `file://${folder}/checkpoints`;
      const guard = start({ START_TIMEOUT: "3", STATE_VOLUME: folder, CHECKPOINT_DIRECTORY: directory });
      await until("ready", guard.ready);
      world.fault = (server) => (server === "flink" ? "cut before" : undefined);
      await removed(guard);
      assert.strictEqual(data().savepoint, `${directory}/${id}/chk-10`);
      assert.strictEqual(data().atLeast, undefined);
    });

    it("needs no JobManager where nothing runs any more", async () => {
      world.ledger.data = { ...data(), phase: "finished" };
      const guard = start();
      await until("ready", guard.ready);
      const before = world.requests.length;
      await removed(guard);
      assert.deepStrictEqual(
        world.requests.slice(before).filter((request) => /overview|jobs/.test(request)),
        [],
      );
      assert.strictEqual(data().phase, "finished");
      assert.strictEqual(data().submission, "removal");
    });

    it("stops the job without a ledger when the whole namespace is deleted", async () => {
      const guard = start();
      await until("ready", guard.ready);
      world.ledger.missing = true;
      world.deployment.status = 404;
      const log = await leaves(guard);
      assert.deepStrictEqual(active(), [], log);
      assert.deepStrictEqual(world.flink.cancelled, []);
    });

    it("stops a job that it is just starting again", async () => {
      complete(id, 7);
      world.flink.states = new Set([chk(id, 7)]);
      const guard = start();
      await until("noted", () => data().checkpoint === chk(id, 7));
      world.flink.restart();
      await until("submitting", () => data().phase === "submitting");
      await removed(guard);
      assert.deepStrictEqual(active(), []);
      assert.strictEqual(data().phase, "stopped");
    });

    it("starts the job again when it was stopped with its guard, and there is a guard of that revision again", async () => {
      const guard = start();
      await until("ready", guard.ready);
      await removed(guard);
      assert.strictEqual(data().phase, "stopped");
      const { savepoint } = data();
      delete world.deployment.deletionTimestamp;
      const next = start();
      await until("running", () => data().phase === "running" && next.ready());
      assert.strictEqual(world.flink.active[0]?.restoredFrom, savepoint);
    });
  });

  describe("a job that was stopped for a change of the cluster", () => {
    const savepoint = "s3://bucket/savepoints/job/1/savepoint-1";
    beforeEach(() => {
      world.flink.jobs.get(id)!.state = "FINISHED";
      const data = { ...world.ledger.data, phase: "stopped", savepoint, checkpoint: chk(id, 7) };
      world.ledger.data = { ...data, restart: "changed", restartGeneration: "1" } as Record<string, string>;
    });

    it("is left alone while the change is to come, and when it has come", async () => {
      const guard = start();
      await looksGoBy();
      world.jobManager = { generation: 2, annotations: { "flink-kubernetes/restart-hash": "changed" } };
      await looksGoBy();
      assert.equal(data().phase, "stopped");
      await leaves(guard);
    });

    for (const [what, restart, generation] of [
      ["has been given up", "here", 1],
      ["was made and taken back", "changed", 3],
    ] as const) {
      it(`is started from what it was stopped with when the change ${what}`, async () => {
        world.jobManager.generation = generation;
        world.ledger.data = { ...data(), restart };
        const guard = start();
        await until("running again", () => data().phase === "running");
        assert.deepStrictEqual(active(), [after(id)]);
        assert.equal(world.flink.jobs.get(after(id))?.restoredFrom, savepoint);
        assert.equal(data().restart, undefined);
        await leaves(guard);
      });
    }

    it("stays stopped when a person paused it", async () => {
      world.ledger.data = { ...data(), restart: "here", paused: "true" };
      const guard = start();
      await looksGoBy();
      assert.equal(data().phase, "stopped");
      await leaves(guard);
    });
  });
});
