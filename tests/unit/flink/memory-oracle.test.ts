import assert from "node:assert/strict";
import fc from "fast-check";
import { jobManagerMemory, taskManagerMemory } from "../../../components/flink/memory";
import { findRelease, type FlinkRelease } from "../../../components/flink/versions";
import { jobManagerConfig, taskManagerAliases, taskManagerConfig, taskManagerResources } from "./arbitraries";
import { flinkHome, versionsWithJars } from "./home";
import { type Answer, askFlink, type Question } from "./oracle";
import { seed } from "../../support/seed";

/** Flink's messages print options with their defaults and old names; here they are just named. */
const plain = (message: string) =>
  message
    .replace("TaskManager memory configuration failed: ", "")
    .replace(/Key: ('[^']+') , default: .*? \(fallback keys: \[.*?\]\)/g, "$1")
    .replace(/\.$/, "");

function compare(release: FlinkRelease, question: Question, answer: Answer): string | undefined {
  const derive = question.command === "GET_JM_RESOURCE_PARAMS" ? jobManagerMemory : taskManagerMemory;
  const ours = derive(question.config, release);
  if ("error" in ours) {
    if ("lines" in answer)
      return `refused here (${ours.error}), accepted by Flink: ${answer.lines.join(" ")}`;
    // What is wrong with a malformed value Flink says in several ways, and says it again around other messages.
    const said = answer.messages.map(plain);
    // Of two malformed values either may be named: which one Flink reads first is not part of the model.
    const malformed = /Could not parse value/;
    const agreed =
      said.includes(plain(ours.error)) ||
      said.every((text) => ours.error.includes(text)) ||
      (malformed.test(ours.error) && said.some((text) => malformed.test(text)));
    return agreed ? undefined : `said here: ${ours.error}\nsaid by Flink: ${said.join("\n")}`;
  }
  const lines = [
    ours.memory.jvmArguments.join(" "),
    ours.memory.dynamicProperties.map(([key, value]) => `-D ${key}=${value}`).join(" "),
  ];
  if ("messages" in answer) return `accepted here, refused by Flink: ${answer.messages.join(" | ")}`;
  return lines.join("\n") === answer.lines.join("\n")
    ? undefined
    : `here: ${lines.join("\n")}\nFlink: ${answer.lines.join("\n")}`;
}

for (const version of versionsWithJars) {
  describe(`memory model against the BashJavaUtils of Flink ${version}`, function () {
    this.timeout(600_000);

    const release = findRelease(version)!;
    const ask = (command: Question["command"], configs: fc.Arbitrary<Question["config"]>, count: number) =>
      fc.sample(configs, { numRuns: count, seed }).map((config): Question => ({ command, config }));
    const withDevices = fc.tuple(taskManagerConfig, taskManagerResources).map(([a, b]) => ({ ...a, ...b }));
    const groups: Record<string, Question[]> = {
      JobManagers: ask("GET_JM_RESOURCE_PARAMS", jobManagerConfig, 300),
      TaskManagers: ask("GET_TM_RESOURCE_PARAMS", taskManagerConfig, 500),
      "TaskManagers with slots, cores and devices": ask("GET_TM_RESOURCE_PARAMS", withDevices, 150),
      "TaskManagers by old names": ask("GET_TM_RESOURCE_PARAMS", taskManagerAliases, 100),
    };
    let answers: Map<Question, Answer>;

    before("ask Flink everything, in one JVM", async () => {
      const questions = Object.values(groups).flat();
      const all = await askFlink(await flinkHome(version), questions);
      assert.equal(all.length, questions.length);
      answers = new Map(questions.map((question, i) => [question, all[i]]));
    });

    for (const [what, questions] of Object.entries(groups)) {
      it(`is exact for ${questions.length} random ${what}`, () => {
        const mismatches = questions.flatMap((question) => {
          const difference = compare(release, question, answers.get(question)!);
          return difference === undefined ? [] : [`${JSON.stringify(question.config)}\n${difference}`];
        });
        assert.deepEqual(mismatches.slice(0, 3), [], `${mismatches.length} differ (seed ${seed})`);
        const started = questions.filter((question) => "lines" in answers.get(question)!).length;
        assert.ok(started > questions.length / 5, `only ${started} configurations start`);
        assert.ok(started < questions.length, "no configuration was refused");
      });
    }
  });
}
