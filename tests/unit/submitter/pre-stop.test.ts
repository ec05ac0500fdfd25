import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeCertificate } from "../../support/stores";
import { findCommand, submitterDir } from "./awks";
import { serve } from "./fake-flink";

interface Job {
  state: string;
  /** Milliseconds between two checkpoints; without, the job makes none. */
  interval?: number;
  completed: number;
  failed: number;
  /** A checkpoint under way, done after so many looks. */
  underWay?: number;
  /** How long ago the last one began. */
  age: number;
}

const id = (n: number) => n.toString(16).padStart(32, "0");

/** A JobManager, as far as a TaskManager asks it before it stops. */
class FakeJobManager {
  jobs: Record<string, Job> = {};
  known = true;
  /** Looks that a checkpoint takes; Infinity: it never ends. */
  looks = 2;
  outcome: "completed" | "failed" = "completed";
  refusal = 0;
  triggered: string[] = [];
  /** Requests of one id are one to Flink. */
  ids = new Set<string>();
  requests = 0;

  handle(method: string, url: string, text: string): { status: number; body: unknown } {
    this.requests++;
    const [, kind, name, verb, part] = url.split("/");
    const ok = (body: unknown) => ({ status: 200, body });
    if (kind === "taskmanagers") {
      if (!this.known || name !== "pod-1") return { status: 404, body: { errors: ["unknown"] } };
      const allocatedSlots = Object.keys(this.jobs).flatMap((jobId) => [{ jobId }, { jobId }]);
      return ok({ id: name, slotsNumber: 4, allocatedSlots });
    }
    const job = this.jobs[name!];
    if (!job) return { status: 404, body: { errors: ["no such job"] } };
    if (verb === undefined) return ok({ jid: name, state: job.state, now: 1_000_000_000_000 });
    if (part === "config") return ok({ interval: job.interval ?? "INTERVAL" });
    if (method === "POST") {
      if (this.refusal > 0) return { status: this.refusal, body: { errors: ["not now"] } };
      const { triggerId } = JSON.parse(text) as { triggerId: string };
      assert.match(triggerId, /^[0-9a-f]{32}$/);
      if (!this.ids.has(triggerId)) {
        this.ids.add(triggerId);
        this.triggered.push(name!);
        job.underWay = this.looks;
      }
      return { status: 202, body: { "request-id": "x" } };
    }
    if (job.underWay !== undefined && job.underWay-- <= 0) {
      job.underWay = undefined;
      job[this.outcome]++;
      if (this.outcome === "completed") job.age = 0;
    }
    const { completed, failed } = job;
    return ok({
      counts: { restored: 0, total: 1, in_progress: job.underWay === undefined ? 0 : 1, completed, failed },
      latest: { completed: completed > 0 ? { trigger_timestamp: 1_000_000_000_000 - job.age } : null },
    });
  }
}

function job(more: Partial<Job> = {}): Job {
  return { state: "RUNNING", interval: 60_000, completed: 1, failed: 0, age: 30_000, ...more };
}

