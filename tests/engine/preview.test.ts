import assert from "node:assert/strict";
import path from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { enginePreview, type EngineOptions, engineUp } from "../../local/engine";
import { devConfig, engineOrSkip, objectsIn, projectDir, recorder, TemporaryCache } from "./support";

describe("a preview by the Pulumi engine", function () {
  this.timeout(180_000);
  let cache: TemporaryCache;
  let options: Omit<EngineOptions, "projectDir" | "stack">;

  before(async function () {
    const { engine, kubeconfig } = await engineOrSkip(this);
    cache = new TemporaryCache();
    options = { engine, kubeconfig, signal: new AbortController().signal };
  });

  after(() => cache?.remove());

  const previewed = async (known: boolean): Promise<Map<string, StepEventMetadata>> => {
    const { steps, onEngineEvent } = recorder();
    const fixture = path.join(projectDir, "tests", "fixtures", "engine", "unknown-kubeconfig");
    const config = { "unknown-kubeconfig:known": String(known) };
    await enginePreview({ ...options, projectDir: fixture, stack: "test", config, onEngineEvent });
    return steps;
  };

  it("knows every name and every field although the provider's kubeconfig is unknown", async () => {
    const unknown = await previewed(false);
    const known = await previewed(true);
    const kubeconfig = (steps: Map<string, StepEventMetadata>) =>
      [...steps.values()].find(({ type }) => type === "pulumi:providers:kubernetes")?.new?.inputs
        .kubeconfig as unknown;
    assert.notDeepEqual(kubeconfig(unknown), kubeconfig(known));

    const inputs = (steps: Map<string, StepEventMetadata>) =>
      Object.fromEntries(
        [...steps.values()]
          .filter(({ type }) => type.startsWith("kubernetes:") || type.startsWith("flink-kubernetes:"))
          .map((step) => [step.urn, withoutEmpty(step.new?.inputs)]),
      );
    assert.ok(Object.keys(inputs(unknown)).length > 15);
    assert.deepEqual(inputs(unknown), inputs(known));
    const names = Object.entries(inputs(unknown)).filter(
      ([urn]) => urn.includes("$kubernetes:") && !urn.endsWith("-result"),
    ); // the ledger, only read
    for (const [urn, input] of names) {
      const { name } = (input as { metadata: { name: unknown } }).metadata;
      assert.match(String(name), /^(hello|unknown-kubeconfig)/, urn);
    }
  });

  it("lists every mistake in the configuration and applies nothing", async () => {
    const config = devConfig("engine-test-invalid", (cluster) => {
      cluster.flinkVersion = "1.9.0";
      cluster.taskManger = {};
    });
    await assert.rejects(engineUp({ ...options, projectDir, stack: "dev", config }), (error: Error) => {
      assert.match(error.message, /flinkVersion/);
      assert.match(error.message, /taskManger/);
      return true;
    });
    assert.deepEqual(await objectsIn(options.kubeconfig!, "engine-test-invalid"), []);
  });
});

/** A provider that is known drops empty maps, lists and texts from what it is given. */
function withoutEmpty(inputs: unknown): unknown {
  const isEmpty = (value: unknown) =>
    value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return JSON.parse(JSON.stringify(inputs), (_key, value: unknown) => (isEmpty(value) ? undefined : value));
}
