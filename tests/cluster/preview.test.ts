import assert from "node:assert/strict";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { devValues, engineFixture, objectsIn, withoutEmpty } from "../support/engine";
import { kubeconfig, needsNode, TestStack } from "./support";

describe("a preview by the Pulumi engine", function () {
  this.timeout(600_000);
  const onUnknown = new TestStack("unknown-kubeconfig", engineFixture("unknown-kubeconfig"));
  const invalid = new TestStack("engine-test-invalid");

  before(function () {
    needsNode(this);
  });
  after("forget their states", async () => {
    await onUnknown.down();
    await invalid.down();
  });

  const previewed = async (known: boolean): Promise<StepEventMetadata[]> => {
    await onUnknown.preview({ known: String(known) });
    return onUnknown.steps;
  };

  it("knows every name and every field although the provider's kubeconfig is unknown", async () => {
    const unknown = await previewed(false);
    const known = await previewed(true);
    const kubeconfig = (steps: StepEventMetadata[]) =>
      steps.find(({ type }) => type === "pulumi:providers:kubernetes")?.new?.inputs.kubeconfig as unknown;
    assert.notDeepEqual(kubeconfig(unknown), kubeconfig(known));

    const inputs = (steps: StepEventMetadata[]) =>
      Object.fromEntries(
        steps
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
    const values = devValues("engine-test-invalid", (cluster) => {
      cluster.flinkVersion = "1.9.0";
      cluster.taskManger = {};
    });
    await assert.rejects(invalid.up(values), (error: Error) => {
      assert.match(error.message, /flinkVersion/);
      assert.match(error.message, /taskManger/);
      return true;
    });
    assert.deepEqual(await objectsIn(kubeconfig, "engine-test-invalid"), []);
  });
});
