import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { deploy } from "../../local/deploy";
import { inventoryName } from "../../local/engine/inventory";
import { Cluster, type KubernetesObject } from "../../operations/kubernetes";
import { nodeName } from "../../local/node/layout";
import { runningNode } from "../../local/node";
import { manifests } from "../../recorder";
import { readStack } from "../../cli/stack";
import { testEngine } from "../support/engine";
import { projectDir } from "../support/project";
import {
  component,
  core,
  eventually,
  exists,
  helloWorld,
  jobs,
  kubeconfig,
  ledger,
  needsNode,
  pods,
  smallCluster,
} from "./support";

const stack = "test-taking-over";
const namespace = "test-taking-over";
const file = path.join(projectDir, `Pulumi.${stack}.yaml`);
const page = fs.readFileSync(path.join(projectDir, "docs/taking-over.md"), "utf8");

describe("a stack that an earlier version brought up without the engine", function () {
  this.timeout(600_000);
  const inventory = inventoryName("flink-kubernetes", stack);
  const { signal } = new AbortController();
  let states: string;
  let cluster: Cluster;
  let atFirst: Record<string, string>;
  let jobId: string;

  before(function () {
    needsNode(this);
    states = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-states-"));
    cluster = new Cluster({ kubeconfig });
    const job = helloWorld({ parallelism: 2 });
    const config = { "flink-kubernetes:cluster": smallCluster(namespace), "flink-kubernetes:jobs": [job] };
    fs.writeFileSync(file, stringify({ config }));
  });
  before("bring it up as that version did", async () => {
    const entries: Record<string, string> = {};
    for (const { urn, object } of (await manifests(readStack(projectDir, stack))).rendered) {
      await apply(object, "flink-kubernetes");
      entries[`entry-${Object.keys(entries).length}`] = JSON.stringify({ ...referenceOf(object), urn });
    }
    const metadata = {
      name: inventory,
      namespace: "default",
      labels: { "flink-kubernetes/inventory": "true" },
    };
    await apply(
      { apiVersion: "v1", kind: "ConfigMap", metadata, data: entries },
      "flink-kubernetes-inventory",
    );
    await eventually("the job runs", 120, async () =>
      (await ledger(namespace)).phase === "running" ? true : undefined,
    );
    jobId = (await ledger(namespace)).jobId!;
    atFirst = await uids();
  });
  after(async () => {
    fs.rmSync(file, { force: true });
    if (states === undefined) return;
    cluster.close();
    await core.deleteNamespacedConfigMap({ namespace: "default", name: inventory }).catch(() => undefined);
    await core.deleteNamespace({ name: namespace }).catch(() => undefined);
    fs.rmSync(states, { recursive: true, force: true });
  });

  const referenceOf = ({ apiVersion, kind, metadata: { name, namespace: within } }: KubernetesObject) => ({
    apiVersion,
    kind,
    name,
    ...(within ? { namespace: within } : {}),
  });
  const apply = async (body: KubernetesObject, fieldManager: string) => {
    const query = { fieldManager, force: "true" };
    const contentType = "application/apply-patch+yaml";
    const at = await cluster.path(referenceOf(body), signal);
    await cluster.request("PATCH", at, { query, contentType, body, signal });
  };
  /** Pods by name: one that was restarted has another. */
  const uids = async () => {
    const found = [
      ...(await pods(namespace, component("jobmanager"))),
      ...(await pods(namespace, component("taskmanager"))),
      ...(await pods(namespace, { "flink-kubernetes/job": "hello-world" })),
    ];
    return Object.fromEntries(found.map(({ metadata }) => [metadata!.name!, metadata!.uid!]));
  };
  const running = async () => (await jobs(namespace)).map(({ jid, state }) => `${jid} ${state}`);
  const run = async (command: string) => {
    const { kubectl } = (await runningNode())!;
    const { exitCode, all } = await execa("bash", ["-e", "-o", "pipefail", "-c", command], {
      cwd: projectDir,
      env: {
        PATH: [path.dirname(kubectl), process.env.PATH].join(path.delimiter),
        KUBECONFIG: kubeconfig,
        FLINK_KUBERNETES_STATE: states,
      },
      all: true,
      reject: false,
    });
    assert.equal(exitCode, 0, `${command}\n${all}`);
    return all;
  };

  it("is named, and nothing is changed", async () => {
    const lines: string[] = [];
    const c = { log: path.join(states, "log"), report: (line: string) => void lines.push(line), signal };
    const start = deploy(await testEngine(), readStack(projectDir, stack), { kubeconfig }, c);
    await assert.rejects(start, (error: Error & { actions: string[] }) => {
      assert.match(error.message, new RegExp(`default/${inventory}`));
      assert.match(error.actions.join(), /docs\/taking-over\.md/);
      return true;
    });
    assert.deepEqual(await uids(), atFirst);
  });

  it("is the engine's after the commands of the page, and its job has never stopped", async () => {
    const commands = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text]) =>
      text!.replaceAll("STACK", stack).replaceAll("CONTEXT", nodeName).replaceAll("INVENTORY", inventory),
    );
    assert.equal(commands.length, 5);
    for (const command of commands) {
      await run(command);
      assert.deepEqual(await running(), [`${jobId} RUNNING`], command);
      assert.deepEqual(await uids(), atFirst, command);
    }
    assert.equal(
      await exists(() => core.readNamespacedConfigMap({ namespace: "default", name: inventory })),
      false,
    );
  });

  it("is taken down by the engine", async () => {
    await run(`npm run -s down -- --stack ${stack} --context ${nodeName}`);
    assert.equal(await exists(() => core.readNamespace({ name: namespace })), false);
  });
});
