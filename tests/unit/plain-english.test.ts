import assert from "node:assert/strict";
import markdown from "@eslint/markdown";
import { Linter } from "eslint";
import english from "../../local/lint/plain-english.mjs";

const prose = { "english/sentence": "error", "english/phrase": "error" } as const;
const rules = { ...prose, "english/comment": "error" } as const;

/** What `npm run lint` prints for a file: line and message. */
function findings(file: string, text: string): string[] {
  const config: Linter.Config[] = file.endsWith(".md")
    ? [{ files: ["**/*.md"], plugins: { markdown, english }, language: "markdown/gfm", rules: prose }]
    : [{ plugins: { english }, rules }];
  return new Linter().verify(text, config, file).map(({ line, message }) => `${line}: ${message}`);
}

const words = (count: number) => ["Word", ...Array.from({ length: count - 1 }, () => "word")].join(" ");

describe("the rules for plain English", () => {
  it("count a sentence's words in pages, tables, docstrings, comments and messages", () => {
    const long = "26 words in a sentence, at most 25";
    const begins = (all: string[]) => all.map((one) => one.replace(/: '[^]*/, ""));
    assert.deepEqual(begins(findings("a.md", `# A\n\nShort.\n${words(26)}.\n`)), [`4: ${long}`]);
    assert.deepEqual(begins(findings("a.md", `| a |\n| - |\n| ${words(26)} |\n`)), [`3: ${long}`]);
    assert.deepEqual(
      begins(findings("a.js", `/**\n * Short.\n * ${words(13)}\n * ${words(13).toLowerCase()}\n */\n`)),
      [`3: ${long}`],
    );
    assert.deepEqual(begins(findings("a.js", `// ${words(13)}\n// ${words(13).toLowerCase()}\n`)), [
      `1: ${long}`,
    ]);
    assert.deepEqual(
      begins(findings("a.js", `const a = "${words(20)} " + b + " ${words(5).toLowerCase()}";\n`)),
      [`1: ${long}`],
    );
    assert.deepEqual(
      begins(findings("a.js", `const a = \`${words(20)} \${b} ${words(5).toLowerCase()}\`;\n`)),
      [`1: ${long}`],
    );
  });

  it("take 25 words, code as one word, and items of a list by themselves", () => {
    assert.deepEqual(findings("a.md", `${words(25)}.\n`), []);
    assert.deepEqual(findings("a.md", `${words(24)} \`a b c d\`.\n`), []);
    assert.deepEqual(findings("a.md", `${words(20)}:\n\n- ${words(20)};\n- ${words(20)}.\n`), []);
    assert.deepEqual(
      findings("a.js", `/**\n * ${words(20)}:\n * - ${words(20)}\n * - ${words(20)}\n */\n`),
      [],
    );
  });

  it("name phrases that slow a reader down", () => {
    const phrases = {
      "Of the pods, two run.": "'Of' starts with",
      "Beside a Job's container, a sidecar runs.": "'Beside' starts with",
      "This is no job.": "'is no job' write 'is not a'",
      "It says that there is a leader.": "'that there is' name the thing",
      "It prints what is known of the job.": "'what is' use a noun",
      "None of it comes to the JobManager.": "'comes to' use the verb",
      "A secret is said of the request.": "'said of' write 'about'",
      "The revision before was put back.": "'revision before' write 'previous'",
      "The pods of before keep theirs.": "'pods of before' write 'previous'",
      "If its failing stops the pod, look at the log.": "'its failing' write a clause",
    };
    for (const [text, expected] of Object.entries(phrases)) {
      const [found = "nothing", ...others] = findings("a.md", `${text}\n`);
      assert.ok(found.startsWith(`1: ${expected}`), `${text}: ${found}`);
      assert.deepEqual(others, []);
    }
    const fine = [
      "There is no leader.",
      "It is no longer there.",
      "What is a leader?",
      "Stop the job before you delete it.",
    ];
    assert.deepEqual(
      fine.flatMap((text) => findings("a.md", `${text}\n`)),
      [],
    );
  });

  it("leave code, examples and directives alone", () => {
    assert.deepEqual(findings("a.md", `\`\`\`sh\n# ${words(30)}\n\`\`\`\n`), []);
    assert.deepEqual(
      findings("a.js", `/**\n * Short.\n * @example\n * ${words(15)}\n * ${words(15)}\n */\n`),
      [],
    );
    assert.deepEqual(findings("a.js", `import "${words(30)}";\nconst a = "${"a/".repeat(40)}";\n`), []);
  });

  it("take three lines of a comment, and its width", () => {
    assert.deepEqual(findings("a.js", "// One.\n// Two.\n// Three.\n"), []);
    assert.deepEqual(findings("a.js", "// One.\n// Two.\n// Three.\n// Four.\n"), [
      "1: A comment of 4 lines, at most 3: say why, not what",
    ]);
    assert.deepEqual(findings("a.js", `// ${"a".repeat(108)}\n`), [
      "1: A comment of 111 columns, at most 110: wrap it",
    ]);
  });
});
