import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { execa } from "execa";
import { devValues, engineFixture, objectsIn, testEngine, withoutEmpty } from "../support/engine";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode, TestStack } from "./support";

describe("a preview by the Pulumi engine", function () {
  this.timeout(600_000);
  const onUnknown = new TestStack("unknown-kubeconfig", engineFixture("unknown-kubeconfig"));
  const invalid = new TestStack("engine-test-invalid");
  invalid.previewsFirst = true;

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

  it("ends with every mistake also when the program is an inline one of the Automation API", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-inline-"));
    const { cli } = await testEngine();
    const env = {
      PATH: [path.dirname(cli), process.env.PATH].join(path.delimiter),
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
    };
    const program = path.join(projectDir, "tests/cluster/programs/inline/preview.ts");
    const args = ["-r", "ts-node/register/transpile-only", program, folder];
    const { stdout, exitCode } = await execa("node", args, { env, reject: false, timeout: 120_000 });
    rmSync(folder, { recursive: true });
    assert.equal(exitCode, 3, stdout);
    assert.match(stdout, /FlinkCluster "orders":\n *- checkpointing\.interval = "30"/);
    assert.doesNotMatch(stdout, /FlinkJob "totals"|serializing|Unhandled/);
  });
});
