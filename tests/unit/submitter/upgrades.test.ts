import assert from "node:assert";
import { createHash } from "node:crypto";
import { anyAwk } from "./awks";
import { checkpointPath, type FakeJob } from "./fake-flink";
import { hash, type Settings, World } from "./harness";

describe("submitter: upgrades", function () {
  this.timeout(90_000);
  let world: World;
  let old: FakeJob;
  const next: Settings = { SUBMISSION_UID: "uid-2", REVISION: "rev-b" };
  const oldId = () => world.prefix + hash("uid-1", 16);
  const newJob = () => world.flink.jobs.get(world.prefix + hash("uid-2", 16));
  const savepoint = /savepoints\/job\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-1$/;

  beforeEach(async () => {
    world = await new World(anyAwk).start();
    world.flink.newJob = { checkpointing: true, addressable: true };
  });
  afterEach(() => world?.stop());

  /** Revision rev-a, whose job is like this. */
  function before(job: Partial<FakeJob> = {}, ledger: Record<string, string> = {}): void {
    const request = JSON.stringify({ entryClass: "a.A", parallelism: 2 });
    old = world.flink.addJob(oldId(), { state: "RUNNING", running: 2, ...job });
    world.flink.jars.set("old.jar", 1);
    world.ledger.data = {
      ...{ revision: "rev-a", jobId: oldId(), phase: "running", submission: "uid-1", restoreNonce: "none" },
      ...{ request, jarId: "old.jar", jarHash: "old", ...ledger },
    };
    // It stays as it is.
    const { progress } = world.flink;
    world.flink.progress = (it) => (it === old ? undefined : progress(it));
  }

  async function succeeds(settings: Settings = next) {
    const outcome = await world.run(settings);
    assert.strictEqual(outcome.code, 0, outcome.log);
    assert.strictEqual(world.flink.active.length, 1, outcome.log);
    assert.strictEqual(world.ledger.data?.phase, "running");
    return outcome;
  }

  async function fails(pattern: RegExp, settings: Settings = next) {
    const outcome = await world.run(settings);
    assert.strictEqual(outcome.code, 1, outcome.log);
    assert.match(outcome.message, pattern, outcome.log);
    assert.strictEqual(world.ledger.data?.message, outcome.message);
    return outcome;
  }

  it("ask nothing between the ledger that names the new job and its start, while nothing is counted", async () => {
    before();
    const { requests } = world;
    world.fault = (server, method, path) => {
      if (server === "flink" && method === "POST" && path.includes("/run")) {
        assert.strictEqual(world.ledger.data?.phase, "submitting");
        assert.match(requests.at(-2) ?? "", /^PATCH .*\/configmaps\//);
      }
      return undefined;
    };
    await succeeds();
    assert.match(newJob()?.restoredFrom ?? "", savepoint);
  });

  it("send the jar again when the JobManager has lost it meanwhile", async () => {
    before();
    world.fault = (server, method) => {
      // The one that came before the stop.
      if (
        server === "kubernetes" &&
        method === "PATCH" &&
        newJob() === undefined &&
        world.flink.active.length === 0
      )
        for (const jar of [...world.flink.jars.keys()]) if (jar !== "old.jar") world.flink.jars.delete(jar);
      return undefined;
    };
    const { log } = await succeeds();
    assert.strictEqual(log.match(/Uploading/g)?.length, 2, log);
  });

  describe("from a job that is not stopped by us", () => {
    for (const state of ["FAILED", "CANCELED"]) {
      it(`goes on from the last checkpoint of one that is ${state}`, async () => {
        before({ state, checkpoints: 7 }, { savepoint: "s3://bucket/savepoints/old" });
        await succeeds();
        assert.strictEqual(newJob()?.restoredFrom, checkpointPath(old));
      });
    }

    it("goes on from the checkpoint that the ledger names when the JobManager does not know the job", async () => {
      before({}, { checkpoint: "s3://bucket/checkpoints/x/chk-9", savepoint: "s3://bucket/savepoints/old" });
      world.flink.restart();
      await succeeds();
      assert.strictEqual(newJob()?.restoredFrom, "s3://bucket/checkpoints/x/chk-9");
    });

    it("says what to do when no state of it is known, and does it", async () => {
      before();
      world.flink.restart();
      await fails(/no longer on the cluster, and no state of it is known.*initialSavepoint.*restoreNonce/);
      assert.strictEqual(world.flink.runs.length, 0);
      const initial = "s3://elsewhere/savepoint-9";
      await succeeds({ ...next, SUBMISSION_UID: "uid-3", RESTORE_NONCE: "1", INITIAL_SAVEPOINT: initial });
      assert.strictEqual(world.flink.active[0].restoredFrom, initial);
    });

    it("does not go behind a checkpoint that was deleted with it", async () => {
      before(
        { state: "CANCELED", checkpoints: 7, retained: false },
        { savepoint: "s3://bucket/savepoints/old" },
      );
      await fails(/is CANCELED, and its checkpoints are deleted with it/);
      assert.strictEqual(world.flink.runs.length, 0);
    });

    it("goes on from the savepoint that somebody stopped it with", async () => {
      before({ checkpoints: 7 });
      const location = "s3://by-hand/savepoint-1";
      old.savepoints.set("x", { location, polls: 9, complete: true });
      old.state = "FINISHED";
      await succeeds();
      assert.strictEqual(newJob()?.restoredFrom, location);
    });
  });

  describe("with a savepoint whose result is forgotten", () => {
    it("takes it anew when the job runs again", async () => {
      before();
      let failedOver = false;
      world.fault = (_server, method, url) => {
        if (failedOver || method !== "GET" || !url.includes("/savepoints/") || old.savepoints.size === 0)
          return undefined;
        failedOver = true;
        old.savepoints.clear();
        return undefined;
      };
      await succeeds();
      assert.ok(failedOver);
      assert.match(newJob()?.restoredFrom ?? "", savepoint);
    });

    it("names the directory when the job is gone with it, and starts from nothing older", async () => {
      before({ checkpoints: 7 }, { checkpoint: "s3://bucket/checkpoints/x/chk-7" });
      world.fault = (_server, method, url) => {
        if (method === "GET" && url.includes("/savepoints/") && old.savepoints.size > 0)
          world.flink.restart();
        return undefined;
      };
      await fails(
        /has forgotten where its state is.*s3:\/\/bucket\/savepoints\/job\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}.*restoreNonce/,
      );
      assert.strictEqual(world.ledger.data?.phase, "upgrading");
      assert.strictEqual(world.flink.runs.length, 0);
      world.fault = () => undefined;
      const initial = { RESTORE_NONCE: "1", INITIAL_SAVEPOINT: "s3://found/savepoint-1" };
      await succeeds({ ...next, SUBMISSION_UID: "uid-3", ...initial });
      assert.strictEqual(world.flink.active[0].restoredFrom, "s3://found/savepoint-1");
      assert.strictEqual(world.ledger.data?.restoreNonce, "1");
    });
  });

  it("from the last checkpoint take the one that was completed at the last moment, which Flink does not show at once", async () => {
    before({ checkpoints: 7, stale: true });
    await succeeds({ ...next, UPGRADE_MODE: "lastState" });
    assert.match(newJob()?.restoredFrom ?? "", /chk-8$/);
  });

  describe("that cannot stop the job", () => {
    const someRun = { running: 1, checkpoints: 7 };

    it("leave it as it is without fallback", async () => {
      before(someRun);
      await fails(/1 of 2 subtasks run.*fallback: true/, { ...next, FALLBACK: "false", START_TIMEOUT: "2" });
      assert.strictEqual(old.state, "RUNNING");
      assert.strictEqual(world.ledger.data?.phase, "running");
    });

    it("leave it as it is when its checkpoints would go with it", async () => {
      before({ ...someRun, retained: false });
      await fails(/kept no checkpoint/, { ...next, START_TIMEOUT: "2" });
      assert.strictEqual(old.state, "RUNNING");
      await fails(/its checkpoints are deleted with it/, {
        ...next,
        SUBMISSION_UID: "uid-3",
        UPGRADE_MODE: "lastState",
      });
      assert.strictEqual(old.state, "RUNNING");
    });

    it("do not begin when the program does not come to its job", async () => {
      before();
      world.flink.refusal =
        "org.apache.flink.client.program.ProgramInvocationException: no class a.B in the jar";
      await fails(/no class a\.B in the jar\. The revision before runs on\.$/);
      assert.strictEqual(old.state, "RUNNING");
      assert.deepStrictEqual([...world.flink.jars.keys()], ["old.jar"]);
    });
  });

  describe("that are rolled back", () => {
    const misfit = "Caused by: org.apache.flink.util.StateMigrationException: no";
    beforeEach(() => {
      world.flink.incompatible = ({ entryClass }) => (entryClass === "a.B" ? misfit : undefined);
    });

    it("leave the new job as it is without `rollback`, and the next revision starts from the same state", async () => {
      before();
      await fails(/^The job cannot start from .*StateMigrationException: no/, { ...next, ROLLBACK: "false" });
      assert.strictEqual(world.ledger.data?.phase, "failed");
      const state = newJob()?.restoredFrom;
      world.flink.incompatible = () => undefined;
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c" });
      assert.strictEqual(world.flink.active[0].restoredFrom, state);
    });

    it("say so when the jar is gone and the one at hand is another", async () => {
      before();
      world.fault = (_server, method, url) => {
        if (method === "POST" && url.endsWith("/run")) world.flink.jars.delete("old.jar");
        return undefined;
      };
      await fails(
        /StateMigrationException.*Revision rev-a, the one before, could not be put back from s3.*jar is no longer/,
      );
      assert.strictEqual(world.flink.active.length, 0);
      // Its state is not lost.
      world.flink.incompatible = () => undefined;
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c" });
      assert.match(world.flink.active[0].restoredFrom ?? "", savepoint);
    });

    it("take the jar at hand when it is the same", async () => {
      before({}, { jarHash: createHash("sha256").update(Buffer.alloc(200_000, "x")).digest("hex") });
      world.flink.jars.delete("old.jar");
      await fails(/was put back/);
      assert.strictEqual(world.flink.active.length, 1);
    });

    it("are not when the new job has completed a checkpoint: what it wrote is final", async () => {
      before();
      world.flink.incompatible = () => undefined;
      const { progress } = world.flink;
      world.flink.progress = (job) => {
        if (job === old) return;
        progress(job);
        if (job.polls >= 2) Object.assign(job, { state: "FAILED", checkpoints: 1, failure: "x.Poison: 1" });
      };
      await fails(
        /x\.Poison: 1.*had completed a checkpoint before, s3:\S+\/chk-1, so the revision before was not put back/,
      );
      world.flink.progress = progress;
      const state = checkpointPath(newJob()!);
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c" });
      assert.strictEqual(world.flink.active[0].restoredFrom, state);
    });

    it("are rolled back once by two pods at once, and without losing sight of it through cut answers", async () => {
      before();
      let count = 0;
      world.fault = () => (++count % 7 === 0 ? "cut after" : undefined);
      const outcomes = await Promise.all([world.run(next), world.run(next)]);
      for (const { code, message, log } of outcomes) {
        assert.strictEqual(code, 1, log);
        assert.match(message, /was put back|Somebody else/, log);
      }
      assert.strictEqual(world.flink.active.length, 1);
      assert.strictEqual(world.ledger.data?.revision, "rev-a");
      assert.strictEqual(world.ledger.data?.phase, "running");
      assert.match(world.flink.active[0].restoredFrom ?? "", savepoint);
    });
  });

  describe("and where a job starts", () => {
    const initial = { INITIAL_SAVEPOINT: "s3://elsewhere/savepoint-9" };

    it("at first from the initial savepoint, and later from its own state", async () => {
      await succeeds(initial);
      assert.strictEqual(world.flink.active[0].restoredFrom, initial.INITIAL_SAVEPOINT);
      await succeeds({ ...next, ...initial });
      assert.match(world.flink.active[0].restoredFrom ?? "", savepoint);
    });

    it("from another initial savepoint when it never came to run from the first", async () => {
      world.flink.incompatible = ({ savepointPath }) =>
        savepointPath === initial.INITIAL_SAVEPOINT ? "x.StateMigrationException: no" : undefined;
      await fails(/cannot start from s3:\/\/elsewhere\/savepoint-9/, initial);
      await succeeds({ SUBMISSION_UID: "uid-2", INITIAL_SAVEPOINT: "s3://elsewhere/savepoint-8" });
      assert.strictEqual(world.flink.active[0].restoredFrom, "s3://elsewhere/savepoint-8");
    });

    it("with another nonce from there again, and its state is kept for a rollback", async () => {
      before();
      await succeeds({ ...next, ...initial, RESTORE_NONCE: "1" });
      assert.strictEqual(newJob()?.restoredFrom, initial.INITIAL_SAVEPOINT);
      assert.match(world.ledger.data?.states ?? "", /^savepoint \d+ s3:\S+savepoint-1$/);
      // The same nonce, or none, changes nothing more.
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c" });
      assert.match(world.flink.active[0].restoredFrom ?? "", savepoint);
    });

    it("a bounded job without waiting for all of its tasks, or for a checkpoint", async () => {
      const { progress } = world.flink;
      world.flink.progress = (job) => {
        progress(job);
        if (job.state === "RUNNING") job.running = 1;
      };
      await succeeds({ BOUNDED: "true", UPGRADE_MODE: "stateless" });
      assert.strictEqual(world.flink.active[0].checkpoints, 0);
    });

    describe("after a change of the cluster alone", () => {
      const changed: Settings = { ...next, DEFINITION: "def-1" };

      for (const [name, ledger] of [
        ["has finished", { phase: "finished" }],
        ["is paused", { phase: "stopped", paused: "true", savepoint: "s3://bucket/savepoints/paused" }],
      ] as const) {
        it(`not at all when it ${name}`, async () => {
          before({ state: "FINISHED" }, { ...ledger, definition: "def-1" });
          world.flink.restart();
          const { code, message, log } = await world.run(changed);
          assert.strictEqual(code, 0, log);
          assert.match(message, new RegExp(`rev-b ${name} as job ${oldId()}`));
          assert.strictEqual(world.flink.runs.length, 0);
          const { revision, phase, jobId } = world.ledger.data ?? {};
          assert.deepStrictEqual([revision, phase, jobId], ["rev-b", ledger.phase, oldId()]);
          // Another program is another matter.
          await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c", DEFINITION: "def-2" });
        });
      }
    });

    it("not at all while a person has paused it, until there is another revision", async () => {
      before(
        { state: "FINISHED" },
        { phase: "stopped", paused: "true", savepoint: "s3://bucket/savepoints/paused" },
      );
      const outcome = await world.run({ SUBMISSION_UID: "uid-2" });
      assert.match(outcome.message, /is paused/);
      assert.strictEqual(world.flink.active.length, 0);
      await succeeds(next);
      assert.strictEqual(newJob()?.restoredFrom, "s3://bucket/savepoints/paused");
      assert.strictEqual(world.ledger.data?.paused, undefined);
    });
  });
});
