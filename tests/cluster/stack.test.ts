import assert from "node:assert/strict";
import { openStack } from "../../local/engine/workspace";
import { record } from "../../recorder";
import { type JsonObject, normalise } from "../../preview/normal";
import { describeStep, devValues, objectsIn, recorder, withoutEmpty } from "../support/engine";
import { kubeconfig, needsNode, programOf, TestStack } from "./support";

const namespace = "engine-test";

describe("the stack of this repository, through the Pulumi engine", function () {
  this.timeout(600_000);
  const stack = new TestStack(namespace);
  stack.previewsFirst = true;
  const values = devValues(namespace);

  before(function () {
    needsNode(this);
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  it("previews a new stack: everything is created, nothing is there yet", async () => {
    const { created, updated, deleted, replaced } = await stack.preview(values);
    assert.ok(created > 10, `${created} created`);
    assert.deepEqual({ updated, deleted, replaced }, { updated: 0, deleted: 0, replaced: 0 });
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  });

  it("brings it up", async () => {
    const { outputs } = await stack.up(values);
    assert.equal(outputs.namespace, namespace);
    const { "hello-world": job } = outputs.jobs as Record<string, Record<string, string>>;
    assert.equal(job?.phase, "running");
    assert.match(job?.jobId ?? "", /^[0-9a-f]{32}$/);
    const notReady = (await objectsIn(kubeconfig, namespace))
      .filter(({ kind }) => kind === "Deployment")
      .filter(({ status }) => (status as { readyReplicas?: number }).readyReplicas !== 1)
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(notReady, []);
  });

  it("makes what recording the program without an engine says, object for object", async () => {
    const isObject = ({ type }: { type: string }) => type.startsWith("kubernetes:");
    const inputs = (type: string, given: unknown) => withoutEmpty(normalise(type, given as JsonObject));
    const program = { ...programOf(values), stack: stack.name };
    const recorded = (await record(program)).registrations(program).resources.filter(isObject);
    const made = stack.steps.filter((step) => isObject(step) && step.op === "create");
    assert.ok(made.length > 10);
    assert.deepEqual(
      Object.fromEntries(made.map((step) => [step.urn, inputs(step.type, step.new!.inputs)])),
      Object.fromEntries(recorded.map((each) => [each.urn, inputs(each.type, each.inputs)])),
    );
  });

  it("changes nothing when it is run again", async () => {
    const { created, updated, replaced, deleted, unchanged } = await stack.up(values);
    assert.deepEqual(stack.changes, []);
    assert.deepEqual([created, updated, replaced, deleted], [0, 0, 0, 0]);
    assert.ok(unchanged > 10);
    assert.ok(stack.steps.length > 10);
  });

  it("finds no drift when every object is read again", async () => {
    const { deleted, unchanged } = await stack.refresh(values);
    assert.deepEqual({ deleted, drift: stack.changes }, { deleted: 0, drift: [] });
    assert.ok(unchanged > 10);
    await stack.preview(values);
    assert.deepEqual(stack.changes, []);
  });

  it("lets Prometheus in by an update in place", async () => {
    const changed = devValues(namespace, (cluster) => {
      cluster.network = {
        ...(cluster.network as object),
        prometheus: { namespaceLabels: { name: "monitoring" } },
      };
    });
    await stack.up(changed);
    assert.ok(stack.changes.length > 0, "something changes");
    assert.deepEqual(
      stack.changes.filter((change) => !change.startsWith("update ")),
      [],
    );
  });

  it("brings only a job up when only that is targeted", async () => {
    const changed = devValues(namespace, (cluster) => {
      cluster.taskManager = {
        ...(cluster.taskManager as object),
        podAnnotations: { "example.org/changed": "yes" },
      };
    });
    changed.jobs[0]!.arguments = ["--rate", "3"];
    const opened = await openStack(await stack.options(changed));
    const { onEngineEvent, steps } = recorder();
    await opened.stack
      .up({ target: ["**FlinkJob**"], onEvent: onEngineEvent, color: "never" })
      .finally(() => opened.close());
    const touched = steps().filter(({ op }) => !["same", "read", "read-replacement"].includes(op));
    assert.ok(touched.some(({ urn }) => urn.endsWith("::hello-world-submission")));
    assert.deepEqual(touched.filter(({ urn }) => !urn.includes("FlinkJob")).map(describeStep), []);
    // What was left out is what is left to do.
    await stack.up(changed);
    assert.ok(stack.changes.includes("update Deployment hello-taskmanager"), stack.changes.join());
    assert.deepEqual(
      stack.steps.filter(({ op, urn }) => op !== "same" && urn.endsWith("::hello-world-submission")),
      [],
    );
  });

  it("deletes everything", async () => {
    await stack.down();
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  });
});
