import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { checkValue } from "../../../components/flink/values";
import { findRelease } from "../../../components/flink/versions";
import { flinkHome, versionsWithJars } from "./home";
import { type Answer, askFlink, type Parse, type Question } from "./oracle";

const ENUM = "Enum Default|Adaptive|AdaptiveBatch";

/** Text that looks like what config.yaml holds: words, numbers, punctuation with a meaning in YAML, other scripts. */
export const configValue = fc.oneof(
  fc.constantFrom(
    "true",
    "false",
    "0",
    "007",
    "1e3",
    "0x1F",
    "1_000",
    "null",
    "~",
    "yes",
    "No",
    "-",
    "- a",
    "[a, b]",
    "{a: b}",
    "a;b",
    "k1:v1,k2:v2",
  ),
  fc.constantFrom(
    "a: b",
    "a #b",
    "'a'",
    '"a"',
    "@a",
    "`a`",
    "%a",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "? a",
    ": a",
    "a:",
    "#a",
    " a",
    "a ",
    "",
    "\t",
    "a\nb",
  ),
  fc.constantFrom(
    "-Dx=$HOME",
    "s3://bucket/a b",
    "10 s",
    "ünïcödé",
    "日本",
    "🙂",
    "a\u0085b",
    "a\u2028b",
    "\ufeffa",
    "C:\\x",
    ".inf",
    "2024-01-01",
    "1:30:00",
  ),
  fc.string({ maxLength: 20 }).filter((text) => !/(?![\t\n\r])\p{Cc}/u.test(text)),
);

export const configKey = fc
  .array(fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_-]{0,8}$/), { minLength: 2, maxLength: 4 })
  .map((parts) => parts.join("."));

const values = fc.oneof(
  fc.constantFrom(
    "true",
    "TRUE",
    "False",
    " true",
    "yes",
    "1",
    "-1",
    "+1",
    "1.0",
    "1.",
    ".5",
    "1e3",
    "1e",
    "0x10",
    "1_000",
    "1L",
    "1f",
    "NaN",
    "",
    " 1",
    "2147483647",
    "2147483648",
    "-2147483649",
  ),
  fc.constantFrom(
    "9223372036854775807",
    "9223372036854775808",
    "10 s",
    "10s",
    "5 minuts",
    "1 M",
    "1min",
    "1mins",
    "PT5M",
    "pt1.5s",
    "P1D",
    "P1DT2H",
    "P",
    "PT",
    "P1Y",
    "PT5",
    "1.5 s",
    "-1 s",
    "5 DAYS",
    "1 µs",
    "1 us",
  ),
  fc.constantFrom(
    "1g",
    "1 GB",
    "1Gi",
    "512 m b",
    "1kibibytes",
    "64 mb",
    "adaptive",
    "ADAPTIVE",
    "AdaptiveBatch",
    "adaptive-batch",
    "Reactive",
    "default ",
  ),
  fc.integer().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map(String),
  fc
    .tuple(
      fc.nat({ max: 100000 }),
      fc.constantFrom("", " "),
      fc.constantFrom("d", "h", "min", "s", "ms", "millis", "µs", "ns", "x", "m", "g", "kb", "hours"),
    )
    .map((parts) => parts.join("")),
);

const TYPES = ["Boolean", "Integer", "Long", "Double", "Float", "Duration", "MemorySize", ENUM];

for (const version of versionsWithJars) {
  describe(`configuration against Flink ${version}`, function () {
    this.timeout(600_000);

    const entries = fc.uniqueArray(fc.tuple(configKey, configValue), {
      minLength: 1,
      maxLength: 12,
      selector: ([key]) => key,
    });
    // Flink turns a key that is also the beginning of another into a tree, and fails: checkConfig refuses that.
    const apart = entries.filter((list) => !list.some(([a]) => list.some(([b]) => b.startsWith(`${a}.`))));
    const configs = fc.sample(apart, 100).map((list): Record<string, string> => Object.fromEntries(list));
    const texts = [...new Set(fc.sample(values, 400))];
    let answers: Answer[];

    before("ask Flink everything, in one JVM", async () => {
      const questions = [
        ...configs.map((config): Question => ({ command: "UPDATE_AND_GET_FLINK_CONFIGURATION", config })),
        ...TYPES.flatMap((type) => texts.map((value): Parse => ({ type: type.split(" ")[0], value }))),
      ];
      answers = await askFlink(await flinkHome(version), questions);
      assert.equal(answers.length, questions.length);
    });

    it("config.yaml reads as what was written", () => {
      configs.forEach((config, i) => {
        const answer = answers[i];
        assert.ok("lines" in answer, JSON.stringify([config, answer]));
        // Flink answers in YAML of its own.
        const read: Record<string, string> = parse(answer.lines.join("\n"), { schema: "failsafe" });
        assert.deepEqual({ ...read }, config);
      });
    });

    TYPES.forEach((type, t) => {
      it(`agrees with Flink on what is a ${type}`, () => {
        const iso = findRelease(version)!.isoDurations;
        const different = texts.filter((value, i) => {
          const accepted = "lines" in answers[configs.length + t * texts.length + i];
          return (checkValue(type, value, iso) === undefined) !== accepted;
        });
        assert.deepEqual(different, []);
      });
    });
  });
}
