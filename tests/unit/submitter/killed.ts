import assert from "node:assert";
import { createHash } from "node:crypto";
import { awks } from "./awks";
import { checkpointPath, type FakeJob } from "./fake-flink";
import { type Outcome, type Settings, World } from "./harness";

const hash = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

const next: Settings = { SUBMISSION_UID: "uid-2", REVISION: "rev-b" };
const running = { state: "RUNNING", running: 2, checkpointing: true, addressable: true };

interface Scenario {
  name: string;
  settings: Settings;
  /** The job of revision rev-a, and how it is; without, there was none before. */
  before?: Partial<FakeJob>;
  /** Makes the new revision fail. */
  spoil?: (world: World) => void;
  /** What runs in the end, from where, and what the submission says. */
  ends: { revision: string; from: RegExp | undefined; says: RegExp; runs: number };
}

const savepoint = /savepoints\/job\/\d{8}T\d{6}Z-[\w-]+-[0-9a-f]{32}\/savepoint-1$/;
const lastCheckpoint = /checkpoints\/\w{32}\/chk-7$/;
const spoil = (world: World) => {
  world.flink.incompatible = ({ jobId }) =>
    jobId === world.prefix + hash("uid-2", 16)
      ? "org.apache.flink.util.StateMigrationException: no"
      : undefined;
};
const rolledBack = /^Revision rev-b did not start: .*StateMigrationException: no.*Revision rev-a.* put back/;

const scenarios: Scenario[] = [
  {
    name: "a first submission",
    settings: {},
    ends: { revision: "rev-a", from: undefined, says: /running|runs/, runs: 1 },
  },
  {
    name: "a stateless upgrade",
    settings: { ...next, UPGRADE_MODE: "stateless" },
    before: running,
    ends: { revision: "rev-b", from: undefined, says: /running|runs/, runs: 1 },
  },
  {
    name: "an upgrade with a savepoint",
    settings: next,
    before: running,
    ends: { revision: "rev-b", from: savepoint, says: /running|runs/, runs: 1 },
  },
  {
    name: "an upgrade from the last checkpoint",
    settings: { ...next, UPGRADE_MODE: "lastState" },
    before: { ...running, checkpoints: 7 },
    ends: { revision: "rev-b", from: lastCheckpoint, says: /running|runs/, runs: 1 },
  },
  {
    name: "a fallback",
    settings: { ...next, START_TIMEOUT: "8" },
    before: { ...running, running: 1, checkpoints: 7 },
    ends: { revision: "rev-b", from: lastCheckpoint, says: /running|runs/, runs: 1 },
  },
  {
    name: "an upgrade that is rolled back",
    settings: next,
    before: running,
    spoil,
    ends: { revision: "rev-a", from: savepoint, says: rolledBack, runs: 2 },
  },
];

