import assert from "node:assert/strict";
import { makeCertificate } from "../../support/stores";
import { awks, findCommand } from "./awks";
import { type Settings } from "./harness";
import { PrepareWorld } from "./prepare-world";

const awk = () => awks.find(({ command }) => command !== undefined)?.command ?? [];

describe("before a change that loses the jobs", function () {
  this.timeout(120_000);
  let world: PrepareWorld;
  beforeEach(async () => {
    world = await new PrepareWorld(awk()).start();
  });
  afterEach(() => world?.stop());

  async function succeeds(settings: Settings = {}) {
    const outcome = await world.run(settings);
    assert.equal(outcome.code, 0, outcome.log);
    return outcome;
  }
  async function fails(pattern: RegExp, settings: Settings = {}) {
    const outcome = await world.run(settings);
    assert.equal(outcome.code, 1, outcome.log);
    assert.match(outcome.message, pattern, outcome.log);
    assert.doesNotMatch(outcome.message, /\n|\tat /, "one sentence, no stack");
    return outcome;
  }
  const stateOf = (id: string) => world.flink.jobs.get(id)?.state;
  const flinkRequests = () => world.requests.filter((request) => !/ \/apis?\//.test(request));

  it("does nothing on a new cluster, in one request", async () => {
    world.deployment = undefined;
    world.job("a");
    await succeeds();
    assert.deepEqual(world.requests, ["GET /apis/apps/v1/namespaces/ns/deployments/cluster-jobmanager"]);
  });

  it("does nothing when the JobManager is as wanted, and does not ask it", async () => {
    const id = world.job("a");
    await succeeds({ RESTART_HASH: "old" });
    assert.equal(stateOf(id), "RUNNING");
    assert.deepEqual(flinkRequests(), []);
    assert.deepEqual(world.ledgers.get("cluster--a-ledger")?.writes, []);
  });

  describe("when the changed cluster has its volume", () => {
    const volume = { STORAGE_CLAIM: "state", STORAGE_PATH: "/state" };

    it("where it was: stops the jobs", async () => {
      world.deployment!.claims = { other: "/other", state: "/state" };
      const id = world.job("a");
      await succeeds(volume);
      assert.equal(stateOf(id), "FINISHED");
    });

    for (const [where, claims] of Object.entries<Record<string, string>>({
      "at another path": { state: "/before" },
      "of another claim": { before: "/state" },
      "and had none": {},
    })) {
      it(`${where}: stops nothing that has state, and says why`, async () => {
        world.deployment!.claims = claims;
        const kept = world.job("kept");
        const fresh = world.job("fresh", { mode: "stateless" });
        const { message } = await fails(/state of job "kept" would be lost.*claim state at \/state/, volume);
        assert.match(message, /Nothing of the cluster was changed/);
        assert.deepEqual([stateOf(kept), stateOf(fresh)], ["RUNNING", "RUNNING"]);
        assert.deepEqual(flinkRequests(), []);
      });

      it(`${where}: takes what has no state, is paused, or has ended`, async () => {
        world.deployment!.claims = claims;
        const fresh = world.job("fresh", { mode: "stateless" });
        world.job("paused", { job: false, data: { phase: "stopped", paused: "true" } });
        world.job("ended", { job: { state: "FINISHED" }, data: { phase: "finished" } });
        await succeeds(volume);
        assert.notEqual(stateOf(fresh), "RUNNING");
      });
    }
  });

  it("stops a job also when somebody else writes its ledger meanwhile", async () => {
    const id = world.job("a");
    const ledger = world.ledgers.get("cluster--a-ledger")!;
    // As the guard does, which notes checkpoints.
    ledger.beforeWrite = () => {
      ledger.version++;
      ledger.beforeWrite = () => undefined;
    };
    const { log } = await succeeds();
    assert.match(log, /Somebody else wrote the ledger/);
    assert.equal(stateOf(id), "FINISHED");
    assert.equal(world.data("a").phase, "stopped");
  });

  it("stops every job of the cluster as its upgrade mode says, and notes from where it goes on", async () => {
    const kept = world.job("kept");
    const fresh = world.job("fresh", { mode: "stateless", data: { savepoint: "s3://old" } });
    const ended = world.job("ended", { job: { state: "FINISHED" }, data: { phase: "finished" } });
    const elsewhere = world.job("elsewhere", { cluster: "other" });
    await succeeds();
    assert.equal(stateOf(kept), "FINISHED");
    const { phase, savepoint, restart, restartGeneration, trigger } = world.data("kept");
    assert.deepEqual(
      { phase, restart, restartGeneration, trigger },
      {
        phase: "stopped",
        restart: "new",
        restartGeneration: "3",
        trigger: undefined,
      },
    );
    assert.match(
      savepoint!,
      /^s3:\/\/bucket\/savepoints\/kept\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-1$/,
    );
    assert.equal(stateOf(fresh), "CANCELED");
    assert.equal(world.data("fresh").phase, "stopped");
    assert.equal(world.data("fresh").savepoint, undefined);
    assert.deepEqual(world.data("ended"), { revision: "rev-a", jobId: ended, phase: "finished" });
    assert.equal(stateOf(elsewhere), "RUNNING");
    assert.deepEqual(world.ledgers.get("other--elsewhere-ledger")?.writes, []);
  });

  it("hands the jobs that it had stopped back when another cannot be stopped, and changes nothing of that", async () => {
    world.job("a");
    const stubborn = world.job("b");
    world.job("c");
    world.fault = (_server, method, url) =>
      method === "POST" && url === `/jobs/${stubborn}/stop` ? { status: 400 } : undefined;
    const { message } = await fails(/Job [0-9a-f]+ .*could not be stopped with a savepoint: HTTP 400/);
    assert.match(message, /kubectl annotate configmap --namespace ns cluster--b-ledger/);
    assert.match(message, /Nothing of the cluster was changed\. .*guards.*: a\.$/);
    assert.equal(stateOf(stubborn), "RUNNING");
    assert.equal(world.data("b").phase, "running");
    assert.equal(world.data("b").restart, undefined);
    assert.match(world.data("b").message!, /could not be stopped/);
    const { phase, restart, savepoint } = world.data("a");
    assert.deepEqual([phase, restart], ["stopped", "old"]);
    assert.match(savepoint!, /savepoint-1$/);
    assert.equal(world.data("c").phase, "running");
    // The next update tries again.
    world.fault = () => undefined;
    await succeeds({ SUBMISSION_UID: "uid-q" });
    assert.deepEqual(
      ["a", "b", "c"].map((name) => [world.data(name).phase, world.data(name).restart]),
      Array(3).fill(["stopped", "new"]),
    );
  });

  it("says which of the jobs that it had stopped nobody starts again", async () => {
    world.job("a");
    world.ledgers.get("cluster--a-ledger")!.annotations["flink-kubernetes/guard"] = "false";
    const stubborn = world.job("b");
    world.fault = (_server, method, url) =>
      method === "POST" && url === `/jobs/${stubborn}/stop` ? { status: 400 } : undefined;
    const { message } = await fails(/could not be stopped with a savepoint/);
    assert.match(message, /without a guard to start them again: a\. .*jobs (-- )?resume NAME\.$/);
    assert.doesNotMatch(message, /by their guards/);
  });

  it("first tries what may not let itself be stopped, while every other job runs", async () => {
    const healthy = world.job("a");
    world.job("b", { job: { running: 1 }, data: { savepoint: "s3://old" } });
    world.ledgers.get("cluster--b-ledger")!.annotations["flink-kubernetes/start-timeout"] = "1";
    world.ledgers.get("cluster--b-ledger")!.annotations["flink-kubernetes/fallback"] = "false";
    await fails(/1 of 2 subtasks run/);
    assert.equal(stateOf(healthy), "RUNNING");
    assert.equal(world.data("a").phase, "running");
  });

  it("changes nothing when there is nowhere to put the state, until the person says that it may go", async () => {
    const id = world.job("a");
    await fails(/no durable storage/, { SAVEPOINT_DIRECTORY: "" });
    assert.equal(stateOf(id), "RUNNING");
    assert.equal(world.data("a").restart, undefined);
    world.ledgers.get("cluster--a-ledger")!.annotations["flink-kubernetes/upgrade-mode"] = "stateless";
    await succeeds({ SAVEPOINT_DIRECTORY: "" });
    assert.equal(stateOf(id), "CANCELED");
  });

  it("lets a dead JobManager be repaired: jobs go on from what the ledgers know", async () => {
    world.job("a", { data: { savepoint: "s3://started-from", checkpoint: "s3://newest" } });
    world.job("b", { data: { savepoint: "s3://started-from" } });
    world.job("paused", { data: { phase: "stopped", paused: "true", savepoint: "s3://kept" }, job: false });
    // Stopped for a change that broke the JobManager.
    world.job("c", { data: { phase: "stopped", restart: "broken", savepoint: "s3://kept" }, job: false });
    world.deployment!.available = 0;
    world.fault = (server) => (server === "flink" ? "cut before" : undefined);
    const { log } = await succeeds();
    assert.match(log, /JobManager is dead/);
    const states = ["a", "b", "paused", "c"].map((name) => {
      const { phase, restart, savepoint } = world.data(name);
      return [phase, restart, savepoint];
    });
    assert.deepEqual(states, [
      // For their submissions to start from what they find.
      ["running", undefined, "s3://started-from"],
      ["running", undefined, "s3://started-from"],
      ["stopped", undefined, "s3://kept"],
      ["stopped", "new", "s3://kept"],
    ]);
    assert.match(world.data("a").message!, /JobManager was dead/);
  });

  it("changes nothing when it cannot reach a JobManager that serves", async () => {
    world.job("a");
    world.fault = (server) => (server === "flink" ? "cut before" : undefined);
    await fails(/Job "a" could not be stopped with its state: No JobManager answered/);
    assert.equal(world.data("a").phase, "running");
    world.ledgers.get("cluster--a-ledger")!.annotations["flink-kubernetes/upgrade-mode"] = "stateless";
    await succeeds();
  });

  it("notes what a restarted JobManager no longer has, and what has ended by itself", async () => {
    world.job("lost", { job: false, data: { checkpoint: "s3://newest" } });
    world.job("finished", { job: { state: "FINISHED" } });
    world.job("failed", { job: { state: "FAILED", failure: "x.Poison: record 1\n\tat a.B" } });
    await succeeds();
    assert.equal(world.data("lost").phase, "running");
    assert.equal(world.data("lost").checkpoint, "s3://newest");
    assert.equal(world.data("finished").phase, "finished");
    assert.equal(world.data("failed").phase, "failed");
    assert.match(world.data("failed").message!, /x\.Poison: record 1/);
  });

  it("leaves jobs stopped that the changed-back cluster is to start", async () => {
    const data = { phase: "stopped", restart: "other", restartGeneration: "2", savepoint: "s3://kept" };
    world.job("a", { data, job: false });
    const id = world.job("b");
    await succeeds({ RESTART_HASH: "old" });
    assert.equal(world.data("a").restart, "old");
    assert.equal(world.data("a").phase, "stopped");
    assert.equal(stateOf(id), "RUNNING");
  });

  it("waits for a submission that was left behind", async () => {
    const deadline = String(Math.floor(Date.now() / 1000) + 60);
    const id = world.job("a", { data: { phase: "submitting", deadline } });
    let looks = 0;
    world.fault = (server, method, url) => {
      if (server === "kubernetes" && method === "GET" && url.includes("/configmaps/") && ++looks === 5) {
        const ledger = world.ledgers.get("cluster--a-ledger")!;
        ledger.data = { ...ledger.data, phase: "running" };
        ledger.version++;
      }
      return undefined;
    };
    await succeeds();
    assert.ok(looks >= 5);
    assert.equal(stateOf(id), "FINISHED");
    assert.equal(world.data("a").phase, "stopped");
  });

  it("speaks to the JobManager as that one does, also when TLS is being turned on or off", async function () {
    world.job("a");
    const folder = { FLINK_TLS: "/nowhere" };
    await succeeds(folder);
    assert.equal(world.data("a").phase, "stopped");
    if (!findCommand("openssl")) this.skip();
    world.stop();
    const { "tls.crt": cert, "tls.key": key } = makeCertificate("rest", ["elsewhere.example.com"]);
    world = await new PrepareWorld(awk()).start({ cert, key });
    world.deployment!.annotations["flink-kubernetes/rest-scheme"] = "https";
    world.job("a");
    await succeeds();
    assert.equal(world.data("a").phase, "stopped");
  });

  it("says that the image has no curl, and when it may not look", async () => {
    await fails(/"prepare\.image"/, { PATH: "/nowhere" });
    world.fault = (server) => (server === "kubernetes" ? { status: 403 } : undefined);
    await fails(/does not give .*deployments\/cluster-jobmanager: HTTP 403.*Role/);
  });
});
