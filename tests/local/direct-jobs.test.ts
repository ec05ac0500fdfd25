import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { preview, up } from "../../local/direct";
import type { JsonObject } from "../../local/json";
import type { KubernetesObject } from "../../local/kubernetes";
import { failure, running, Scratch, signal, testCluster } from "./direct-support";

/**
 * The pods of these Jobs fit no node, and the tests report their fate as a kubelet would: on any cluster with a Job controller, in a second, and at the moment that
 * a test wants.
 */
const nodeSelector = { "flink-kubernetes/never": "true" };

function job(namespace: string, value: string, more: JsonObject = {}): JsonObject {
  const containers = [{ name: "main", image: "nobody/nothing", env: [{ name: "VALUE", value }] }];
  return {
    metadata: { name: "work", namespace },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: "Never", nodeSelector, containers } },
      ...more,
    },
  };
}

describe("direct: jobs", function () {
  this.timeout(120_000);
  let scratch: Scratch;
  let namespace: string;

  beforeEach(async function () {
    scratch = new Scratch(testCluster(this));
    namespace = await scratch.namespace();
  });
  afterEach(async () => {
    await scratch?.cleanUp();
  });

  async function pod(uidOfJob?: string): Promise<KubernetesObject> {
    for (let attempt = 0; attempt < 300; attempt++) {
      const pods = await scratch.cluster.list("v1", "Pod", namespace, "job-name=work", signal);
      const found = pods.find(
        (item) =>
          item.metadata.deletionTimestamp === undefined &&
          JSON.stringify(item.metadata.ownerReferences).includes(uidOfJob ?? ""),
      );
      if (found) {
        return found;
      }
      await sleep(100);
    }
    throw new Error("the Job controller has made no pod");
  }

  async function report(state: JsonObject, phase: string): Promise<void> {
    const { name } = (await pod()).metadata;
    const containerStatuses = [
      { name: "main", image: "i", imageID: "", ready: false, restartCount: 0, started: false, state },
    ];
    await scratch.patch(
      { apiVersion: "v1", kind: "Pod", namespace, name },
      { status: { phase, containerStatuses } },
      "application/strategic-merge-patch+json",
      "/status",
    );
  }

  const succeed = () => report({ terminated: { exitCode: 0, reason: "Completed" } }, "Succeeded");
  const fail = (message: string) =>
    report({ terminated: { exitCode: 1, reason: "Error", message } }, "Failed");
  const uid = async () => (await scratch.get("Job", namespace, "work"))!.metadata.uid;

  it("awaits completion, leaves a complete Job alone, and replaces a changed one", async () => {
    const stack = scratch.stack();
    let value = "1";
    let status: JsonObject | undefined;
    const program = running(stack, async ({ object }) => {
      status = (await object("Job", job(namespace, value))).outputs.status as JsonObject;
    });
    const [first] = await Promise.all([up(stack, program), succeed()]);
    assert.equal(first.created, 1);
    assert.equal(status!.succeeded, 1);
    const before = await uid();
    assert.equal((await up(stack, program)).unchanged, 1);
    assert.equal(await uid(), before);

    value = "2";
    assert.equal((await preview(stack, program)).replaced, 1);
    assert.equal(await uid(), before);
    const again = up(stack, program);
    while ((await scratch.get("Job", namespace, "work"))?.metadata.uid === before) {
      await sleep(50);
    }
    await succeed();
    assert.equal((await again).replaced, 1);
    assert.notEqual(await uid(), before);
  });

  it("a failed Job ends the run within seconds with its own last words, and the next run replaces it", async () => {
    const stack = scratch.stack();
    const program = running(stack, async ({ object }) => {
      await object("Job", job(namespace, "1"));
      await object("ConfigMap", { metadata: { name: "after", namespace } });
    });
    const failed = failure(up(stack, program));
    await fail("no luck");
    const start = Date.now();
    const error = await failed;
    assert.ok(Date.now() - start < 10_000);
    assert.match(error.message, /Job direct-\w+\/work: the Job has failed: BackoffLimitExceeded/);
    assert.match(
      error.message,
      /\[Pod direct-\w+\/work-\w+\]: container main: \[Error\] no luck \(exit code 1\)/,
    );
    assert.match(error.message, /Not applied: ConfigMap direct-\w+\/after/);
    const before = await uid();
    const again = up(stack, program);
    while ((await scratch.get("Job", namespace, "work"))?.metadata.uid === before) {
      await sleep(50);
    }
    await succeed();
    const { replaced, created } = await again;
    assert.deepEqual([replaced, created], [1, 1]);
  });

  it("a Job past its deadline fails as well", async () => {
    const stack = scratch.stack();
    const program = running(
      stack,
      async ({ object }) => void (await object("Job", job(namespace, "1", { activeDeadlineSeconds: 1 }))),
    );
    const error = await failure(up(stack, program));
    assert.match(error.message, /the Job has failed: DeadlineExceeded/);
  });

  it("an unchanged Job that still runs is awaited", async () => {
    const stack = scratch.stack();
    const controller = new AbortController();
    const program = running(stack, async ({ object }) => void (await object("Job", job(namespace, "1"))));
    const interrupted = failure(up({ ...stack, signal: controller.signal }, program));
    await pod();
    controller.abort();
    assert.match((await interrupted).message, /not known to be ready: Job/);
    const before = await uid();
    const again = up(stack, program);
    await succeed();
    assert.equal((await again).unchanged, 1);
    assert.equal(await uid(), before);
  });

  it("a long wait says what the pods are waiting for", async () => {
    const stack = scratch.stack();
    const program = running(stack, async ({ object }) => {
      await object("Job", job(namespace, "1"), { options: { timeouts: { create: 6000 } } });
    });
    const failed = failure(up(stack, program));
    await report({ waiting: { reason: "ImagePullBackOff", message: "no such image" } }, "Pending");
    const error = await failed;
    const line = /container main waits: ImagePullBackOff: no such image/;
    assert.match(error.message, /not ready after 6 s/);
    assert.match(error.message, line);
    assert.ok(stack.events.some((event) => event.type === "log" && line.test(event.message)));
  });

  it("a protected Job is not replaced", async () => {
    const stack = scratch.stack();
    let value = "1";
    let protect = true;
    const skip = { "pulumi.com/skipAwait": "true" };
    const program = running(stack, async ({ object }) => {
      const inputs = job(namespace, value);
      await object(
        "Job",
        { ...inputs, metadata: { ...(inputs.metadata as JsonObject), annotations: skip } },
        { options: { protect } },
      );
    });
    await up(stack, program);
    value = "2";
    assert.match(
      (await failure(up(stack, program))).message,
      /Job direct-\w+\/work is protected and would be replaced/,
    );
    protect = false;
    assert.equal((await up(stack, program)).replaced, 1);
  });
});
