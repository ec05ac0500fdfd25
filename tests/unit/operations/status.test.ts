import assert from "node:assert/strict";
import type { FlinkApi, RunningJob } from "../../../operations/flink";
import { readLedger, unneededStates } from "../../../operations/ledgers";
import { describeStatus, statusOf } from "../../../operations/status";
import { oneOffJob } from "../../../operations/verbs";
import type { KubernetesObject } from "../../../operations/kubernetes";

const ledgerOf = (job: string, data: Record<string, string>, wanted = data.revision ?? "") =>
  readLedger({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `orders--${job}-ledger`,
      labels: { "flink-kubernetes/job": job, "app.kubernetes.io/instance": "orders" },
      annotations: { "flink-kubernetes/revision": wanted },
    },
    data,
  } as unknown as KubernetesObject);

const running = (jobId: string, name = "totals"): RunningJob => ({
  jobId,
  name,
  state: "RUNNING",
  started: 1000,
  tasks: { running: 2, total: 3 },
});

const flink = (jobs: RunningJob[] | Error) =>
  ({
    jobs: () => (jobs instanceof Error ? Promise.reject(jobs) : Promise.resolve(jobs)),
    lastCheckpoint: () => Promise.resolve(1090),
    restarts: () => Promise.resolve(7),
    lag: () => Promise.resolve({ records: 1234, exact: true }),
  }) as unknown as FlinkApi;

describe("npm run jobs: status", () => {
  it("tells of every job what ledger and Flink say, and of jobs that no ledger names", async () => {
    const ledgers = [
      ledgerOf("totals", { phase: "running", jobId: "a1", revision: "11" }),
      ledgerOf("fresh", {}, "22"),
      ledgerOf("held", {
        phase: "stopped",
        paused: "true",
        savepoint: "s3://b/s",
        revision: "33",
        jobId: "c3",
      }),
      ledgerOf("broken", { phase: "failed", message: "The job failed: no luck.", revision: "44" }, "55"),
    ];
    const ended = { ...running("z9"), state: "FINISHED" };
    const status = await statusOf(
      "orders",
      "shop",
      ledgers,
      flink([running("a1"), running("f6", "old"), ended]),
    );
    assert.deepEqual(
      status.orphans.map(({ jobId }) => jobId),
      ["f6"],
    );
    const text = describeStatus(status, 1100);
    assert.match(text, /^totals +running +RUNNING +2\/3 +100s +10s ago +7 +1234 +11 +a1$/m);
    assert.match(text, /^fresh +not started +- +- +- +- +- +- +- \* +-$/m);
    assert.match(text, /^held +paused /m);
    assert.match(text, /^held: its state is in s3:\/\/b\/s$/m);
    assert.match(text, /^broken: The job failed: no luck\.$/m);
    assert.match(text, /^broken: \* the program asks for another revision/m);
    assert.match(text, /^No ledger names job f6 \("old"\), which is RUNNING$/m);
  });

  it("says what the ledgers know when the cluster does not answer", async () => {
    const ledgers = [ledgerOf("totals", { phase: "running", jobId: "a1", revision: "11" })];
    const status = await statusOf("orders", "shop", ledgers, flink(new Error("no endpoints available")));
    const text = describeStatus(status);
    assert.match(text, /^totals +running +- /m);
    assert.match(text, /The cluster does not answer: no endpoints available/);
  });
});

describe("npm run jobs: gc", () => {
  it("takes for unneeded what neither a start, a rollback nor the running job needs", () => {
    const states = [
      "savepoint 1 s3://b/old",
      "savepoint 1 s3://b/job/manual-20261126T080043Z-46f0ba5d-7aa28a0d1eee9807b81aaed0bcd70ae0/savepoint-1",
      "savepoint 2 s3://b/next start",
      "savepoint 3 s3://b/rollback",
      "savepoint 4 s3://b/running job came from",
      "savepoint 5 s3://b/being written",
      "checkpoint 6 s3://b/checkpoints/a1/chk-7",
      "checkpoint 7 s3://b/checkpoints/before/chk-9",
      "not a state",
    ];
    const ledger = ledgerOf("totals", {
      jobId: "a1",
      savepoint: "s3://b/next start",
      previousSavepoint: "s3://b/rollback",
      restoredFrom: "s3://b/running job came from",
      target: "s3://b/being written",
      states: states.join("\n"),
    });
    assert.deepEqual(
      unneededStates(ledger).map(({ path }) => path),
      ["s3://b/old", "s3://b/checkpoints/before/chk-9"],
    );
    assert.equal(
      unneededStates(ledger, true)[1]!.path,
      "s3://b/job/manual-20261126T080043Z-46f0ba5d-7aa28a0d1eee9807b81aaed0bcd70ae0/savepoint-1",
    );
  });
});

describe("npm run jobs: a Job for one command", () => {
  it("is the submission's with another program, and nothing of its controller", () => {
    const submission = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: {
        name: `${"x".repeat(54)}-1a2b3c4d`,
        uid: "u",
        labels: { a: "b", "app.kubernetes.io/managed-by": "pulumi" },
      },
      spec: {
        backoffLimit: 0,
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } },
        template: {
          metadata: { labels: { a: "b", "job-name": "x", "batch.kubernetes.io/controller-uid": "u" } },
          spec: {
            containers: [
              {
                name: "submitter",
                env: [
                  { name: "STATE_VOLUME", value: "/flink-storage" },
                  { name: "REVISION", value: "r" },
                ],
                volumeMounts: [
                  { name: "state", mountPath: "/flink-storage", readOnly: true },
                  { name: "tmp", mountPath: "/tmp" },
                ],
              },
            ],
            volumes: [
              { name: "state", persistentVolumeClaim: { claimName: "hello-storage" } },
              { name: "tmp", emptyDir: {} },
            ],
          },
        },
      },
      status: { succeeded: 1 },
    } as unknown as KubernetesObject;
    const job = oneOffJob(submission, "pause");
    assert.match(job.metadata.name, /^x+-pause-[0-9a-f]{6}$/);
    assert.ok(job.metadata.name.length <= 63);
    assert.deepEqual(job.metadata.labels, { a: "b" });
    const spec = job.spec as { selector?: object; template: { metadata: { labels: object } } };
    assert.equal(spec.selector, undefined);
    assert.deepEqual(spec.template.metadata.labels, { a: "b" });
    // It stays for a day, and a claim that a pod has, also an ended one, cannot be deleted.
    assert.doesNotMatch(JSON.stringify(spec), /persistentVolumeClaim|STATE_VOLUME|"state"/);
    assert.match(JSON.stringify(spec), /"REVISION".*"emptyDir"/);
  });
});
