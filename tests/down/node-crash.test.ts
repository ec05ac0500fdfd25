import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { BuildContext } from "../../local/cache";
import { runningNode, startNode, stopNode, traces } from "../../local/node";

/** Starts and stops the node many times, so it runs after everything that uses one. */
describe("local node: crashes and interrupts", function () {
  this.timeout(300_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-test-"));
  const context = (
    report: (line: string) => void = () => undefined,
    signal = new AbortController().signal,
  ): BuildContext => ({
    log: path.join(folder, "log"),
    report,
    signal,
  });

  before(async function () {
    const reason =
      process.getuid?.() !== 0
        ? "the local node needs root"
        : (await runningNode())
          ? "a node runs on this machine, and this test would take it down"
          : undefined;
    if (reason) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function assertNothingLeft(): void {
    assert.deepEqual(traces(), []);
    const show = (command: string, ...args: string[]) =>
      spawnSync(command, args, { encoding: "utf8" }).stdout;
    assert.doesNotMatch(show("ip", "netns", "list"), /flink-kubernetes/);
    assert.doesNotMatch(show("ip", "link"), /flink-k8s/);
    assert.doesNotMatch(show("ip", "route", "show", "table", "all"), /198\.18\./);
    assert.doesNotMatch(fs.readFileSync("/proc/self/mounts", "utf8"), /flink-kubernetes|kubelet|containerd/);
    assert.doesNotMatch(show("find", "/sys/fs/cgroup", "-maxdepth", "3", "-name", "flink-kubernetes*"), /./);
    for (const place of ["/etc/netns/flink-kubernetes", "/run/flink-kubernetes"])
      assert.ok(!fs.existsSync(place), place);
  }

  /** Runs startNode in a process of its own and kills that, without a chance to clean up, at the line of progress. */
  async function startAndKillAt(line: string): Promise<void> {
    const script = `
      const { startNode } = require(${JSON.stringify(path.resolve("local/node/index.ts"))});
      startNode({ log: ${JSON.stringify(path.join(folder, "log"))}, report: (line) => console.log(line), signal: new AbortController().signal });`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.stdout.on("data", (data) => String(data).includes(line) && child.kill("SIGKILL"));
    await ended;
    assert.equal(child.signalCode, "SIGKILL", "it was killed before it was done");
  }

  for (const line of ["network and certificates", "API server", "node"]) {
    it(`a start that is killed at "${line}" is removed without a trace`, async () => {
      await startAndKillAt(line);
      await stopNode();
      assertNothingLeft();
    });
  }

  it("an interrupt leaves nothing behind", async () => {
    const abort = new AbortController();
    const starting = startNode(
      context((line) => line === "API server" && setTimeout(() => abort.abort(), 300), abort.signal),
    );
    await assert.rejects(starting, { name: "AbortError" });
    assertNothingLeft();
  });

  it("a second start returns the node that runs; a crashed one is started again with its data", async () => {
    await startAndKillAt("API server");
    const node = await startNode(context());
    const kubectl = (...args: string[]) => {
      const result = spawnSync(node.kubectl, args, {
        encoding: "utf8",
        env: { KUBECONFIG: node.kubeconfig },
      });
      assert.equal(result.status, 0, result.stderr);
      return result.stdout;
    };
    const record = fs.readFileSync("/run/flink-kubernetes/node.json", "utf8");
    const again = await startNode(context());
    assert.deepEqual([again.kubeconfig, again.resumed], [node.kubeconfig, undefined]);
    assert.equal(fs.readFileSync("/run/flink-kubernetes/node.json", "utf8"), record, "the same processes");

    kubectl("create", "configmap", "kept", "--from-literal=key=value");
    process.kill(JSON.parse(record).processes.apiserver.pid, "SIGKILL");
    assert.equal(await runningNode(), undefined);
    assert.equal((await startNode(context())).resumed, true);
    assert.match(kubectl("get", "configmap", "kept", "--output=jsonpath={.data.key}"), /^value$/);
    await stopNode();
    assertNothingLeft();
  });

  it("somebody else's network namespace of the same name is refused, named and left alone", async () => {
    assert.equal(spawnSync("ip", ["netns", "add", "flink-kubernetes"]).status, 0);
    try {
      await assert.rejects(
        startNode(context()),
        /network namespace flink-kubernetes.*ip netns delete flink-kubernetes/s,
      );
      assert.match(spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout, /flink-kubernetes/);
    } finally {
      spawnSync("ip", ["netns", "delete", "flink-kubernetes"]);
    }
    assertNothingLeft();
  });
});
