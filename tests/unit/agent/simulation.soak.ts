import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { agent, jdks, maven } from "./maven";

const MILLION = 1_000_000;
const PART = 100_000;

/**
 * What does not fit into `npm test`. What is done is kept in agent/target/soak for as long as the code stays the same: run again, it goes on where it was.
 */
describe("the agent, at length", function () {
  this.timeout(24 * 3_600_000);

  const java = (...args: string[]) =>
    execa("nice", ["-n", "10", "java", "-XX:+UseParallelGC", "-Xmn400m", "-Xmx800m", ...args], {
      cwd: agent,
      reject: false,
      all: true,
    });
  const classes = ["-cp", "target/classes:target/test-classes"];

  before(async () => {
    jdks();
    await maven(agent, ["test-compile"]);
  });

  for (let first = 1; first <= MILLION; first += PART) {
    it(`lives ${first} to ${first + PART - 1} break no invariant`, async () => {
      const main = "flink.kubernetes.agent.Simulation";
      const { all, exitCode } = await java(...classes, main, "soak", "target/soak", `${first}`, `${PART}`);
      console.log(all);
      assert.equal(
        exitCode,
        0,
        `${all}\nTo see what happens in one: java ${classes.join(" ")} ${main} replay SEED`,
      );
    });
  }

  it("no read that is answered with any state before breaks an invariant", async () => {
    const { all } = await java(...classes, "flink.kubernetes.agent.Scenarios", "stale", "0");
    console.log(all.split("\n").at(-1));
    assert.match(all, / 0 went wrong\.$/);
  });

  for (const method of ["soItDoesWithACrashAfterEverySingleEffect", "everyDeliberateErrorIsCaught"]) {
    it(method, async () => {
      const { all, failed } = await maven(agent, ["test", `-Dtest=SimulationTest#${method}`], {
        reject: false,
      });
      assert.ok(!failed, all);
    });
  }

  after(() => console.log(readFileSync(path.join(agent, "target/soak/coverage.txt"), "utf8")));
});
