import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { parse, stringify } from "yaml";
import type { RunEvent } from "../../recorder";
import { engineDown, hasEngineStack } from "../../local/engine";
import { engineFixture, objectsIn } from "../support/engine";
import { eventually, kubeconfig, needsNode, TestStack } from "./support";

const namespace = "engine-test-configmap";

describe("a run of the Pulumi engine that is cut off", function () {
  this.timeout(600_000);
  const stack = new TestStack(namespace, engineFixture("configmap"));
  stack.previewsFirst = true;
  const [blue, green, slow] = [{ colour: "blue" }, { colour: "green" }, { colour: "blue", slow: "true" }];

  before(function () {
    needsNode(this);
  });
  afterEach("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  const colour = async () =>
    (await objectsIn(kubeconfig, namespace)).find(({ metadata }) => metadata.name === "settings")?.data;

  const isThere = async (name: string) =>
    (await objectsIn(kubeconfig, namespace)).some(({ metadata }) => metadata.name === name);

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

  it("keeps others from the stack, says what is left after an interrupt, and goes on from there", async () => {
    const interrupt = new AbortController();
    const { reached, onEvent } = untilWaiting();
    const run = stack.up(slow, { onEvent, signal: interrupt.signal });
    run.catch(() => undefined); // looked at below
    await Promise.race([reached, run]);
    await assert.rejects(stack.up(green), /Another run of Pulumi \(process \d+\) works on this stack/);
    interrupt.abort();
    await assert.rejects(run, (error: Error & { actions: string[] }) => {
      assert.match(error.message, /^Interrupted/);
      assert.match(error.actions.join("\n"), /[23] object\(s\) .* on the cluster/);
      return true;
    });
    await stack.up(green);
    assert.deepEqual(await colour(), { colour: "green" });
    const names = (await objectsIn(kubeconfig, namespace)).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(names, [namespace, "settings"].sort());
  });

  it("knows of an object that was made while its request was cancelled", async () => {
    await using api = await slowApi(kubeconfig, 1000);
    const interrupt = new AbortController();
    const run = stack.up(slow, { kubeconfig: api.kubeconfig, signal: interrupt.signal });
    run.catch(() => undefined);
    const made = eventually("the Deployment", 60, async () => (await isThere("never-ready")) || undefined);
    await Promise.race([made, run]);
    interrupt.abort();
    await assert.rejects(run, (error: Error & { actions: string[] }) => {
      assert.match(error.actions.join("\n"), /not known how it ended: creating .*::never-ready/);
      return true;
    });
    await stack.up(green);
    assert.match(stack.log.join("\n"), /cut off during 1 operation/);
    const names = (await objectsIn(kubeconfig, namespace)).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(names, [namespace, "settings"].sort());
  });

  it("repairs the state that a killed engine leaves: the lock, and creations of unknown outcome", async () => {
    const { reached, onEvent } = untilWaiting();
    const run = stack.up(slow, { onEvent });
    run.catch(() => undefined);
    await Promise.race([reached, run]);
    await eventually("the Deployment", 30, async () => (await isThere("never-ready")) || undefined);
    const engine = lockOwner((await stack.options()).states!);
    // With its plugins, which would outlive it.
    for (const pid of [engine, ...childrenOf(engine)]) process.kill(pid, "SIGKILL");
    await assert.rejects(run);

    await stack.up(blue);
    assert.match(stack.log.join("\n"), /cut off during 1 operation/);
    const names = (await objectsIn(kubeconfig, namespace)).map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(names, [namespace, "settings"].sort());
  });

  it("leaves nothing in the folder of states after the stack is down, and nothing in the repository", async () => {
    await stack.up(blue);
    const options = await stack.options();
    assert.equal(await hasEngineStack(options), true);
    await engineDown(options);
    assert.equal(await hasEngineStack(options), false);
    const left = fs.readdirSync(options.states!, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      left.filter((file) => /\.json|\.yaml$/.test(file) && !file.endsWith("meta.yaml")),
      [],
    );
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
    assert.deepEqual(fs.readdirSync(stack.program).sort(), [
      "Pulumi.yaml",
      "index.ts",
      "package.json",
      "tsconfig.json",
    ]);
  });
});

/** A cluster whose API server does what it is asked at once, and whose answers come this much later. */
async function slowApi(kubeconfig: string, milliseconds: number) {
  const config = parse(fs.readFileSync(kubeconfig, "utf8")) as {
    clusters: { cluster: { server: string; "tls-server-name"?: string } }[];
  };
  const { cluster } = config.clusters[0]!;
  const { hostname, port } = new URL(cluster.server);
  const sockets = new Set<net.Socket>();
  const proxy = net.createServer((client) => {
    const server = net.connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.pipe(server);
    server.on("data", (answer) => setTimeout(() => client.write(answer), milliseconds));
    server.on("close", () => setTimeout(() => client.destroy(), milliseconds));
    client.on("close", () => server.destroy());
  });
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  cluster.server = `https://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`;
  cluster["tls-server-name"] = "kubernetes";
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-slow-api-"));
  const file = path.join(folder, "kubeconfig");
  fs.writeFileSync(file, stringify(config));
  return {
    kubeconfig: file,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      fs.rmSync(folder, { recursive: true });
    },
  };
}

/** Process id of the CLI that holds the lock of the only stack in this folder of states. */
function lockOwner(states: string): number {
  const lock = fs
    .readdirSync(states, { recursive: true, withFileTypes: true })
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