/** @param only Names of the scenarios; without, all of them. */
export function describeKilled(...only: string[]): void {
  describe("submitter: killed at every step", function () {
    this.timeout(240_000);
    const awk = awks.find(({ command }) => command !== undefined)?.command ?? [];

    for (const scenario of scenarios.filter(({ name }) => only.length === 0 || only.includes(name))) {
      it(`${scenario.name}: one job, with the right state`, async () => {
        const points = await killPoints(scenario);
        assert.ok(points.length >= 6, `killed at ${points.join(", ")}`);
        for (let i = 0; i < points.length; i += 3) {
          await Promise.all(points.slice(i, i + 3).map((point) => killedAt(point, scenario)));
        }
      });
    }

    /** What a request is about, and what the ledger said then. */
    function keyOf(world: World, method: string, url: string): string {
      const { phase = "", revision = "", rollback = "", trigger = "" } = world.ledger.data ?? {};
      const path = url
        .split("?")[0]
        .replace(/[0-9a-f-]{36}_/g, "")
        .replace(world.prefix, "");
      const then = [phase, revision, rollback && "rollback", trigger && "savepoint"]
        .filter(Boolean)
        .join(" ");
      return `${method} ${path.replace(/.*configmaps/, "/configmaps")} (${then})`;
    }

    /** Only what changes something tells one moment from another: before each of these requests, and before the one that comes after it. */
    async function killPoints(scenario: Scenario): Promise<string[]> {
      const world = await worldOf(scenario);
      try {
        const points: string[] = [];
        let after = false;
        world.fault = (_server, method, url) => {
          const key = keyOf(world, method, url);
          const changes = method !== "GET" && !url.endsWith("/plan");
          if (changes || after) points.push(key);
          after = changes;
          return undefined;
        };
        assertEnd(scenario, world, await world.run(scenario.settings), "never killed");
        return [...new Set(points)];
      } finally {
        world.stop();
      }
    }

    async function worldOf({ before, spoil }: Scenario): Promise<World> {
      const world = await new World(awk).start();
      world.flink.newJob = { checkpointing: true, addressable: true };
      if (before) {
        const jobId = world.prefix + hash("uid-1", 16);
        world.flink.jars.set(`old_${jobId}.jar`, 1);
        world.flink.addJob(jobId, before);
        const request = JSON.stringify({ entryClass: "a.A", parallelism: 2 });
        world.ledger.data = {
          ...{
            revision: "rev-a",
            jobId,
            phase: "running",
            submission: "uid-1",
            restoreNonce: "none",
            request,
          },
          ...{ jarId: `old_${jobId}.jar`, jarHash: "old" },
        };
        // It stays as it is.
        const { progress } = world.flink;
        world.flink.progress = (job) => (job.id === jobId ? undefined : progress(job));
      }
      spoil?.(world);
      return world;
    }

    /** Kills the attempt before the first request of that kind is seen (which is after the one before it was) and lets the next pod carry on. */
    async function killedAt(point: string, scenario: Scenario): Promise<void> {
      const world = await worldOf(scenario);
      try {
        let killed = false;
        const attempt = world.attempt(scenario.settings);
        world.fault = (_server, method, url) => {
          if (killed || keyOf(world, method, url) !== point) return undefined;
          killed = true;
          attempt.kill();
          return "cut before";
        };
        const outcome = await attempt.outcome;
        world.fault = () => undefined;
        const last = killed ? await world.run(scenario.settings) : outcome;
        assertEnd(scenario, world, last, `killed before ${point}\n${outcome.log}---\n`);
      } finally {
        world.stop();
      }
    }

    function assertEnd({ ends, before }: Scenario, world: World, outcome: Outcome, what: string): void {
      const hint = `${what}\n${outcome.log}\n${world.requests.slice(-40).join(", ")}\n${JSON.stringify(world.ledger.data)}`;
      assert.match(outcome.message, ends.says, hint);
      assert.strictEqual(outcome.code, ends.says === rolledBack ? 1 : 0, hint);
      assert.strictEqual(world.flink.active.length, 1, hint);
      assert.strictEqual(world.flink.runs.length, ends.runs, hint);
      const [job] = world.flink.active;
      const { jobId, revision, phase, restoredFrom, jarId } = world.ledger.data ?? {};
      assert.deepStrictEqual(
        { jobId, revision, phase },
        { jobId: job.id, revision: ends.revision, phase: "running" },
        hint,
      );
      if (ends.from) assert.match(job.restoredFrom ?? "", ends.from, hint);
      else assert.strictEqual(job.restoredFrom, undefined, hint);
      assert.strictEqual(restoredFrom, job.restoredFrom, hint);
      const jars = [...world.flink.jars.keys()];
      if (ends.says === rolledBack) assert.ok(jars.includes(jarId), hint);
      else assert.deepStrictEqual(jars, [jarId], hint);
      assert.strictEqual(world.ledger.data?.checkpoint, checkpointPath(job), hint);
      if (before && ends.from)
        assert.match(world.ledger.data?.states ?? "", /^(savepoint|checkpoint) \d{10} s3:\S+$/, hint);
      assert.ok(
        !Object.keys(world.ledger.data ?? {}).some((key) => /previous|rollback|trigger/.test(key)),
        hint,
      );
      if (ends.says === rolledBack) assert.deepStrictEqual(world.flink.runs.at(-1)?.entryClass, "a.A", hint);
    }
  });
}
