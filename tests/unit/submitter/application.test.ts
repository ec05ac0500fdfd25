import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { awks } from "./awks";
import { type Settings, World } from "./harness";

const awk = awks.find(({ command }) => command !== undefined);
const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

/** The pods before and after a JobManager that carries a job, and what runs in its container before Flink. */
describe("submitter: an application", function () {
  this.timeout(60_000);
  let world: World;
  let folder: string;
  beforeEach(async () => {
    world = await new World(awk?.command ?? []).start();
    folder = world.folderOf({});
  });
  afterEach(() => world.stop());

  const idOf = (uid: string) => world.prefix + hash(uid);
  const again = (id: string) => world.prefix + hash(`${id}/again`);
  const book = () => world.ledger.data ?? {};
  const step = (program: string, settings: Settings) => world.run({ PROGRAM: program, ...settings });
  async function prepare(settings: Settings = {}) {
    const outcome = await step("application-prepare.sh", settings);
    assert.equal(outcome.code, 0, outcome.log);
    return outcome;
  }
  async function start(settings: Settings = {}) {
    const outcome = await step("application-start.sh", { SUBMISSION_UID: "start-1", ...settings });
    assert.equal(outcome.code, 0, outcome.log);
    return outcome;
  }
  /** One start of the JobManager's container, whose folder outlives it; gives what Flink is started with. */
  async function launch(settings: Settings = {}): Promise<string[]> {
    const result = path.join(folder, "start");
    rmSync(result, { force: true });
    const outcome = await step("application-launch.sh", {
      ARGUMENTS: `${result} ${path.join(folder, "flink.log")}`,
      FLINK_KUBERNETES_REVISION: "rev-a",
      ...settings,
    });
    assert.equal(outcome.code, 0, outcome.log);
    return readFileSync(result, "utf8").split("\n").slice(0, 3);
  }
  /** Revision "rev-a" runs, and has made a checkpoint. */
  async function running(settings: Settings = {}): Promise<string> {
    await prepare(settings);
    const [, id] = await launch(settings);
    world.flink.addJob(id, {
      checkpointing: true,
      checkpoints: 3,
      checkpoint: `s3://bucket/checkpoints/${id}/chk-3`,
    });
    await start(settings);
    return id;
  }

  it("notes what the first JobManager is to start, which starts it, and then that it runs", async () => {
    const initial = { INITIAL_SAVEPOINT: "s3://other/savepoint-1" };
    await prepare(initial);
    assert.equal(book().phase, "submitting");
    assert.deepEqual(await launch(), ["job", idOf("uid-1"), "s3://other/savepoint-1"]);
    world.flink.addJob(idOf("uid-1"));
    await start();
    const { phase, jobId, restoredFrom, restoreNonce } = book();
    assert.deepEqual(
      { phase, jobId, restoredFrom, restoreNonce },
      {
        phase: "running",
        jobId: idOf("uid-1"),
        restoredFrom: "s3://other/savepoint-1",
        restoreNonce: "none",
      },
    );
  });

  it("stops the job with a savepoint for another revision, once however often it is tried, and goes on from there", async () => {
    const id = await running();
    await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
    const { savepoint, revision, jobId, previousRevision } = book();
    assert.match(savepoint!, /^s3:\/\/bucket\/savepoints\/job\//);
    assert.deepEqual([revision, jobId, previousRevision], ["rev-b", idOf("uid-2"), "rev-a"]);
    assert.equal(world.flink.jobs.get(id)!.state, "FINISHED");
    const writes = world.ledger.writes.length;
    await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
    assert.equal(world.ledger.writes.length, writes);
    assert.deepEqual(await launch({ FLINK_KUBERNETES_REVISION: "rev-b" }), ["job", idOf("uid-2"), savepoint]);
  });

  for (const [mode, from] of [
    ["lastState", (id: string) => `s3://bucket/checkpoints/${id}/chk-3`],
    ["stateless", () => ""],
  ] as const) {
    it(`cancels the job when the mode is ${mode}`, async () => {
      const id = await running();
      await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2", UPGRADE_MODE: mode });
      assert.deepEqual(world.flink.cancelled, [id]);
      assert.equal(book().savepoint ?? "", from(id));
    });
  }

  it("goes back to the state that a revision was stopped with when the next one never ran", async () => {
    await running();
    await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
    const { savepoint } = book();
    world.flink.restart();
    world.flink.addJob(idOf("uid-2"), { state: "FAILED", failure: "java.lang.IllegalStateException: no" });
    const failed = await step("application-start.sh", { REVISION: "rev-b", SUBMISSION_UID: "start-2" });
    assert.equal(failed.code, 1, failed.log);
    assert.match(failed.message, /IllegalStateException: no/);
    assert.equal(book().phase, "failed");
    await prepare({ SUBMISSION_UID: "uid-3" });
    assert.deepEqual([book().revision, book().savepoint], ["rev-a", savepoint]);
  });

  it("starts anew with another nonce, and only then", async () => {
    const nonce = { RESTORE_NONCE: "1" };
    await running(nonce);
    assert.equal(book().restoreNonce, "1");
    await prepare({
      ...nonce,
      REVISION: "rev-b",
      SUBMISSION_UID: "uid-2",
      INITIAL_SAVEPOINT: "s3://other/2",
    });
    assert.match(book().savepoint!, /^s3:\/\/bucket\/savepoints/);
    await launch({ FLINK_KUBERNETES_REVISION: "rev-b" });
    world.flink.addJob(idOf("uid-2"));
    await start({ ...nonce, REVISION: "rev-b" });
    await prepare({
      RESTORE_NONCE: "2",
      REVISION: "rev-c",
      SUBMISSION_UID: "uid-3",
      INITIAL_SAVEPOINT: "s3://other/2",
    });
    assert.equal(book().savepoint, "s3://other/2");
  });

  it("goes on where the stack before left its ledger, and gives up the job that high availability has of it", async () => {
    const id = await running();
    const savepoint = "s3://bucket/savepoints/job/t/savepoint-1";
    world.ledger.data = { ...book(), phase: "stopped", submission: "removal", savepoint };
    await prepare({ SUBMISSION_UID: "uid-2" });
    assert.equal(book().abandoned, id);
    assert.deepEqual(await launch(), ["job", idOf("uid-2"), savepoint]);
  });

  it("leaves a JobManager alone whose revision is not the one that is to run", async () => {
    await running();
    await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
    const old = world.attempt({
      PROGRAM: "application-launch.sh",
      ARGUMENTS: `${path.join(folder, "start")} none`,
      FLINK_KUBERNETES_REVISION: "rev-a",
    });
    const raced = await Promise.race([
      old.outcome.then(() => "ended"),
      new Promise((resolve) => setTimeout(() => resolve("waits"), 1500)),
    ]);
    old.kill();
    await old.outcome;
    assert.equal(raced, "waits");
  });

  describe("when the JobManager has died", () => {
    it("goes on under a new id from the newest checkpoint that was noted", async () => {
      const id = await running();
      const checkpoint = `s3://bucket/checkpoints/${id}/chk-7`;
      world.ledger.data = { ...book(), checkpoint };
      assert.deepEqual(await launch(), ["job", again(id), checkpoint]);
      const { jobId, restoredFrom, phase } = book();
      assert.deepEqual(
        { jobId, restoredFrom, phase },
        { jobId: again(id), restoredFrom: checkpoint, phase: "running" },
      );
    });

    it("finds the newest complete checkpoint itself where it can see them", async () => {
      const id = await running();
      for (const [number, file] of [
        [2, "_metadata"],
        [10, "_metadata"],
        [11, "part"],
      ] as const) {
        const chk = path.join(folder, "checkpoints", id, `chk-${number}`);
        mkdirSync(chk, { recursive: true });
        writeFileSync(path.join(chk, file), "x");
      }
      const directory = path.join(folder, "checkpoints");
      const [, , state] = await launch({ CHECKPOINT_DIRECTORY: `file://${directory}` });
      assert.equal(state, `file://${directory}/${id}/chk-10`);
    });

    it("starts the same job again with high availability, which knows better", async () => {
      const settings = { HIGH_AVAILABILITY_ID: "ha" };
      const id = await running(settings);
      const count = world.ledger.writes.length;
      assert.deepEqual((await launch(settings)).slice(0, 2), ["job", id]);
      assert.equal(world.ledger.writes.length, count);
    });

    it("runs without a job when that has finished or was paused", async () => {
      const id = await running();
      world.ledger.data = { ...book(), phase: "finished" };
      assert.deepEqual(await launch(), ["none", "", ""]);
      world.ledger.data = { ...book(), phase: "stopped", paused: "true" };
      assert.deepEqual(await launch(), ["none", "", ""]);
      assert.equal(book().jobId, id);
    });

    it("says after a moment why it never got as far as the job", async () => {
      await prepare();
      await launch();
      const line = (level: string, text: string) =>
        `2026-01-01 10:00:00,000 ${level} org.apache.flink.X [] - ${text}\n`;
      writeFileSync(
        path.join(folder, "flink.log"),
        line("INFO ", "Starting.") +
          line("ERROR", "Could not create application program.") +
          "java.lang.RuntimeException: no\n\tat a.B.c(B.java:1)\nCaused by: java.lang.ClassNotFoundException: com.example.Gone\n\tat d.E.f(E.java:2)\n" +
          line("INFO ", "Shutting down."),
      );
      await launch();
      const failed = await step("application-start.sh", { SUBMISSION_UID: "start-1" });
      assert.equal(failed.code, 1, failed.log);
      assert.match(failed.message, /ClassNotFoundException: com\.example\.Gone/);
      assert.equal(book().phase, "failed");
    });

    it("is replaced from its latest checkpoint when there is no JobManager any more", async () => {
      const id = await running();
      world.ledger.data = { ...book(), checkpoint: `s3://bucket/checkpoints/${id}/chk-9` };
      world.fault = (server, _method, url) =>
        server === "flink"
          ? "cut before"
          : url.includes("/deployments/cluster-jobmanager")
            ? { status: 404 }
            : undefined;
      await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
      assert.equal(book().savepoint, `s3://bucket/checkpoints/${id}/chk-9`);
      assert.equal(book().abandoned, id);
    });
  });

  it("says why main() failed, of a job that Flink cannot show, and lets the next revision begin", async () => {
    await prepare();
    await launch();
    const id = idOf("uid-1");
    world.flink.addJob(id, { state: "FAILED", failure: "java.lang.NumberFormatException: many" });
    world.fault = (server, _method, url) =>
      server === "flink" && url.endsWith(`/jobs/${id}`) ? { status: 500 } : undefined;
    const failed = await step("application-start.sh", { SUBMISSION_UID: "start-1" });
    assert.equal(failed.code, 1, failed.log);
    assert.match(failed.message, /NumberFormatException: many/);
    await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
    assert.deepEqual([book().revision, book().phase], ["rev-b", "submitting"]);
  });

  it("tells a JobManager to begin anew that still shows the job of before", async () => {
    const id = await running();
    world.flink.jobs.get(id)!.state = "FINISHED";
    world.ledger.data = { ...book(), phase: "submitting", jobId: idOf("uid-9"), launched: "" };
    let told = false;
    world.fault = (server, method, url) => {
      if (server !== "flink" || method !== "DELETE" || url !== "/cluster") return undefined;
      told = true;
      world.flink.restart();
      world.flink.addJob(idOf("uid-9"));
      return undefined;
    };
    await start();
    assert.ok(told);
    assert.equal(book().phase, "running");
  });

  describe("whose pods end some time after the job", () => {
    const TTL: Settings = { TASKMANAGER_WORKLOAD: "statefulsets/taskmanager", TTL_SECONDS: "0" };
    const pods = () => [world.replicas["deployments/jobmanager"], world.replicas["statefulsets/taskmanager"]];
    const setPods = (jobManagers: number, taskManagers: number) =>
      (world.replicas = { "deployments/jobmanager": jobManagers, "statefulsets/taskmanager": taskManagers });
    async function look(settings: Settings = {}): Promise<void> {
      const outcome = await world.run({ PROGRAM: "ttl.sh", ARGUMENTS: "look", ...TTL, ...settings });
      assert.equal(outcome.code, 0, outcome.log);
    }
    async function finished(): Promise<string> {
      setPods(1, 3);
      const id = await running();
      world.ledger.data!.phase = "finished";
      return id;
    }

    it("keeps them while the job runs, and until the time is over", async () => {
      setPods(1, 3);
      await running();
      await look();
      assert.deepEqual(pods(), [1, 3]);
      const id = await finished();
      await look({ TTL_SECONDS: "600" });
      assert.deepEqual(pods(), [1, 3]);
      assert.match(book().finishedAt!, new RegExp(`^${id} \\d+$`));
      world.ledger.data!.finishedAt = `${id} ${Math.floor(Date.now() / 1000) - 601}`;
      await look({ TTL_SECONDS: "600" });
      assert.deepEqual(pods(), [0, 0]);
    });

    it("counts the time of this job, and not of one before it", async () => {
      await finished();
      world.ledger.data!.finishedAt = `${idOf("another")} 1000`;
      await look({ TTL_SECONDS: "600" });
      assert.deepEqual(pods(), [1, 3]);
    });

    it("brings back as many for the next revision, and counts anew", async () => {
      await finished();
      await look();
      assert.deepEqual(pods(), [0, 0]);
      await prepare({ REVISION: "rev-b", SUBMISSION_UID: "uid-2" });
      assert.equal(book().phase, "submitting");
      // The update has made the new JobManager's Deployment already.
      world.replicas["deployments/jobmanager"] = 1;
      await look();
      assert.deepEqual(pods(), [1, 3]);
      assert.deepEqual([book().asleep, book().finishedAt], [undefined, undefined]);
    });

    it("ends those that come back while nothing is wanted, and knows of a number that was changed", async () => {
      await finished();
      await look();
      setPods(1, 5);
      await look();
      assert.deepEqual(pods(), [0, 0]);
      assert.equal(book().asleep, "1 5");
    });

    it("loses no number when it is killed in between, or somebody else writes the ledger", async () => {
      await finished();
      world.fault = (server, method, url) =>
        server === "kubernetes" && method === "PATCH" && url.includes("deployments/jobmanager/scale")
          ? { status: 500 }
          : undefined;
      await look();
      assert.deepEqual(pods(), [1, 0]);
      world.fault = () => undefined;
      world.ledger.beforeWrite = () => {
        world.ledger.version++;
        world.ledger.beforeWrite = () => undefined;
      };
      world.replicas["statefulsets/taskmanager"] = 2;
      await look();
      assert.deepEqual([pods(), book().asleep], [[1, 2], "1 3"]);
      await look();
      assert.deepEqual([pods(), book().asleep], [[0, 0], "1 2"]);
    });

    it("is beside the guard, which goes on with its own", async () => {
      await finished();
      const guard = world.guard({ PROGRAM: "ttl.sh", ...TTL });
      try {
        for (let i = 0; i < 400 && !(pods()[0] === 0 && guard.ready()); i++) await sleep(20);
        assert.deepEqual([pods(), guard.ready()], [[0, 0], true], guard.log());
        world.deployment.deletionTimestamp = "2026-01-01T00:00:00Z";
        guard.stop();
        const { code, log } = await guard.outcome;
        assert.equal(code, 0, log);
      } finally {
        guard.kill();
      }
    });
  });
});