describe("what a TaskManager does before it stops", function () {
  this.timeout(30_000);
  let flink: FakeJobManager;
  let server: Awaited<ReturnType<typeof serve>>;
  let answers: () => Promise<void> | undefined;
  const folder = mkdtempSync(path.join(tmpdir(), "pre-stop-test-"));

  beforeEach(async () => {
    flink = new FakeJobManager();
    answers = () => undefined;
    server = await serve(
      (method, url, body) => flink.handle(method, url, body.toString()),
      () => {
        const wait = answers();
        return wait && { wait };
      },
    );
  });
  afterEach(() => server.close());
  after(() => rmSync(folder, { recursive: true }));

  /** Runs it; how it ended, what it said, and how long it took. */
  async function stop(
    seconds = 10,
    port = server.port,
    ...more: string[]
  ): Promise<{ code: number | null; log: string; took: number }> {
    const start = Date.now();
    const script = path.join(submitterDir, "pre-stop.sh");
    const child = spawn("/bin/bash", [script, String(seconds), "localhost", String(port), ...more], {
      env: { PATH: process.env.PATH, TMPDIR: folder, POD_NAME: "pod-1" },
      // Its own process group, so that nothing of it outlives the test.
      detached: true,
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (log += String(data)));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, log, took: (Date.now() - start) / 1000 };
  }

  it("makes a checkpoint of each job that it works for, once, and waits for it", async () => {
    flink.jobs = { [id(1)]: job(), [id(2)]: job() };
    const { code } = await stop();
    assert.equal(code, 0);
    assert.deepEqual(flink.triggered.sort(), [id(1), id(2)]);
    assert.deepEqual(
      Object.values(flink.jobs).map(({ completed }) => completed),
      [2, 2],
    );
  });

  it("waits for one that is under way, and begins no other", async () => {
    flink.jobs = { [id(1)]: job({ underWay: 3 }) };
    assert.equal((await stop()).code, 0);
    assert.deepEqual(flink.triggered, []);
    assert.equal(flink.jobs[id(1)]!.completed, 2);
  });

  it("makes one checkpoint when many stop at once, and all of them wait for it", async () => {
    flink.jobs = { [id(1)]: job() };
    flink.looks = 20;
    const all = await Promise.all(Array.from({ length: 6 }, () => stop()));
    assert.ok(all.every(({ code }) => code === 0));
    assert.deepEqual(flink.triggered, [id(1)]);
    assert.equal(flink.jobs[id(1)]!.completed, 2);
  });

  const nothing: [what: string, job: Job][] = [
    ["made one a moment ago", job({ age: 1000 })],
    ["makes none", job({ interval: undefined })],
    ["is restarting", job({ state: "RESTARTING" })],
  ];
  for (const [what, idle] of nothing) {
    it(`asks nothing of a job that ${what}`, async () => {
      flink.jobs = { [id(1)]: idle };
      assert.equal((await stop()).code, 0);
      assert.deepEqual(flink.triggered, []);
    });
  }

  it("makes the first one of a job that has none yet", async () => {
    flink.jobs = { [id(1)]: job({ completed: 0 }) };
    await stop();
    assert.deepEqual(flink.triggered, [id(1)]);
  });

  it("goes at once when no job has a slot here, and when the JobManager does not know it", async () => {
    for (const known of [true, false]) {
      flink.known = known;
      flink.requests = 0;
      assert.equal((await stop()).code, 0);
      assert.equal(flink.requests, 1);
    }
  });

  it("goes at once when there is no JobManager: the whole cluster is being deleted", async () => {
    const { port } = server;
    server.close();
    const { code, took } = await stop(10, port);
    assert.equal(code, 0);
    assert.ok(took < 8, `took ${took} s`);
  });

  it("ends well when a checkpoint fails or is refused, saying so", async () => {
    flink.jobs = { [id(1)]: job() };
    flink.outcome = "failed";
    const failed = await stop();
    assert.equal(failed.code, 0);
    assert.match(failed.log, /1 completed, 1 failed/);
    flink.refusal = 503;
    const refused = await stop();
    assert.equal(refused.code, 0);
    assert.match(refused.log, /no checkpoint of job 0+1: not now/);
  });

  it("asks over https, with a certificate of its own, where the REST API wants that", async function () {
    if (!findCommand("openssl")) {
      console.log("      skipped: there is no openssl to make a certificate with");
      return this.skip();
    }
    const pem = makeCertificate("rest", ["localhost"]);
    const files = path.join(folder, "tls");
    mkdirSync(files);
    for (const [name, content] of Object.entries(pem)) writeFileSync(path.join(files, name), content);
    const options = { cert: pem["tls.crt"], key: pem["tls.key"], ca: pem["ca.crt"], requestCert: true };
    const handler: Parameters<typeof serve>[0] = (method, url, body) =>
      flink.handle(method, url, body.toString());
    const secure = await serve(handler, () => undefined, { ...options, rejectUnauthorized: true });
    flink.jobs = { [id(1)]: job() };
    assert.equal((await stop(10, secure.port, files)).code, 0);
    assert.deepEqual(flink.triggered, [id(1)]);
    secure.close();
  });

  it("takes no longer than it may: not for a checkpoint that never ends, nor for a JobManager that never answers", async () => {
    flink.jobs = { [id(1)]: job() };
    flink.looks = Number.POSITIVE_INFINITY;
    const endless = await stop(2);
    assert.equal(endless.code, 0);
    assert.deepEqual(flink.triggered, [id(1)]);
    assert.ok(endless.took >= 1.9 && endless.took < 6, `took ${endless.took} s`);
    let release: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => (release = resolve));
    answers = () => silence;
    const silent = await stop(2);
    release();
    assert.equal(silent.code, 0);
    assert.ok(silent.took < 6, `took ${silent.took} s`);
  });
});
