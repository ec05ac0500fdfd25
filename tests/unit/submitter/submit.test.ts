import assert from "node:assert";
import * as mocha from "mocha";
import { createHash } from "node:crypto";
import { awks } from "./awks";
import { type Settings, World } from "./harness";

const hash = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);
const stackOf = (cause: string) =>
  `org.apache.flink.runtime.JobException: Recovery is suppressed\n\tat a.B.c(B.java:1)\nCaused by: ${cause}\n\tat d.E.f(E.java:2)\n\t... 3 more\n`;

/** Everything with the first awk that is there; with the others what leans on it most. */
const first = awks.find(({ command }) => command !== undefined);
const essential = /first revision|why a job failed|main method|by way of a savepoint|being cut after/;

for (const { name, command } of awks) {
  describe(`submitter: the program with ${name}`, function () {
    const it = (title: string, body: () => Promise<void>) => {
      if (name === first?.name || essential.test(title)) mocha.it(title, body);
    };
    this.timeout(60_000);
    let world: World;
    before(function () {
      if (command === undefined) this.skip();
    });
    beforeEach(async () => {
      world = await new World(command ?? []).start();
    });
    afterEach(() => world?.stop());

    const idOf = (uid: string) => world.idOf(uid);
    async function succeeds(settings: Settings = {}) {
      const outcome = await world.run(settings);
      assert.strictEqual(outcome.code, 0, outcome.log);
      return outcome;
    }
    async function fails(pattern: RegExp, settings: Settings = {}) {
      const outcome = await world.run(settings);
      assert.strictEqual(outcome.code, 1, outcome.log);
      assert.match(outcome.message, pattern, outcome.log);
      assert.doesNotMatch(outcome.message, /\n|\tat /, "one sentence, no stack");
      return outcome;
    }
    function runsOnly(id: string, revision: string) {
      assert.deepStrictEqual(
        world.flink.active.map((job) => job.id),
        [id],
      );
      const { jobId, phase, revision: written } = world.ledger.data ?? {};
      assert.deepStrictEqual({ jobId, phase, revision: written }, { jobId: id, phase: "running", revision });
    }

    it("submits a first revision and writes down that it runs", async () => {
      const outcome = await succeeds();
      const id = idOf("uid-1");
      runsOnly(id, "rev-a");
      assert.deepStrictEqual(world.flink.runs, [
        { jobId: id, entryClass: "a.B", programArgsList: ["--x", 'y "z" \\ ü'], parallelism: 2 },
      ]);
      assert.deepStrictEqual([...world.flink.jars.keys()], [world.ledger.data?.jarId], "kept for a rollback");
      assert.match(outcome.message, new RegExp(`${id} is running`));
      // The intent stood in the ledger before the request was sent.
      assert.strictEqual(world.ledger.writes[0].phase, "submitting");
      assert.strictEqual(world.ledger.writes[0].jobId, id);
    });

    it("changes nothing when the revision already runs, also for another Job object", async () => {
      await succeeds();
      const { writes } = world.ledger;
      const count = writes.length;
      await succeeds({ SUBMISSION_UID: "uid-2" });
      assert.strictEqual(world.flink.runs.length, 1);
      assert.strictEqual(writes.length, count);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("gives the old JobManager no job when a new one is to take its place", async () => {
      const old = { metadata: { generation: 2 }, status: { observedGeneration: 1, updatedReplicas: 1 } };
      const ending = { metadata: { generation: 2 }, status: { observedGeneration: 2 } };
      const overloaded = { status: 429, body: { message: "too many requests" } };
      const answers = [{ status: 200, body: old }, overloaded, { status: 200, body: ending }];
      const requests: number[] = [];
      world.rollout = (nth) => {
        requests.push(world.requests.filter((request) => !request.includes("/namespaces/")).length);
        return answers[nth - 1];
      };
      await succeeds();
      runsOnly(idOf("uid-1"), "rev-a");
      assert.deepStrictEqual(requests, [0, 0, 0, 0]);
    });

    it("says that the new JobManager has not come", async () => {
      world.rollout = () => ({ status: 200, body: { metadata: { generation: 2 }, status: {} } });
      await fails(/new JobManager did not take the place of the old one within 1 s.*Deployment jobmanager/, {
        START_TIMEOUT: "1",
      });
    });

    it("takes a JobManager as it is where there is no such Deployment, with high availability, or without the right to look", async () => {
      for (const [uid, status, highAvailability] of [
        ["uid-1", 404, "false"],
        ["uid-2", 403, "false"],
        ["uid-3", 200, "true"],
      ] as const) {
        world.rollout = () => ({ status, body: {} });
        await succeeds({ SUBMISSION_UID: uid, REVISION: uid, HIGH_AVAILABILITY: highAvailability });
        runsOnly(idOf(uid), uid);
      }
    });

    it("waits while there is no leader", async () => {
      world.flink.notReady = 5;
      await succeeds();
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("asks for the first checkpoint and waits for it", async () => {
      world.flink.newJob = { checkpointing: true };
      await succeeds();
      assert.strictEqual(world.flink.jobs.get(idOf("uid-1"))?.checkpoints, 1);
    });

    it("asks for no checkpoint of a job that takes none", async () => {
      await succeeds();
      assert.strictEqual(world.flink.jobs.get(idOf("uid-1"))?.checkpoints, 0);
    });

    it("takes a bounded job that has finished for success, once", async () => {
      world.flink.progress = (job) => void (job.polls > 1 && (job.state = "FINISHED"));
      await succeeds();
      assert.strictEqual(world.ledger.data?.phase, "finished");
      await succeeds();
      assert.strictEqual(world.flink.runs.length, 1);
      // Another Job object of the same revision has other pods: other labels, pull secrets, or another program of ours.
      await succeeds({ SUBMISSION_UID: "uid-2" });
      assert.strictEqual(world.flink.runs.length, 1);
      assert.strictEqual(world.ledger.data?.phase, "finished");
      // Another revision is another wish, and so is the first one after it.
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-b", DEFINITION: "def-b" });
      assert.strictEqual(world.flink.runs.length, 2);
      await succeeds({ SUBMISSION_UID: "uid-4" });
      assert.strictEqual(world.flink.runs.length, 3);
    });

    it("goes on where the stack before left its ledger: from the state there, paused, or finished", async () => {
      await succeeds();
      const savepoint = "s3://bucket/savepoints/job/t/savepoint-1";
      const left = { ...world.ledger.data, phase: "stopped", submission: "removal", savepoint };
      world.flink.restart();
      world.ledger.data = { ...left };
      await succeeds({ SUBMISSION_UID: "uid-2" });
      runsOnly(idOf("uid-2"), "rev-a");
      assert.strictEqual(world.flink.active[0].restoredFrom, savepoint);
      for (const data of [
        { ...left, paused: "true" },
        { ...left, phase: "finished" },
      ]) {
        world.flink.restart();
        world.ledger.data = { ...data };
        await succeeds({ SUBMISSION_UID: "uid-3" });
        assert.deepStrictEqual(world.flink.active, []);
        assert.strictEqual(world.ledger.data?.phase, data.phase);
      }
      // A new wish is one all the same.
      await succeeds({ SUBMISSION_UID: "uid-4", REVISION: "rev-b", RESTORE_NONCE: "again" });
      runsOnly(idOf("uid-4"), "rev-b");
    });

    it("says why a job failed, and the next pod of the same Job says it again at once", async () => {
      world.flink.newJob = {
        failure: stackOf('java.lang.IllegalStateException: no luck\twith "this"\n  today'),
      };
      world.flink.progress = (job) => void (job.state = "FAILED");
      const first = await fails(/The job failed: java\.lang\.IllegalStateException: no luck/);
      assert.strictEqual(world.ledger.data?.phase, "failed");
      assert.strictEqual(world.ledger.data?.message, first.message);
      const before = world.requests.length;
      const second = await fails(/no luck/);
      assert.strictEqual(second.message, first.message);
      assert.deepStrictEqual(world.requests.slice(before), ["GET /api/v1/namespaces/ns/configmaps/ledger"]);
      // The cause is gone, the next update makes another Job object.
      world.flink.progress = (job) => {
        if (job.state === "FAILED") return;
        job.state = "RUNNING";
        job.running = job.parallelism;
      };
      await succeeds({ SUBMISSION_UID: "uid-2" });
      runsOnly(idOf("uid-2"), "rev-a");
    });

    it("hands on what the main method throws", async () => {
      world.flink.refusal = `org.apache.flink.util.FlinkRuntimeException: Could not execute application.\n\tat x.Y.z(Y.java:3)\nCaused by: ${stackOf('java.lang.NumberFormatException: For input string: "ten"')}`;
      await fails(
        /^The job could not be started: java\.lang\.NumberFormatException: For input string: "ten"\.$/,
      );
      assert.strictEqual(world.ledger.data?.phase, "failed");
      assert.strictEqual(world.flink.jars.size, 0);
    });

    it("asks again when a standby JobManager cannot find the leader by its pod's name", async () => {
      world.flink.refusal = stackOf("java.net.UnknownHostException: cluster-jobmanager-5d566cb49b-nxfj6");
      let asked = 0;
      world.fault = (server, _method, path) => {
        if (server === "flink" && path.endsWith("/run") && ++asked > 1) world.flink.refusal = undefined;
        return undefined;
      };
      await succeeds();
      assert.strictEqual(asked, 2);
      runsOnly(idOf("uid-1"), "rev-a");
      assert.strictEqual(world.flink.jars.size, 1);
    });

    it("says at once that the jar is missing", async () => {
      world.removeJar();
      await fails(/There is no file .*job\.jar in the image flink:test/);
      assert.strictEqual(world.flink.uploads, 0);
    });

    it("says at once that curl is missing", async () => {
      world.removeCommand("curl");
      await fails(/The image has no "curl"/);
    });

    it("says that the cluster takes no jars", async () => {
      world.flink.withoutJars = true;
      await fails(/web\.submit\.enable: true/);
    });

    it("gives up after its time, with what Flink says, and carries on at the next update", async () => {
      world.flink.newJob = { failure: stackOf("x.NoResourceAvailableException: no slots") };
      world.flink.progress = () => undefined;
      const outcome = await world.run({ START_TIMEOUT: "2" });
      assert.strictEqual(outcome.code, 1, outcome.log);
      assert.match(
        outcome.message,
        /Within 2 s the job got no further than CREATED with 0 of 2 subtasks running.*no slots/,
      );
      world.flink.progress = (job) => {
        job.state = "RUNNING";
        job.running = job.parallelism;
      };
      await succeeds({ SUBMISSION_UID: "uid-2" });
      assert.strictEqual(world.flink.runs.length, 1);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("names no failure of a job that had none", async () => {
      world.flink.progress = () => undefined;
      const { message } = await world.run({ START_TIMEOUT: "2" });
      assert.match(
        message,
        /with 0 of 2 subtasks running; the cluster has 1 TaskManagers with 4 free slots\. /,
      );
    });

    it("does not take a job that fails at its first record for running", async () => {
      world.flink.newJob = { failure: stackOf("x.Poison: record 1") };
      world.flink.progress = (job) => {
        job.state = job.polls === 1 ? "RUNNING" : "FAILED";
        job.running = job.polls === 1 ? job.parallelism : 0;
      };
      await fails(/x\.Poison: record 1/);
    });

    for (const fault of ["cut before", "cut after", 503, 500] as const) {
      it(`gets over two of five answers being ${typeof fault === "number" ? `HTTP ${fault}` : fault}`, async () => {
        // A fixed sequence without a short period, which could hit the same request again and again.
        let faults = 0;
        let seed = 7;
        const random = () => {
          seed = (seed + 0x6d2b79f5) | 0;
          const mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
          return ((mixed ^ (mixed >>> 14)) >>> 0) % 10;
        };
        world.fault = () => {
          if (random() >= 4) return undefined;
          faults++;
          return typeof fault === "number" ? { status: fault } : fault;
        };
        await succeeds();
        assert.ok(faults >= 5, `${faults} faults`);
        assert.strictEqual(world.flink.runs.length, 1);
        runsOnly(idOf("uid-1"), "rev-a");
      });
    }

    it("starts one job when the connection is cut after the request was accepted", async () => {
      let cut = 0;
      world.fault = (_server, method, url) =>
        method === "POST" && url.endsWith("/run") && cut++ === 0 ? "cut after" : undefined;
      await succeeds();
      assert.strictEqual(cut, 1);
      assert.strictEqual(world.flink.runs.length, 1);
    });

    it("starts one job when the pod dies during a slow main method, which then comes to its end", async () => {
      let goOn = () => {};
      const slow = new Promise<void>((resolve) => (goOn = resolve));
      const attempt = world.attempt();
      const waiting = new Promise<void>((resolve) => {
        world.fault = (_server, method, url) => {
          if (method !== "POST" || !url.endsWith("/run")) return undefined;
          resolve();
          return { wait: slow };
        };
      });
      await waiting;
      attempt.kill();
      await attempt.outcome;
      // Another pod, of another Job object even, starts its own; then both main methods submit.
      let runs = 0;
      world.fault = (_server, method, url) => {
        if (method === "POST" && url.endsWith("/run") && ++runs === 1) goOn();
        return undefined;
      };
      await succeeds({ SUBMISSION_UID: "uid-2" });
      assert.strictEqual(runs, 1);
      assert.strictEqual(world.flink.runs.length, 1);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("starts one job when two pods of one Job work at the same time", async () => {
      const outcomes = await Promise.all([world.run(), world.run(), world.run()]);
      for (const outcome of outcomes) assert.strictEqual(outcome.code, 0, outcome.log);
      assert.strictEqual(world.flink.runs.length, 1);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("uploads again and starts one job when the JobManager restarts in between", async () => {
      let restarted = false;
      world.fault = (_server, method, url) => {
        if (!restarted && method === "POST" && url.endsWith("/run")) {
          restarted = true;
          world.flink.restart();
        }
        return undefined;
      };
      await succeeds({ CHECKPOINT_DIRECTORY: "" });
      assert.strictEqual(world.flink.uploads, 2);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("submits again what a restarted JobManager no longer has", async () => {
      await succeeds();
      world.flink.restart();
      // Where no state could be kept, none is missed.
      await succeeds({ SUBMISSION_UID: "uid-2", REVISION: "rev-b", SAVEPOINT_DIRECTORY: "" });
      runsOnly(idOf("uid-2"), "rev-b");
    });

    it("replaces a stateless job: cancels it, then starts the new one without a savepoint", async () => {
      await succeeds();
      await succeeds({
        SUBMISSION_UID: "uid-2",
        REVISION: "rev-b",
        UPGRADE_MODE: "stateless",
        SAVEPOINT_DIRECTORY: "",
      });
      assert.deepStrictEqual(world.flink.cancelled, [idOf("uid-1")]);
      assert.strictEqual(world.flink.jobs.get(idOf("uid-2"))?.restoredFrom, undefined);
      runsOnly(idOf("uid-2"), "rev-b");
    });

    it("replaces a job by way of a savepoint, there and back again", async () => {
      await succeeds();
      await succeeds({ SUBMISSION_UID: "uid-2", REVISION: "rev-b" });
      // Its folder says when it was made, and of what.
      const trigger = hash(`${idOf("uid-1")}/uid-2/1`, 32);
      const place = new RegExp(`^s3://bucket/savepoints/job/\\d{8}T\\d{6}Z-rev-a-${trigger}/savepoint-1$`);
      assert.match(world.flink.jobs.get(idOf("uid-2"))?.restoredFrom ?? "", place);
      assert.strictEqual(world.flink.runs[1].claimMode, "NO_CLAIM");
      runsOnly(idOf("uid-2"), "rev-b");
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-a" });
      assert.match(world.flink.jobs.get(idOf("uid-3"))?.restoredFrom ?? "", /\/savepoint-1$/);
      runsOnly(idOf("uid-3"), "rev-a");
      assert.deepStrictEqual(world.flink.cancelled, []);
    });

    it("leaves the running job alone when there is nowhere to put its state", async () => {
      await succeeds();
      const next = { SUBMISSION_UID: "uid-2", REVISION: "rev-b", SAVEPOINT_DIRECTORY: "" };
      await fails(/no durable storage.*upgradeMode: "stateless"/, next);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("leaves the running job alone when its savepoint fails", async () => {
      await succeeds();
      world.flink.savepointFailure = stackOf("java.io.IOException: bucket is gone");
      await fails(/could not be stopped with a savepoint: java\.io\.IOException: bucket is gone/, {
        SUBMISSION_UID: "uid-2",
        REVISION: "rev-b",
      });
      runsOnly(idOf("uid-1"), "rev-a");
      assert.match(world.ledger.data?.message ?? "", /bucket is gone/);
    });

    it("leaves the running job alone when the new jar is missing", async () => {
      await succeeds();
      world.removeJar();
      await fails(/There is no file/, { SUBMISSION_UID: "uid-2", REVISION: "rev-b" });
      runsOnly(idOf("uid-1"), "rev-a");
      assert.match(world.ledger.data?.message ?? "", /There is no file/);
      // Taken back: nothing to do, and nothing to complain of any more.
      await succeeds({ SUBMISSION_UID: "uid-3" });
      runsOnly(idOf("uid-1"), "rev-a");
      assert.strictEqual(world.ledger.data?.message, undefined);
    });

    it("finds the savepoint whose result the JobManager has forgotten", async () => {
      world.flink.newJob = { checkpointing: true };
      await succeeds();
      world.flink.forgetSavepoints = true;
      await succeeds({ SUBMISSION_UID: "uid-2", REVISION: "rev-b" });
      assert.match(world.flink.jobs.get(idOf("uid-2"))?.restoredFrom ?? "", /\/savepoint-1$/);
    });

    it("starts afresh after a job that came to its end by itself", async () => {
      await succeeds();
      await succeeds({ SUBMISSION_UID: "uid-2", REVISION: "rev-b" });
      for (const job of world.flink.active) job.state = "FINISHED";
      await succeeds({ SUBMISSION_UID: "uid-3", REVISION: "rev-c" });
      assert.strictEqual(world.flink.jobs.get(idOf("uid-3"))?.restoredFrom, undefined);
    });

    it("stops a job of ours that no ledger names, and no job of others", async () => {
      world.flink.addJob(`${world.prefix}0000000000000000`, { state: "RUNNING", running: 2 });
      world.flink.addJob("ffffffffffffffff0000000000000000", { state: "RUNNING", running: 2 });
      await succeeds();
      assert.match(world.flink.jobs.get(idOf("uid-1"))?.restoredFrom ?? "", /\/savepoint-1$/);
      assert.deepStrictEqual(
        world.flink.active.map((job) => job.id),
        ["ffffffffffffffff0000000000000000", idOf("uid-1")],
      );
    });

    it("waits for a job of ours that no ledger names, which high availability has just brought back", async () => {
      const id = `${world.prefix}0000000000000000`;
      const back = world.flink.addJob(id, { state: "CREATED", addressable: true });
      const { progress } = world.flink;
      world.flink.progress = (job) => {
        if (job !== back) progress(job);
        else if (job.state === "CREATED" && job.polls >= 6)
          Object.assign(job, { state: "RUNNING", running: 2 });
      };
      await succeeds();
      assert.deepStrictEqual(world.flink.cancelled, []);
      assert.match(world.flink.jobs.get(idOf("uid-1"))?.restoredFrom ?? "", /\/savepoint-1$/);
    });

    it("does nothing when another revision is wanted by now", async () => {
      world.ledger.annotations = { "flink-kubernetes/revision": "rev-b" };
      await fails(/Revision rev-a is no longer wanted/);
      assert.strictEqual(world.flink.runs.length, 0);
      assert.deepStrictEqual(world.ledger.writes, []);
    });

    it("takes back what it started when another revision came first", async () => {
      world.fault = (_server, method, url) => {
        if (method === "POST" && url.endsWith("/run")) {
          world.ledger.annotations = { "flink-kubernetes/revision": "rev-b" };
          world.ledger.data = {
            revision: "rev-b",
            jobId: `${world.prefix}1111111111111111`,
            phase: "submitting",
          };
          world.ledger.version++;
        }
        return undefined;
      };
      await fails(/no longer wanted/);
      assert.deepStrictEqual(world.flink.cancelled, [idOf("uid-1")]);
    });

    it("reads the ledger again when Pulumi wrote its metadata in between", async () => {
      let writes = 0;
      world.ledger.beforeWrite = () => void (writes++ < 2 && world.ledger.version++);
      await succeeds();
      assert.strictEqual(world.flink.runs.length, 1);
      runsOnly(idOf("uid-1"), "rev-a");
    });

    it("leaves the ledger of another job alone", async () => {
      world.ledger.labels["flink-kubernetes/job"] = "other";
      await fails(/ns\/ledger belongs to another job \(cluster\/job "cluster\/other"\)/);
      assert.deepStrictEqual(world.ledger.writes, []);
    });

    it("says that the ledger is missing", async () => {
      world.ledger.missing = true;
      await fails(/The ledger ConfigMap ns\/ledger cannot be read: HTTP 404: configmaps "ledger" not found/);
    });
  });
}
