import assert from "node:assert/strict";
import { revisionCases } from "../support/fault-cases";
import { Faulted } from "../support/faults";
import { kubeconfig, needsNode } from "./support";

/** Changes that fail and are taken back: the engine's state then says one thing, the cluster another. */
describe("a change of a job that counts, taken back", function () {
  this.timeout(900_000);
  const world = new Faulted({ namespace: "taken-back", version: "2.2.1", job: { retainLedger: true } });

  before(function () {
    needsNode(this);
  });
  before("bring up a job that counts", () => world.start());
  after("take it down", async function () {
    if (kubeconfig !== "") await world.stop();
  });
  afterEach("say how it stands", async function () {
    if (this.currentTest?.state === "failed") await world.describe();
  });

  it("leaves the job as it is, and then nothing is to be changed", async () => {
    await revisionCases.find(({ name }) => name === "fails before there is a job")!.run(world);
    const { jobId } = await world.ledger();
    world.label--;
    await world.up();
    assert.equal(await world.settled(), jobId);
    await world.up();
    assert.deepEqual(world.stack.changes, []);
  });

  it("brings the job back when the cluster was changed, too", async () => {
    const config = { ...(world.cluster().config as object), "web.history": "7" };
    const failing = world.upgrade({ cluster: { config }, program: ["--fail", "main"] });
    await assert.rejects(failing, /asked to fail in main/);
    world.label--;
    await world.up();
    await world.settled();
    await world.up();
    assert.deepEqual(world.stack.changes, []);
  });

  it("goes on from its newest savepoint when the stack was destroyed and not even the ledger was to stay", async () => {
    const job = { retainLedger: false };
    await world.up({ job });
    await world.stack.down();
    await assert.rejects(world.ledger(), (error: { code?: number }) => error.code === 404);
    await world.renewVolume();
    await world.up({ job: { ...job, initialSavepoint: world.uriOf("savepoints/counting") } });
    await world.settled();
    assert.equal((await world.ledger()).restoredFrom, world.newestSavepoint());
  });
});
