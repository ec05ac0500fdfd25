import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import type { RunEvent } from "../../local/record";
import { engineDown, engineUp, type EngineOptions, hasEngineStack } from "../../local/engine";
import { engineOrSkip, objectsIn, projectDir, TemporaryCache } from "./support";

const NAMESPACE = "engine-test-configmap";

describe("a run of the Pulumi engine that is cut off", function () {
  this.timeout(180_000);
  let cache: TemporaryCache;
  let options: EngineOptions;

  before(async function () {
    const { engine, kubeconfig } = await engineOrSkip(this);
    cache = new TemporaryCache();
    options = {
      engine,
      kubeconfig,
      projectDir: path.join(projectDir, "tests", "fixtures", "engine", "configmap"),
      stack: "test",
      config: { "configmap:colour": "blue" },
      signal: new AbortController().signal,
    };
  });

  afterEach(async () => {
    if (cache) await engineDown(options);
  });
  after(() => cache?.remove());

  const colour = async () =>
    (await objectsIn(options.kubeconfig!, NAMESPACE)).find(({ metadata }) => metadata.name === "settings")
      ?.data;

  const isThere = async (name: string) =>
    (await objectsIn(options.kubeconfig!, NAMESPACE)).some(({ metadata }) => metadata.name === name);

  /** Resolves when the Deployment that never gets ready is being waited for. */
  const untilWaiting = () => {
    let waiting: () => void;
    const reached = new Promise<void>((resolve) => (waiting = resolve));
    let applying = false;
    const onEvent = (event: RunEvent) => {
      if (event.type === "phase") applying = event.phase === "apply";
      if (applying && event.type === "resource" && event.name === "never-ready") waiting();
    };
    return { reached, onEvent };
  };

  it("says what is left after an interrupt, and goes on from there", async () => {
    const interrupt = new AbortController();
    const { reached, onEvent } = untilWaiting();
    const config = { "configmap:colour": "blue", "configmap:slow": "true" };
    const run = engineUp({ ...options, config, onEvent, signal: interrupt.signal });
    await Promise.race([reached, run]);
    interrupt.abort();
    await assert.rejects(run, (error: Error & { actions: string[] }) => {
      assert.match(error.message, /^Interrupted/);
      assert.match(error.actions.join("\n"), /[23] object\(s\) .* on the cluster/);
      return true;
    });
    await engineUp({ ...options, config: { "configmap:colour": "green" } });
    assert.deepEqual(await colour(), { colour: "green" });
    const names = (await objectsIn(options.kubeconfig!, NAMESPACE))
      .map(({ metadata }) => metadata.name)
      .sort();
    assert.deepEqual(names, [NAMESPACE, "settings"].sort());
  });

  it("repairs the state that a killed engine leaves: the lock, and creations of unknown outcome", async () => {
    const { reached, onEvent } = untilWaiting();
    const config = { "configmap:colour": "blue", "configmap:slow": "true" };
    const run = engineUp({ ...options, config, onEvent });
    run.catch(() => undefined);
    await Promise.race([reached, run]);
    for (const limit = Date.now() + 60_000; !(await isThere("never-ready")) && Date.now() < limit;)
      await setTimeout(200);
    const engine = lockOwner(cache.folder);
    // With its plugins, which would outlive it.
    for (const pid of [engine, ...childrenOf(engine)]) process.kill(pid, "SIGKILL");
    await assert.rejects(run);

    const lines: string[] = [];
    await engineUp({
      ...options,
      onEvent: (event) => event.type === "log" && lines.push(event.message),
    });
    assert.match(lines.join("\n"), /cut off during 1 operation/);
    const names = (await objectsIn(options.kubeconfig!, NAMESPACE))
      .map(({ metadata }) => metadata.name)
      .sort();
    assert.deepEqual(names, [NAMESPACE, "settings"].sort());
  });

  it("leaves nothing in the cache folder after the stack is down, and nothing in the repository", async () => {
    await engineUp(options);
    assert.equal(await hasEngineStack(options), true);
    await engineDown(options);
    assert.equal(await hasEngineStack(options), false);
    assert.deepEqual(await objectsIn(options.kubeconfig!, NAMESPACE), []);
    assert.deepEqual(fs.readdirSync(options.projectDir).sort(), [
      "Pulumi.yaml",
      "index.ts",
      "package.json",
      "tsconfig.json",
    ]);
  });
});

/** Process id of the CLI that holds the lock of the only stack in this cache folder. */
function lockOwner(cache: string): number {
  const lock = fs
    .readdirSync(cache, { recursive: true, withFileTypes: true })
    .find((entry) => entry.parentPath.includes(`${path.sep}locks`) && entry.name.endsWith(".json"));
  assert.ok(lock, "the running engine holds a lock");
  return (JSON.parse(fs.readFileSync(path.join(lock.parentPath, lock.name), "utf8")) as { pid: number }).pid;
}

function childrenOf(pid: number): number[] {
  return fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => fs.readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" "))
    .filter((child) => child !== "")
    .map(Number);
}
