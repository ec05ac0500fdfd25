import assert from "node:assert/strict";
import { awks } from "./awks";
import { type Settings, World } from "./harness";

describe("savepoints of a job: the program", function () {
  this.timeout(120_000);
  let world: World;
  beforeEach(async () => {
    world = await new World(awks.find(({ command }) => command)!.command!).start();
    const outcome = await world.run();
    assert.equal(outcome.code, 0, outcome.log);
  });
  afterEach(() => world.stop());

  const verb = (name: string, settings: Settings = {}) =>
    world.run({ PROGRAM: "savepoint.sh", VERB: name, SUBMISSION_UID: "verb-1", ...settings });
  async function succeeds(name: string, settings: Settings = {}) {
    const outcome = await verb(name, settings);
    assert.equal(outcome.code, 0, outcome.log);
    return outcome.message;
  }
  async function fails(pattern: RegExp, name: string, settings: Settings = {}) {
    const outcome = await verb(name, settings);
    assert.equal(outcome.code, 1, outcome.log);
    assert.match(outcome.message, pattern);
  }
  const ledger = () => world.ledger.data!;
  const states = () => (ledger().states ?? "").split("\n").filter((line) => line !== "");
  const paths = () => states().map((line) => line.split(" ")[2]!);

  it("takes one, says where it is, and the job runs on", async () => {
    const before = { ...ledger() };
    const place = await succeeds("take");
    assert.match(
      place,
      /^s3:\/\/bucket\/savepoints\/job\/manual-\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-1$/,
    );
    assert.match(states()[0]!, /^savepoint \d+ s3:/);
    assert.deepEqual(paths(), [place]);
    const { states: made, ...rest } = ledger();
    assert.ok(made);
    assert.deepEqual(rest, before, "what a next start restores from stays as it was");
    assert.equal(world.flink.active.length, 1);
  });

  it("takes one, however often its pod is killed", async () => {
    for (let kill = 1; kill < 12; kill++) {
      let seen = 0;
      const attempt = world.attempt({ PROGRAM: "savepoint.sh", VERB: "take", SUBMISSION_UID: "verb-1" });
      world.fault = () => {
        if (++seen === kill) attempt.kill();
        return undefined;
      };
      const { code } = await attempt.outcome;
      if (code === 0) break;
    }
    world.fault = () => undefined;
    await succeeds("take");
    assert.equal(paths().length, 1);
    assert.equal(world.flink.active.length, 1);
  });

  it("says why there is none to take", async () => {
    world.flink.active[0]!.running = 1;
    world.flink.progress = () => undefined;
    await fails(
      /There is no savepoint to take of job job: job \w+ is RUNNING with 1 of 2 subtasks running\./,
      "take",
    );
    // The clock comes again.
    assert.match(await succeeds("take", { KIND: "periodic" }), /^No savepoint was taken/);
    world.flink.active[0]!.running = 2;
    world.flink.savepointFailure = "x.CheckpointException: no luck\n\tat a.b(C.java:1)";
    await fails(
      /The savepoint of job job failed: x\.CheckpointException: no luck\. The job runs on\./,
      "take",
    );
    assert.equal(ledger().phase, "running");
    await fails(/no durable storage/, "take", { SAVEPOINT_DIRECTORY: "" });
  });

  it("keeps as many of the clock's as it is told, and every one that something needs", async () => {
    const periodic = { KIND: "periodic", KEEP: "2" };
    await succeeds("take");
    for (const number of [1, 2, 3])
      await succeeds("take", { ...periodic, SUBMISSION_UID: `clock-${number}` });
    const [manual, , second, third] = [...paths().slice(0, 1), "", ...paths().slice(1)];
    assert.equal(world.flink.disposed.length, 1);
    assert.deepEqual(paths(), [manual, second, third]);
    // Somebody started the job from the oldest.
    world.ledger.data = { ...ledger(), restoredFrom: second! };
    world.ledger.version++;
    await succeeds("take", { ...periodic, SUBMISSION_UID: "clock-4" });
    assert.ok(paths().includes(second!));
    assert.equal(world.flink.disposed.length, 1);
  });

  it("disposes of what it is told, unless something needs it", async () => {
    const [one, two] = [await succeeds("take"), await succeeds("take", { SUBMISSION_UID: "verb-2" })];
    world.ledger.data = { ...ledger(), savepoint: two };
    world.ledger.version++;
    await succeeds("dispose", { DISPOSE: `${one}\n${two}` });
    assert.deepEqual(world.flink.disposed, [one]);
    assert.deepEqual(paths(), [two]);
  });

  it("takes for disposed of what is gone, and says of what it cannot get rid", async () => {
    const [one, two] = [await succeeds("take"), await succeeds("take", { SUBMISSION_UID: "verb-2" })];
    world.flink.disposalFailure = (path) =>
      path === one
        ? "java.io.FileNotFoundException: gone\n\tat a.b(C.java:1)"
        : "x.Denied: may not\n\tat a.b(C.java:1)";
    await fails(/^Not disposed of: .*savepoint-1: x\.Denied: may not\.$/, "dispose", {
      DISPOSE: `${one}\n${two}`,
    });
    assert.deepEqual(paths(), [two]);
  });

  it("pauses a job with its state, and the same revision is started from that when its Job is made again", async () => {
    const message = await succeeds("pause");
    assert.match(message, /Job job is paused; its state is in s3:/);
    assert.equal(world.flink.active.length, 0);
    const { phase, paused, savepoint } = ledger();
    assert.deepEqual([phase, paused], ["stopped", "true"]);
    await succeeds("pause", { SUBMISSION_UID: "verb-2" });
    // What the command does: takes the mark out, and makes the Job again.
    delete world.ledger.data!.paused;
    world.ledger.version++;
    const outcome = await world.run({ SUBMISSION_UID: "uid-2" });
    assert.equal(outcome.code, 0, outcome.log);
    assert.equal(world.flink.active.length, 1);
    assert.equal(world.flink.active[0]!.restoredFrom, savepoint);
  });

  it("leaves a job running that cannot be paused with its state", async () => {
    world.flink.savepointFailure = "x.CheckpointException: no luck\n\tat a.b(C.java:1)";
    await fails(/no luck/, "pause", { FALLBACK: "false" });
    assert.equal(ledger().phase, "running");
    assert.equal(ledger().paused, undefined);
    assert.equal(world.flink.active.length, 1);
  });
});
