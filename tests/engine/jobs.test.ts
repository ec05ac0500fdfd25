import assert from "node:assert/strict";
import { personCases, revisionCases } from "../support/fault-cases";
import { Faulted, faultsProgram } from "../support/faults";
import { EngineStack, engineOrSkip } from "./support";

const namespace = "engine-jobs";

/** What an engine has a part in of that which happens to jobs in tests/cluster: there the same is done without one. */
describe("a job that counts, through the Pulumi engine", function () {
  this.timeout(600_000);
  let stack: EngineStack;
  let world: Faulted | undefined;

  before(async function () {
    stack = new EngineStack(await engineOrSkip(this), namespace, faultsProgram);
    world = new Faulted({ namespace, version: "2.2.1", job: { retainLedger: true } }, stack);
    await world.start();
  });
  after(async () => {
    await world?.stop().finally(() => stack.forget());
  });
  afterEach("say how it stands", async function () {
    if (this.currentTest?.state === "failed") await world?.describe();
  });

  it("goes on from a savepoint as another revision", async () => {
    const before = await world!.ledger();
    const id = await world!.survives("upgrade", () => world!.upgrade());
    assert.notEqual(id, before.jobId);
    assert.match((await world!.ledger()).restoredFrom ?? "", /\/savepoints\/counting\/[^/]+\/savepoint-/);
  });

  const [refused, ...others] = revisionCases.filter(({ quick }) => quick);
  it(refused!.name, () => refused!.run(world!));

  it("is left as it is when that is taken back, and when nothing has changed", async () => {
    const { jobId } = await world!.ledger();
    world!.label--;
    await world!.up();
    assert.equal(await world!.settled(), jobId);
    await world!.up();
    assert.deepEqual(stack.changes, []);
  });

  for (const each of others) it(each.name, () => each.run(world!));

  it("is there again when a change of the cluster is taken back, after which it has failed", async () => {
    const config = { ...(world!.cluster().config as object), "web.history": "7" };
    const failing = world!.upgrade({ cluster: { config }, program: ["--fail", "main"] });
    await assert.rejects(failing, /asked to fail in main/);
    world!.label--;
    await world!.up();
    await world!.settled();
    await world!.up();
    assert.deepEqual(stack.changes, []);
  });

  for (const each of personCases) it(each.name, () => each.run(world!));

  it("goes on from the checkpoint that the ledger then names", async () => {
    const { savepoint } = await world!.ledger();
    await world!.renewVolume();
    await world!.up();
    await world!.settled();
    assert.equal((await world!.ledger()).restoredFrom, savepoint);
  });

  it("goes on from its newest savepoint when not even the ledger was to stay", async () => {
    const job = { retainLedger: false };
    await world!.up({ job });
    await stack.down();
    await assert.rejects(world!.ledger(), (error: { code?: number }) => error.code === 404);
    await world!.renewVolume();
    await world!.up({ job: { ...job, initialSavepoint: world!.uriOf("savepoints/counting") } });
    await world!.settled();
    assert.equal((await world!.ledger()).restoredFrom, world!.newestSavepoint());
  });
});
