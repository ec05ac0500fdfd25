import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { projectDir } from "../../support/project";

const launcher = path.join(projectDir, "local", "engine", "own-group.mjs");

describe("running the CLI in a process group of its own", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "own-group-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** Starts a CLI that counts its interrupts and ends when it is told "end"; it runs in the group of the launcher's caller, as at a terminal. */
  const start = (script: string): ChildProcess => {
    const cli = path.join(folder, "cli");
    fs.writeFileSync(cli, `#!${process.execPath}\n${script}`, { mode: 0o755 });
    return spawn(process.execPath, [launcher, cli, "up", "--yes"], {
      detached: true,
      stdio: ["pipe", "pipe", "inherit"],
    });
  };

  it("passes on arguments, output and exit code", async () => {
    const child = start("console.log(process.argv.slice(2).join(' ')); process.exit(3)");
    const [[output], [code]] = await Promise.all([once(child.stdout!, "data"), once(child, "close")]);
    assert.equal(String(output), "up --yes\n");
    assert.equal(code, 3);
  });

  it("interrupts the CLI once, however often and from wherever interrupts come", async () => {
    const child = start(
      `let interrupts = 0;
       process.on("SIGINT", () => console.log("interrupted"));
       process.on("SIGINT", () => interrupts++);
       process.stdin.on("end", () => setTimeout(() => { console.log(String(interrupts)); process.exit(0); }, 500)).resume();
       console.log("ready");`,
    );
    const lines: string[] = [];
    const line = async () => lines.push(String((await once(child.stdout!, "data"))[0]).trim());
    await line();
    process.kill(-child.pid!, "SIGINT"); // Ctrl-C at a terminal: everything in the foreground group
    await line();
    process.kill(child.pid!, "SIGINT"); // the Automation API, whose signal was aborted
    process.kill(child.pid!, "SIGTERM");
    child.stdin!.end(); // that no further one comes cannot be awaited: the CLI listens for half a second more
    await line();
    assert.deepEqual(lines, ["ready", "interrupted", "1"]);
    await once(child, "close");
  });
});
