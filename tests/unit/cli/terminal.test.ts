import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from "node:fs";
import path from "node:path";
import { type FakeCluster, fakeCluster, ledger, writeKubeconfig } from "../../support/fake-cluster";
import { type ForeignProject, install, type Installation } from "../../support/foreign";
import { plain, type Terminal, terminal } from "../../support/terminal";

const CTRL_C = "\u0003";
const CLEARED = "\u001b[2J\u001b[H";
const COLOUR = /\u001b\[\d+m/; // eslint-disable-line no-control-regex -- what a terminal gets

const program = (memory: string) => `"use strict";
const { FlinkCluster, FlinkJob } = require("flink-kubernetes");
const cluster = new FlinkCluster("orders", {
  flinkVersion: "2.2.1",
  taskManager: { memory: "${memory}", slots: 2, replicas: 2 },
});
new FlinkJob("totals", { cluster: cluster.connection, jar: "/opt/flink/usrlib/totals.jar", upgradeMode: "stateless" });
`;

/** Says which process it is, and never ends. */
const endless = `const fs = require("node:fs");
fs.appendFileSync(process.env.PROCESSES, process.pid + "\\n");
setInterval(() => undefined, 1000);
`;

describe("the command at a terminal", function () {
  this.timeout(300_000);
  let installation: Installation;
  let project: ForeignProject;
  let temporary: string;
  const open: Terminal[] = [];

  before(async () => {
    installation = await install();
    project = installation.project("terminal", {
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "package.json": `{ "name": "shop" }`,
      "index.js": program("4g"),
    });
    await project.commit();
    temporary = path.join(installation.folder, "temporary");
    mkdirSync(temporary);
  });
  beforeEach(() => project.write("index.js", program("6g")));
  afterEach(() => open.splice(0).forEach((each) => each.close()));
  after(() => installation.remove());

  function run(args: string[], env: Record<string, string> = {}, columns = 100): Terminal {
    const main = path.join(installation.folder, "node_modules/flink-kubernetes/bin/cli/main.js");
    const command = [process.execPath, main, ...args];
    const started = terminal(command, {
      cwd: project.folder,
      env: { TMPDIR: temporary, ...env },
      columns,
    });
    open.push(started);
    return started;
  }

  describe("preview", () => {
    it("says what it is doing, wipes that away, and shows the report in colours, as wide as the terminal", async () => {
      const at = run(["preview"], {}, 72);
      assert.equal(await at.ended, 0, at.shown());
      const [before, report] = at.shown().split("\r\u001b[K").slice(-2) as [string, string];
      assert.match(before, /^Running the program of stack dev, as it is here and at HEAD …$/);
      assert.match(plain(report), /TaskManager, each\n +1 core, 4Gi, 2 slots → 1 core, 6Gi, 2 slots\n/);
      assert.match(report, COLOUR);
      const long = plain(report)
        .split("\n")
        .filter((line) => line.length > 72);
      assert.deepEqual(long, []);
    });

    it("has no colours with NO_COLOR", async () => {
      const at = run(["preview"], { NO_COLOR: "1" });
      assert.equal(await at.ended, 0, at.shown());
      assert.match(at.shown(), /4Gi.* → .*6Gi/);
      assert.doesNotMatch(at.shown(), COLOUR);
    });

    it("ends at Ctrl-C with code 130, and leaves neither a process nor a file", async () => {
      project.write("index.js", endless);
      const processes = path.join(installation.folder, "processes");
      const at = run(["preview"], { PROCESSES: processes });
      await at.until(/Running the program/);
      const [pid] = await linesOf(processes, 1);
      at.type(CTRL_C);
      assert.equal(await at.ended, 130, at.shown());
      assert.match(at.shown(), /\nInterrupted\.\r?\n/);
      assert.doesNotMatch(at.shown(), /^\s+at /m);
      assert.throws(() => process.kill(Number(pid), 0), /ESRCH/);
      assert.deepEqual(readdirSync(temporary), []);
    });

    it("--watch shows the report again in the same place when a file is saved, until Ctrl-C", async () => {
      const at = run(["preview", "--watch"]);
      await at.until(/→ .*6Gi[^]*Ctrl-C ends it/);
      project.write("index.js", program("8g"));
      const screen = (await at.until(/→ .*8Gi[^]*Ctrl-C ends it/)).split(CLEARED).at(-1)!;
      assert.doesNotMatch(screen, /\b6Gi/);
      at.type(CTRL_C);
      assert.equal(await at.ended, 130, at.shown());
      assert.deepEqual(readdirSync(temporary), []);
    });
  });

  describe("jobs", () => {
    let cluster: FakeCluster;
    let env: Record<string, string>;
    before(async () => {
      cluster = await fakeCluster([ledger("shop", "orders", "totals")]);
      const kubeconfig = path.join(installation.folder, "kubeconfig");
      writeKubeconfig(kubeconfig, { eu: cluster });
      env = { KUBECONFIG: kubeconfig };
    });
    after(() => cluster.close());

    it("top shows what is, again in the same place, until Ctrl-C", async () => {
      const at = run(["jobs", "top", "--namespace", "shop", "--every", "1"], env);
      assert.match(await at.until(/Ctrl-C ends it/), /totals +running +RUNNING/);
      const totals = { jid: "id-of-totals", name: "j", state: "RESTARTING", "start-time": 0, tasks: {} };
      cluster.flink.set("/jobs/overview", { jobs: [totals] });
      const screens = (await at.until(/RESTARTING[^]*Ctrl-C ends it/)).split(CLEARED);
      assert.ok(screens.length >= 3);
      assert.doesNotMatch(screens.at(-1)!, /RUNNING/);
      at.type(CTRL_C);
      assert.equal(await at.ended, 130, at.shown());
      assert.doesNotMatch(at.shown(), /^\s+at |does not answer/m);
    });

    it("ui has a link that works, and that is closed at Ctrl-C", async () => {
      cluster.flink.clear();
      const at = run(["jobs", "ui", "totals", "--namespace", "shop"], env);
      const [, url] = /(http:\/\/127\.0\.0\.1:\d+)\/#\/job\/running\/id-of-totals/.exec(
        await at.until(/Ctrl-C closes it/),
      )!;
      assert.equal(await (await fetch(`${url}/jobs`)).text(), "Flink says /jobs");
      at.type(CTRL_C);
      assert.equal(await at.ended, 130, at.shown());
      await assert.rejects(fetch(`${url}/jobs`));
    });
  });
});

/** The lines of a file that another process writes, when there are so many. */
async function linesOf(file: string, count: number): Promise<string[]> {
  const read = () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : []);
  const watcher = watch(path.dirname(file));
  try {
    while (read().length < count) {
      await new Promise((resolve) => watcher.once("change", resolve));
    }
  } finally {
    watcher.close();
  }
  return read();
}
