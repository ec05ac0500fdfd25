import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { agent, jdks, maven } from "./maven";

const sources = path.join(agent, "src/test/java/flink/kubernetes/agent");
const reports = path.join(agent, "target/surefire-reports");

/** What fits into 90 s of two idle cores; the soak has the rest: a million lives, every stale read, deliberate errors. */
const SIMULATED = [
  "everyInvariantHoldsInEverySeed",
  "everyScenarioEndsAsItShould",
  "soItDoesWithACrashAfterEverySingleEffect",
  "noStaleReadBreaksAnInvariant",
];
const LIVES = 40_000;
/** Of the stale reads every which is tried. */
const STALE = 10;

/** The JUnit tests, as CLASS.METHOD: each is a test here, too. */
function junitTests(): string[] {
  return readdirSync(sources)
    .filter((file) => file.endsWith("Test.java"))
    .flatMap((file) =>
      [...readFileSync(path.join(sources, file), "utf8").matchAll(/@Test\s+(?:@.*\s+)*void (\w+)\(/g)].map(
        ([, method]) => `${path.basename(file, ".java")}.${method}`,
      ),
    )
    .filter((name) => !name.startsWith("SimulationTest.") || SIMULATED.includes(name.split(".")[1]!));
}

/** What came of each in the last run: empty when it passed. */
function results(): Map<string, string> {
  const found = new Map<string, string>();
  if (!existsSync(reports)) return found;
  for (const file of readdirSync(reports).filter((name) => name.endsWith(".xml"))) {
    const text = readFileSync(path.join(reports, file), "utf8");
    for (const [, attributes, inside = ""] of text.matchAll(
      /<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
    )) {
      const method = /\bname="(\w+)/.exec(attributes!)?.[1];
      const type = /\bclassname="[\w.]*?(\w+)"/.exec(attributes!)?.[1];
      const wrong = /<(?:failure|error|skipped)[\s\S]*/.exec(inside)?.[0];
      found.set(`${type}.${method}`, wrong === undefined ? "" : readable(wrong));
    }
  }
  return found;
}

/** The text of a failure, without the stack. */
function readable(xml: string): string {
  const text = /<!\[CDATA\[([\s\S]*?)\]\]>/.exec(xml)?.[1] ?? xml;
  return text.replace(/\n\s+at [\s\S]*/, "");
}

describe("the agent", function () {
  this.timeout(3_600_000);
  let said = "";

  before(async () => {
    jdks();
    rmSync(reports, { recursive: true, force: true });
    const classes = new Set(junitTests().map((name) => name.split(".")[0]!));
    classes.delete("SimulationTest");
    const chosen = [...classes, `SimulationTest#${SIMULATED.join("+")}`].join(",");
    const { all } = await maven(agent, ["test", `-Dtest=${chosen}`, `-Dseeds=${LIVES}`, `-Dstale=${STALE}`], {
      reject: false,
    });
    said = all ?? "";
  });

  for (const name of junitTests()) {
    it(name, () => {
      const wrong = results().get(name);
      assert.ok(wrong !== undefined, `it was not run. Maven says:\n${said.slice(-3000)}`);
      assert.equal(wrong, "");
    });
  }

  after(() => {
    const told = path.join(agent, "target/simulation.txt");
    if (existsSync(told)) console.log(readFileSync(told, "utf8"));
  });
});
