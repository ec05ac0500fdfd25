import assert from "node:assert/strict";
import { Faulted } from "../support/faults";
import { eventually, flink, kubeconfig, needsNode } from "./support";

describe("upgrades of a job that counts, with its state on S3", function () {
  this.timeout(600_000);
  const world = new Faulted({ namespace: "test-upgrades", version: "2.2.1", highAvailability: true });
  const savepoint = /^s3:\/\/.*\/savepoints\/counting\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-/;
  const checkpoint = (jobId = "") => new RegExp(`^s3://.*/checkpoints/${jobId}/chk-\\d+$`);

  before(function () {
    needsNode(this);
  });
  before("bring up a job that counts", () => world.start());
  after("take it down", async function () {
    if (kubeconfig !== "") await world.stop();
  });
  afterEach("say what the ledger says", async function () {
    if (this.currentTest?.state === "failed") console.log(JSON.stringify(await world.ledger(), undefined, 2));
  });

  it("keeps the jar of the running revision for a rollback, and its request", async () => {
    const { jarId, request } = await world.ledger();
    const { files } = await flink<{ files: { id: string }[] }>(world.namespace, "/jars");
    assert.match(jarId ?? "", /\.jar$/);
    assert.match(request ?? "", /flink\.kubernetes\.tests\.Splits/);
    // With two JobManagers it lies on the one that took it.
    assert.ok(files.length <= 1, JSON.stringify(files));
  });

  it("goes on from a savepoint", async () => {
    const before = await world.ledger();
    const id = await world.survives("upgrade with a savepoint", () => world.upgrade());
    const after = await world.ledger();
    assert.notEqual(id, before.jobId);
    assert.match(after.restoredFrom ?? "", savepoint);
    assert.ok(after.states?.includes(after.restoredFrom!), after.states);
  });

  it("goes on from the last checkpoint", async () => {
    const before = await world.ledger();
    const job = { upgradeMode: "lastState" };
    await world.survives("upgrade from the last checkpoint", () => world.upgrade({ job }));
    assert.match((await world.ledger()).restoredFrom ?? "", checkpoint(before.jobId));
  });

  it("stops nothing for a program that does not come to its job", async () => {
    const before = await world.ledger();
    const nowhere = { entryClass: "flink.kubernetes.tests.Nowhere" };
    await assert.rejects(world.upgrade({ job: nowhere }), /Nowhere.*The revision before runs on/s);
    assert.equal(await world.settled(), before.jobId, "the same job");
  });

  const misfits: [string, string[], RegExp][] = [
    [
      "reads its state in another form",
      ["--state", "text"],
      // Which task it was Flink says only sometimes.
      /StateMigrationException.*reads its state in another form/,
    ],
    [
      "has no place for a part of it",
      ["--uid", "other"],
      /Cannot map checkpoint\/savepoint state for operator.*allowNonRestoredState: true/,
    ],
  ];
  for (const [what, program, reason] of misfits) {
    it(`puts the revision before back when the new one ${what}`, async () => {
      const before = await world.ledger();
      await assert.rejects(world.upgrade({ program }), (error: Error) => {
        assert.match(error.message.replaceAll("\n", " "), reason);
        assert.match(error.message, /the one before, was put back/);
        return true;
      });
      const id = await world.settled();
      const after = await world.ledger();
      assert.notEqual(id, before.jobId);
      assert.equal(after.revision, before.revision);
      assert.match(after.restoredFrom ?? "", savepoint);
      assert.match(after.message ?? "", reason);
    });
  }

  it("falls back to the last checkpoint of a job that does not run", async () => {
    const config = {
      "restart-strategy.type": "fixed-delay",
      "restart-strategy.fixed-delay.attempts": "100",
      "restart-strategy.fixed-delay.delay": "10 min",
    };
    // After some seconds, when it has run and completed checkpoints.
    await world.upgrade({ program: ["--fail", "600"], job: { config } });
    const before = await world.ledger();
    await eventually("a job that waits for its next start", 120, async () => {
      const { state } = await flink<{ state: string }>(world.namespace, `/jobs/${before.jobId}`);
      return state === "RESTARTING" ? true : undefined;
    });
    await world.survives("upgrade of a job that does not run", () => world.upgrade());
    assert.match((await world.ledger()).restoredFrom ?? "", checkpoint(before.jobId));
  });
});
