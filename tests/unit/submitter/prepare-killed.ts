import assert from "node:assert/strict";
import { awks } from "./awks";
import { PrepareWorld } from "./prepare-world";

const awk = () => awks.find(({ command }) => command !== undefined)?.command ?? [];

/** @param only Numbers of the requests before which it is killed; without, each of them. */
export function describePrepareKilled(...only: number[]): void {
  describe("what runs before a change that loses the jobs, killed", function () {
    this.timeout(240_000);

    for (const step of only) {
      it(`before its request ${step}: every job is stopped once, with its state`, async () => {
        assert.ok(await killedAt(step));
      });
    }
    if (only.length > 0) return;

    it("before each of its requests: every job is stopped once, with its state", async () => {
      let steps = 0;
      const atOnce = [0, 1, 2, 3, 4, 5];
      for (let step = 1, lived = atOnce.length; lived === atOnce.length; step += atOnce.length) {
        lived = (await Promise.all(atOnce.map((more) => killedAt(step + more)))).filter(Boolean).length;
        steps += lived;
        assert.ok(step < 120, "the program comes to an end");
      }
      assert.ok(steps >= 20, `killed at ${steps} steps`);
    });
  });
}

/** Kills the pod before its nth request is seen and lets the next one carry on. Says whether it lived that long. */
async function killedAt(step: number): Promise<boolean> {
  const one = await new PrepareWorld(awk()).start();
  try {
    const ids = [one.job("a"), one.job("b", { mode: "stateless" })];
    let count = 0;
    const attempt = one.attempt();
    one.fault = () => {
      if (++count !== step) return undefined;
      attempt.kill();
      return "cut before";
    };
    const outcome = await attempt.outcome;
    const killed = outcome.signal === "SIGKILL";
    one.fault = () => undefined;
    const next = await one.run();
    const hint = `killed at step ${step} (${one.requests.slice(-40).join(", ")})\n${outcome.log}---\n${next.log}`;
    assert.equal(next.code, 0, hint);
    assert.deepEqual(one.flink.active, [], hint);
    for (const [index, name] of ["a", "b"].entries()) {
      const { phase, restart, savepoint } = one.data(name);
      assert.deepEqual([phase, restart], ["stopped", "new"], hint);
      const job = one.flink.jobs.get(ids[index]!)!;
      if (name === "b") assert.deepEqual([savepoint, job.state], [undefined, "CANCELED"], hint);
      else {
        assert.deepEqual(
          [...job.savepoints.values()].map(({ location }) => location),
          [savepoint],
          hint,
        );
      }
    }
    return killed;
  } finally {
    one.stop();
  }
}
