import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { commandLines, completionLine } from "../../../cli/command-lines";
import { completion } from "../../../cli/commands/completion";
import { helpOf, readOptions } from "../../../cli/options";

/** The words of an example as a shell splits them. */
const wordsOf = (example: string): string[] =>
  example
    .replace(/ (>>?|\|) .*$/, "")
    .replace(/\$\([^)]*\)/g, "abc")
    .split(" ")
    .filter((word) => word !== "");

describe("the commands of the package", () => {
  for (const line of commandLines) {
    it(`${line.name} has an example for every option, and every example is understood`, () => {
      const { examples = [] } = line;
      assert.ok(examples.length > 0);
      const used = examples.flatMap(([args]) => wordsOf(args));
      for (const option of Object.keys(line.options)) {
        // Where a job is: shown once, for all verbs.
        const shared =
          line.name.startsWith("jobs ") && ["cwd", "stack", "context", "namespace", "json"].includes(option);
        if (!shared) assert.ok(used.includes(`--${option}`), `--${option}`);
      }
      for (const [args] of examples) assert.doesNotThrow(() => readOptions(line, wordsOf(args)), args);
      const help = helpOf({ ...line, call: `npx flink-kubernetes ${line.name}` });
      for (const [args] of examples)
        assert.ok(help.includes(`npx flink-kubernetes ${line.name} ${args}`), args);
    });
  }

  describe("are completed", function () {
    this.timeout(120_000);
    let folder: string;
    before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-completion-"))));
    after(() => rmSync(folder, { recursive: true, force: true }));

    async function script(shell: string): Promise<string> {
      const lines: string[] = [];
      const log = console.log;
      console.log = (text: string) => void lines.push(text);
      try {
        await completion(completionLine, [shell]);
      } finally {
        console.log = log;
      }
      return lines.join("\n");
    }

    it("in bash", async () => {
      writeFileSync(path.join(folder, "completion.bash"), await script("bash"));
      const complete = async (...words: string[]) => {
        const given = ["flink-kubernetes", ...words].map((word) => `'${word}'`).join(" ");
        const command = `source ${folder}/completion.bash; COMP_WORDS=(${given}); COMP_CWORD=${words.length}; _flink_kubernetes; echo "\${COMPREPLY[*]}"`;
        return (await execa("bash", ["-c", command])).stdout.split(" ");
      };
      assert.deepEqual(await complete("re"), ["render"]);
      assert.ok((await complete("jobs", "")).includes("savepoint"));
      assert.deepEqual(await complete("render", "--secr"), ["--secret-ref"]);
      assert.deepEqual(await complete("render", "--for", ""), ["kubectl", "argocd", "flux"]);
      assert.ok((await complete("jobs", "gc", "--")).includes("--delete"));
    });

    it("in fish and zsh, with every command and option", async () => {
      const [fish, zsh] = [await script("fish"), await script("zsh")];
      for (const { name, options } of commandLines) {
        for (const option of Object.keys(options)) {
          assert.match(fish, new RegExp(` -l ${option}\\b`));
          assert.ok(zsh.includes(`--${option}`));
        }
        assert.ok(fish.includes(` -a ${name.split(" ").at(-1)}`), name);
      }
      assert.match(zsh, /^#compdef flink-kubernetes\n/);
    });

    it("not in another shell", async () => {
      await assert.rejects(completion(completionLine, ["tcsh"]), /Write one of bash, zsh, fish/);
    });
  });
});
