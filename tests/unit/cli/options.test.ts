import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { UserError } from "../../../recorder/errors";
import { HelpAsked, readOptions } from "../../../cli/options";
import { ProgressLine } from "../../../cli/progress";
import { commands } from "../../../local/command-list";
import { projectDir } from "../../support/project";

const commandLine = {
  name: "render",
  about: "A stack as YAML.",
  options: {
    stack: { type: "string", default: "dev", value: "NAME", about: "the stack" },
    out: { type: "string", value: "FOLDER", about: "the folder" },
    check: { type: "boolean", about: "writes nothing", needs: "out" },
    "no-prune": { type: "boolean", about: "leaves what is old" },
    "secret-ref": { type: "string", multiple: true, value: "NAME", about: "may be repeated" },
  },
} as const;

const read = (...args: string[]) => readOptions(commandLine, args).values;

function refused(...args: string[]): string {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof UserError) return [error.message, ...error.actions].join("\n");
    throw error;
  }
  throw new Error("nothing is refused");
}

describe("options of a command", () => {
  it("are read, with defaults for what is not given", () => {
    assert.deepEqual({ ...read() }, { stack: "dev" });
    const given = read("--out", "a", "--check", "--secret-ref", "b", "--secret-ref=c");
    assert.deepEqual({ ...given }, { stack: "dev", out: "a", check: true, "secret-ref": ["b", "c"] });
  });

  it("that there are not are named, with the one that was meant and where all are listed", () => {
    assert.match(refused("--otu", "x"), /Unknown option '--otu' of npm run render\. Did you mean --out\?/);
    assert.match(refused("--format"), /Unknown option '--format'[^]*npm run render -- --help/);
  });

  it("that are wrong are all told at once", () => {
    const text = refused("--otu", "--check", "--stack");
    for (const said of [/'--otu'/, /--check has an effect only with --out/, /--stack: NAME is missing/])
      assert.match(text, said);
    assert.match(refused("--out", "--no-prune"), /--out: FOLDER is missing/);
    assert.match(refused("--no-prune=yes"), /is a switch/);
    assert.match(refused("prod"), /Unexpected argument 'prod'/);
    assert.doesNotMatch(refused("--otu", "x"), /Unexpected/);
  });

  it("that npm has taken for itself are not lost in silence", () => {
    for (const [name, value, option] of [
      ["npm_config_stack", "prod", "--stack"],
      ["npm_config_secret_ref", "true", "--secret-ref"],
      ["npm_config_prune", "", "--no-prune"],
    ] as const) {
      process.env[name] = value;
      try {
        assert.match(refused(), new RegExp(`npm has taken ${option} [^]*npm run render -- --option`));
      } finally {
        Reflect.deleteProperty(process.env, name);
      }
    }
  });

  it("have a line each in the help", () => {
    assert.throws(
      () => read("--stack", "--help"),
      (error: Error) => {
        assert.ok(error instanceof HelpAsked);
        for (const [name, { about }] of Object.entries(commandLine.options))
          assert.match(error.message, new RegExp(`^  --${name}.*${about}`, "m"));
        assert.match(error.message, /--stack NAME .*\(default: dev\)/);
        return true;
      },
    );
  });
});

describe("the line that tells of progress", () => {
  const written = (isTTY: boolean) => {
    const parts: string[] = [];
    const line = new ProgressLine({ isTTY, columns: 20, write: (text) => parts.push(String(text)) > 0 });
    line.say("one thing after the other");
    line.end();
    line.end();
    return parts.join("");
  };

  it("is at a terminal, within its width, and gone at the end", () => {
    assert.equal(written(true), "\r\u001b[Kone thing after the\r\u001b[K");
  });

  it("is nowhere else", () => assert.equal(written(false), ""));
});

describe("the commands", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-options-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (args: string[]) =>
    execa("node", ["local/bootstrap.mjs", ...args], { cwd: projectDir, reject: false });

  it("are listed by --help, and each has its own", async () => {
    const { exitCode, stdout } = await run(["--help"]);
    assert.equal(exitCode, 0);
    const names = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name!);
    const { scripts } = JSON.parse(readFileSync(path.join(projectDir, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const started = Object.keys(scripts).filter((name) => scripts[name]!.includes("local/bootstrap.mjs"));
    assert.deepEqual(
      started.filter((name) => !names.includes(name)),
      [],
    );
    assert.deepEqual(
      names.filter((name) => !started.includes(name)),
      [],
    );
    for (const name of names.filter((each) => each !== "kubectl")) {
      const action = commands[name]!.load();
      await assert.rejects(
        async () => action(["--help"], new AbortController().signal),
        (error: Error) => {
          assert.ok(error instanceof HelpAsked, `${name}: ${error.stack}`);
          assert.match(error.message, new RegExp(`^npm (run )?${name} -- \\[(VERB|OPTIONS)\\]`));
          return true;
        },
      );
    }
    const help = await run(["render", "--stack", "prod", "--help"]);
    assert.deepEqual([help.exitCode, help.stderr], [0, ""]);
    assert.match(help.stdout, /^npm run render -- \[OPTIONS\]\n/);
  });

  it("refuse a file where a folder belongs, and a folder where a file belongs, before they work", async () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    for (const [args, said] of [
      [["render", "--out", file], /--out .*file: this is a file, and a folder is wanted/],
      [["preview", "--out", file], /this is a file, and a folder is wanted/],
      [["pack", "--out", file], /this is a file, and a folder is wanted/],
      [["render", "--format", "registrations", "--out", folder], /this is a folder, and a file is wanted/],
      [["render", "--outputs", folder], /this is a folder, and a file is wanted/],
      [["preview", "--output", path.join(folder, "none")], /there is no such file/],
      [["comment", "--commit", "a", "--report", path.join(folder, "none")], /cannot be read \(ENOENT\)/],
    ] as const) {
      const { exitCode, stderr } = await run([...args]);
      assert.equal(exitCode, 2, args.join(" "));
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  });

  for (const option of [["--check"], ["--for", "argocd"], ["--secret-ref", "a/b"], ["--no-prune"]]) {
    it(`render ${option[0]} without --out is refused: it would check nothing`, async () => {
      const { exitCode, stdout, stderr } = await run(["render", "--stack", "prod", ...option]);
      assert.equal(exitCode, 2);
      assert.equal(stdout, "");
      assert.match(stderr, new RegExp(`${option[0]} has an effect only with --out`));
    });
  }

  it("preview has one source", async () => {
    const { exitCode, stderr } = await run(["preview", "--against", "HEAD", "--output", "-"]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /--against and --output exclude each other/);
  });

  for (const delay of [0, 300, 1500]) {
    it(`preview leaves nothing in the temporary folder when it is interrupted (${delay} ms after it made something there)`, async () => {
      const temporary = mkdtempSync(path.join(folder, "tmp-"));
      const child = execa("node", ["local/bootstrap.mjs", "preview", "--stack", "prod"], {
        cwd: projectDir,
        reject: false,
        detached: true,
        env: { TMPDIR: temporary },
      });
      while (readdirSync(temporary).length === 0 && child.exitCode === null) await sleep(2);
      await sleep(delay);
      // As a terminal does it: everything that the command has started hears it.
      if (child.exitCode === null) process.kill(-child.pid!, "SIGINT");
      await child;
      assert.deepEqual(readdirSync(temporary), []);
    });
  }
});
