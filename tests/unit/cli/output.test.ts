import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { projectDir } from "../../support/project";

/** Takes one byte, lets the writer come to its end, and reads the rest; it is longer than a pipe holds. */
const slowReader = "{ dd bs=1 count=1 status=none; sleep 2; cat; }";
const earlyLeaver = "dd bs=1 count=1 status=none >/dev/null";

/** What a command prints goes through pipes of a shell: Node's own are sockets, which hold more. */
describe("what a command prints", function () {
  this.timeout(120_000);
  let folder: string;
  const stackFile = path.join(projectDir, "Pulumi.test-many-mistakes.yaml");
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-output-"))));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(stackFile, { force: true });
  });

  /** Runs a pipeline; gives the exit code of its first command, and what it wrote to the files `out` and `err`. */
  async function pipeline(text: string): Promise<{ code: number; out: string; err: string }> {
    const script = `${text}\necho "\${PIPESTATUS[0]}" >${folder}/code`;
    await execa("bash", ["-c", script], {
      cwd: projectDir,
      env: { ...process.env, folder },
      timeout: 100_000,
    });
    const read = (name: string) => {
      const file = path.join(folder, name);
      const content = existsSync(file) ? readFileSync(file, "utf8") : "";
      rmSync(file, { force: true });
      return content;
    };
    return { code: Number(read("code")), out: read("out"), err: read("err") };
  }

  describe("by npm run", () => {
    const render = "node local/bootstrap.mjs render --stack dev";

    it("reaches a slow reader, all of it", async () => {
      const whole = await pipeline(`${render} >$folder/out 2>$folder/err`);
      assert.ok(whole.out.length > 300_000, `${whole.out.length} bytes`);
      const read = await pipeline(`${render} 2>$folder/err | ${slowReader} >$folder/out`);
      assert.equal(read.code, 0);
      assert.ok(read.out === whole.out, `${read.out.length} of ${whole.out.length} bytes`);
    });

    it("may be left by its reader: no error is told, and the exit code is that of the command", async () => {
      const { code, err } = await pipeline(`${render} 2>$folder/err | ${earlyLeaver}`);
      assert.equal(code, 0);
      assert.doesNotMatch(err, /EPIPE|could not be written|^\s+at /m);
      const refused = await pipeline(`node local/bootstrap.mjs nothing 2>&1 | ${earlyLeaver}`);
      assert.equal(refused.code, 2);
    });

    it("reaches a slow reader of its errors, all of them", async () => {
      const jobs = Array.from(
        { length: 600 },
        (_, index) => `    - { name: job-${index}, jar: relative.jar }\n`,
      );
      const cluster = "  flink-kubernetes:cluster: { name: hello, flinkVersion: 2.2.1 }\n";
      writeFileSync(stackFile, `config:\n${cluster}  flink-kubernetes:jobs:\n${jobs.join("")}`);
      const { code, out } = await pipeline(
        `node local/bootstrap.mjs render --stack test-many-mistakes 2>&1 >/dev/null | ${slowReader} >$folder/out`,
      );
      assert.equal(code, 1);
      assert.ok(out.length > 100_000, `${out.length} bytes`);
      assert.match(out, /pulumi config rm --path [^\n]+\n$/);
    });
  });

  describe("by a command that goes on", () => {
    /** A command with an open handle, which ends only when it is asked to stop. */
    const command = (run: string) => {
      const file = path.join(folder, "command.js");
      const text = `
        const { runToEnd } = require("${projectDir}/cli/output");
        setInterval(() => undefined, 1000);
        let stop;
        const stopped = new Promise((_, reject) => (stop = () => reject(new Error("stopped"))));
        runToEnd({ run: async () => { ${run} }, tell: (error) => console.error(error.message), stop });`;
      writeFileSync(file, text);
      return `node -r ts-node/register/transpile-only ${file}`;
    };

    it("is stopped when its reader has gone, without a word, with the exit code of a closed pipe", async () => {
      const goesOn = command(`setInterval(() => console.log("x".repeat(70000)), 20); return stopped;`);
      const { code, err } = await pipeline(`${goesOn} 2>$folder/err | ${earlyLeaver}`);
      assert.equal(code, 141);
      assert.equal(err, "");
    });

    it("ends although something is still open, and not before both outputs are read", async () => {
      const says = command(`console.log("o".repeat(300000)); console.error("e".repeat(300000)); return 3;`);
      const { code, out } = await pipeline(`${says} 2>&1 | ${slowReader} >$folder/out`);
      assert.equal(code, 3);
      assert.deepEqual([out.split("o").length - 1, out.split("e").length - 1], [300_000, 300_000]);
    });

    it("that cannot write says so, and has failed", async function () {
      if (!existsSync("/dev/full")) this.skip();
      const { code, err } = await pipeline(
        `${command(`console.log("said"); return 0;`)} >/dev/full 2>$folder/err`,
      );
      assert.equal(code, 2);
      assert.match(err, /Standard output could not be written: ENOSPC/);
    });
  });
});
