import { randomUUID } from "node:crypto";
import http from "node:http";
import https from "node:https";

export interface FakeJob {
  id: string;
  state: string;
  /** Subtasks that run, of `parallelism`. */
  running: number;
  parallelism: number;
  checkpointing: boolean;
  checkpoints: number;
  /** Path of the newest complete checkpoint. */
  checkpoint?: string;
  /** Whether complete checkpoints have a path (of their number), also without one set by hand. */
  addressable: boolean;
  /** Answers about checkpoints are old ones, and one more is complete when the job is cancelled. */
  stale?: boolean;
  shown?: number;
  /** Whether checkpoints outlive the job when it is cancelled. */
  retained: boolean;
  /** A checkpoint is complete with every so many looks at the job while it runs; 0: none by itself. */
  checkpointEvery: number;
  /** All that is known of it is how it ended: as the next leader knows a job. */
  sparse?: boolean;
  restoredFrom?: string;
  failure?: string;
  /** Ends it before it runs; shown as its result and not among its exceptions, as Flink does it. */
  fatal?: string;
  savepoints: Map<string, { location: string; polls: number; failure?: string; complete?: boolean }>;
  polls: number;
}

/** Where the latest complete checkpoint of a job lies. */
export function checkpointPath({ id, checkpoints }: FakeJob): string {
  return `s3://bucket/checkpoints/${id}/chk-${checkpoints}`;
}

/** Flink's REST API as far as the submission uses it: one JobManager, jobs that start with the requests they are asked about. */
export class FakeFlink {
  jars = new Map<string, number>();
  jobs = new Map<string, FakeJob>();
  /** Bodies of the run requests that were accepted. */
  runs: Record<string, unknown>[] = [];
  uploads = 0;
  /** Body of the latest upload. */
  uploaded: Buffer = Buffer.alloc(0);
  plans = 0;
  cancelled: string[] = [];
  /** 503 until so many requests have come: no leader yet. */
  notReady = 0;
  /** What main() throws. */
  refusal?: string;
  /** Bodies of the requests for a plan. */
  planned: Record<string, unknown>[] = [];
  /** Jobs that are accepted and cannot read the state they start from, by their entry class. */
  incompatible: (request: Record<string, unknown>) => string | undefined = () => undefined;
  /** The web submission is switched off. */
  withoutJars = false;
  /** States that were disposed of. */
  disposed: string[] = [];
  /** Savepoints after which the job runs on, by trigger. */
  private readonly taken = new Map<string, { location: string; polls: number; failure?: string }>();
  private readonly disposals = new Map<string, { path: string; polls: number }>();
  /** Why one cannot be. */
  disposalFailure: (path: string) => string | undefined = () => undefined;
  /** How jobs behave from the moment they are accepted. */
  newJob: Partial<FakeJob> = {};
  /** What the jobs that are polled turn into; the default lets them start at the second look. */
  progress: (job: FakeJob) => void = (job) => {
    if (job.state === "CREATED" && job.polls >= 2) {
      job.state = "RUNNING";
      job.running = job.parallelism;
    }
  };
  savepointFailure?: string;
  /** Savepoint results are kept for so many looks; as after a failover of the JobManager. */
  forgetSavepoints = false;
  /** What differs from one start of the JobManager to the next. */
  process: string = randomUUID();
  /** States that there are; the default is that every path leads to one. */
  states?: Set<string>;

  get active(): FakeJob[] {
    return [...this.jobs.values()].filter((job) => !["FINISHED", "FAILED", "CANCELED"].includes(job.state));
  }

  addJob(id: string, more: Partial<FakeJob> = {}): FakeJob {
    const job: FakeJob = {
      id,
      state: "CREATED",
      running: 0,
      parallelism: 2,
      checkpointing: false,
      checkpoints: 0,
      addressable: false,
      retained: true,
      checkpointEvery: 0,
      savepoints: new Map(),
      polls: 0,
      ...this.newJob,
      ...more,
    };
    this.jobs.set(id, job);
    return job;
  }

  /** A restart without high availability. */
  restart(): void {
    this.process = randomUUID();
    this.jars.clear();
    this.jobs.clear();
  }

  handle(method: string, path: string, body: Buffer): { status: number; body: unknown } {
    if (this.notReady-- > 0)
      return problem(503, "Service temporarily unavailable due to an ongoing leader election.");
    const url = new URL(path, "http://flink");
    const [, first, second, third, fourth] = url.pathname.split("/");
    if (first === "config") {
      // Whoever asks how old answers may be waits that long.
      for (const job of this.jobs.values()) job.shown = undefined;
      return ok({ "refresh-interval": 100 });
    }
    if (first === "jobmanager") {
      return ok([
        { key: "rest.port", value: "8081" },
        { key: "web.tmpdir", value: `/tmp/flink-web-${this.process}` },
      ]);
    }
    if (first === "overview") return ok({ taskmanagers: 1, "slots-total": 4, "slots-available": 4 });
    if (first === "jars")
      return this.withoutJars ? problem(404, "Not found") : this.handleJars(method, second, third, body);
    if (first === "jobs" && second === undefined) {
      return ok({ jobs: [...this.jobs.values()].map(({ id, state }) => ({ id, status: state })) });
    }
    if (first === "jobs" && second === "overview")
      return ok({ jobs: [...this.jobs.values()].map((job) => this.overview(job)) });
    if (first === "savepoint-disposal") return this.handleDisposal(method, second, body);
    const job = this.jobs.get(second ?? "");
    if (first === "jobs" && !job && third === "status")
      return problem(500, `x.FlinkJobNotFoundException: Could not find Flink job (${second}).`);
    if (first !== "jobs" || !job) return problem(404, `Job ${second} not found`);
    return this.handleJob(method, job, third, fourth, url, body);
  }

  private handleJars(method: string, id: string | undefined, verb: string | undefined, body: Buffer) {
    if (method === "GET")
      return ok({ address: "http://x", files: [...this.jars.keys()].map((jar) => ({ id: jar, name: jar })) });
    if (method === "DELETE") return this.jars.delete(id ?? "") ? ok({}) : problem(400, "no such jar");
    if (id === "upload") {
      const name = /filename="([^"]+)"/.exec(body.toString("latin1"))?.[1] ?? "?";
      const jar = `${randomUUID()}_${name}`;
      this.jars.set(jar, body.length);
      this.uploads++;
      this.uploaded = body;
      return ok({ filename: `/tmp/flink-web-upload/${jar}`, status: "success" });
    }
    if (!this.jars.has(id ?? "")) return problem(400, `Jar file /tmp/up/${id} does not exist`);
    const request = JSON.parse(body.toString()) as Record<string, unknown>;
    if (verb === "plan") {
      if ("savepointPath" in request || "allowNonRestoredState" in request)
        return problem(400, "Unrecognized field");
      this.plans++;
      this.planned.push(request);
      return this.refusal ? problem(400, this.refusal) : ok({ plan: {} });
    }
    const known = [
      "jobId",
      "entryClass",
      "programArgsList",
      "parallelism",
      "flinkConfiguration",
      "savepointPath",
      "claimMode",
      "allowNonRestoredState",
    ];
    const unknown = Object.keys(request).find((key) => !known.includes(key));
    if (unknown) return problem(400, `Unrecognized field ${unknown}`);
    if (this.refusal) return problem(400, this.refusal);
    const jobId = String(request.jobId);
    if (this.jobs.has(jobId)) {
      return problem(
        400,
        "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.",
      );
    }
    this.runs.push(request);
    const state = request.savepointPath as string | undefined;
    const missing = state !== undefined && this.states !== undefined && !this.states.has(state);
    const failure = this.incompatible(request);
    this.addJob(jobId, {
      ...(missing
        ? {
            fatal: `java.util.concurrent.CompletionException: java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '${state}' on file system 's3'.\n\tat a.b(C.java:1)`,
          }
        : {}),
      restoredFrom: request.savepointPath as string | undefined,
      parallelism: request.parallelism as number,
      ...(failure === undefined ? {} : { failure, state: "RESTARTING" }),
    });
    return ok({ jobid: jobId });
  }

  /** Answers at the second look. */
  private handleDisposal(method: string, id: string | undefined, body: Buffer) {
    if (method === "POST") {
      const request = randomUUID();
      const { "savepoint-path": path } = JSON.parse(body.toString()) as { "savepoint-path": string };
      this.disposals.set(request, { path, polls: 0 });
      return { status: 202, body: { "request-id": request } };
    }
    const disposal = this.disposals.get(id ?? "");
    if (!disposal) return problem(404, "no such operation");
    if (disposal.polls++ < 1) return ok({ status: { id: "IN_PROGRESS" } });
    const failure = this.disposalFailure(disposal.path);
    if (!failure) this.disposed.push(disposal.path);
    const cause = { class: "x", "stack-trace": failure };
    return ok({ status: { id: "COMPLETED" }, operation: failure ? { "failure-cause": cause } : {} });
  }

  /** A look at a job: it goes on meanwhile. */
  private look(job: FakeJob): void {
    job.polls++;
    if (job.fatal === undefined) this.progress(job);
    else if (job.polls >= 2) job.state = "FAILED";
  }

  private overview(job: FakeJob) {
    this.look(job);
    this.checkpointByItself(job);
    const tasks = {
      total: job.parallelism,
      running: job.running,
      created: job.parallelism - job.running,
      finished: 0,
    };
    return { jid: job.id, name: "x", state: job.state, tasks };
  }

  private checkpointByItself(job: FakeJob): void {
    if (job.state === "RUNNING" && job.checkpointEvery > 0 && job.polls % job.checkpointEvery === 0)
      job.checkpoints++;
  }

  private handleJob(
    method: string,
    job: FakeJob,
    verb: string | undefined,
    id: string | undefined,
    url: URL,
    body: Buffer,
  ) {
    if (verb === undefined && method === "PATCH") {
      if (job.stale) job.checkpoints++;
      job.state = "CANCELED";
      this.cancelled.push(job.id);
      return { status: 202, body: {} };
    }
    if (verb === undefined) {
      this.look(job);
      this.checkpointByItself(job);
      const tasks = { RUNNING: job.running, CREATED: job.parallelism - job.running, FINISHED: 0 };
      return ok({
        jid: job.id,
        name: "x",
        state: job.state,
        vertices: [{ id: "v", parallelism: job.parallelism, tasks }],
      });
    }
    if (verb === "status") {
      this.look(job);
      return ok({ status: job.state });
    }
    if (verb === "execution-result") {
      return ok({
        status: { id: "COMPLETED" },
        "job-execution-result": job.fatal ? { "failure-cause": { "stack-trace": job.fatal } } : {},
      });
    }
    if (verb === "exceptions") {
      const entries = job.failure ? [{ exceptionName: "x", stacktrace: job.failure, timestamp: 1 }] : [];
      return ok({ "root-exception": job.failure ?? null, exceptionHistory: { entries, truncated: false } });
    }
    if (verb === "checkpoints" && method === "POST") {
      job.checkpoints++;
      return { status: 202, body: { "request-id": "x" } };
    }
    if (verb === "checkpoints") {
      if (job.sparse) return problem(404, "Checkpointing has not been enabled.");
      // As in Flink 2.2: a job that takes no checkpoints has the largest interval there is.
      if (id === "config") {
        const externalization = { enabled: true, delete_on_cancellation: !job.retained };
        return ok({ interval: job.checkpointing ? 3600000 : "INTERVAL", externalization });
      }
      const [savepoint] = [...job.savepoints.values()].filter(({ complete }) => complete);
      // As it was when somebody asked a moment ago.
      if (job.stale) job.shown ??= job.checkpoints;
      const { restoredFrom } = job;
      const checkpoints = job.shown ?? job.checkpoints;
      return ok({
        counts: { completed: checkpoints },
        summary: {},
        latest: {
          completed:
            (job.addressable && checkpoints > 0) || job.checkpoint
              ? {
                  id: 101 + checkpoints,
                  external_path: job.checkpoint ?? checkpointPath({ ...job, checkpoints }),
                  trigger_timestamp: Date.now(),
                }
              : null,
          savepoint: savepoint
            ? { id: 1000, checkpoint_type: "SYNC_SAVEPOINT", external_path: savepoint.location }
            : null,
          failed: null,
          restored: restoredFrom ? { id: 100, is_savepoint: true, external_path: restoredFrom } : null,
        },
        history: [],
      });
    }
    if (verb === "stop" && method === "POST") {
      const { targetDirectory, triggerId } = JSON.parse(body.toString()) as {
        targetDirectory: string;
        triggerId: string;
      };
      if (!job.savepoints.has(triggerId)) {
        job.savepoints.set(triggerId, {
          location: `${targetDirectory}/savepoint-1`,
          polls: 0,
          failure: this.savepointFailure,
        });
      }
      return { status: 202, body: { "request-id": triggerId } };
    }
    if (verb === "savepoints" && method === "POST") {
      const { "target-directory": target, triggerId } = JSON.parse(body.toString()) as Record<string, string>;
      const location = `${target}/savepoint-1`;
      if (!this.taken.has(triggerId!))
        this.taken.set(triggerId!, { location, polls: 0, failure: this.savepointFailure });
      return { status: 202, body: { "request-id": triggerId } };
    }
    const taken = verb === "savepoints" ? this.taken.get(id ?? "") : undefined;
    if (taken) {
      if (taken.polls++ < 1) return ok({ status: { id: "IN_PROGRESS" }, operation: null });
      const operation = taken.failure
        ? { "failure-cause": { class: "x", "stack-trace": taken.failure } }
        : { location: taken.location };
      return ok({ status: { id: "COMPLETED" }, operation });
    }
    if (verb === "savepoints") {
      const savepoint = job.savepoints.get(id ?? "");
      if (!savepoint) return problem(404, `There is no savepoint operation with triggerId=${id}`);
      if (savepoint.polls++ < 1) return ok({ status: { id: "IN_PROGRESS" }, operation: null });
      if (savepoint.failure) {
        return ok({
          status: { id: "COMPLETED" },
          operation: { "failure-cause": { class: "x", "stack-trace": savepoint.failure } },
        });
      }
      savepoint.complete = true;
      job.state = "FINISHED";
      if (this.forgetSavepoints) return problem(404, `There is no savepoint operation with triggerId=${id}`);
      return ok({ status: { id: "COMPLETED" }, operation: { location: savepoint.location } });
    }
    return problem(404, `Not found: ${url.pathname}`);
  }
}

function ok(body: unknown) {
  return { status: 200, body };
}

function problem(status: number, text: string) {
  return {
    status,
    body: {
      errors: [
        "Internal server error.",
        `<Exception on server side:\n${text}\n\nEnd of exception on server side>`,
      ],
    },
  };
}

/** What goes wrong with one request. */
export type Fault = { status: number } | { wait: Promise<void> } | "cut before" | "cut after" | undefined;

/** Serves a handler over HTTP on a free port of the loopback; every request can be made to fail. */
export async function serve(
  handler: (
    method: string,
    path: string,
    body: Buffer,
    headers: http.IncomingHttpHeaders,
  ) => { status: number; body: unknown },
  fault: (method: string, path: string) => Fault,
  tls?: https.ServerOptions,
): Promise<{ url: string; port: number; close: () => void }> {
  const listener: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", async () => {
      const [method, path] = [request.method ?? "", request.url ?? ""];
      const wrong = fault(method, path);
      if (wrong === "cut before") return void request.socket.destroy();
      // The server goes on with a request also when nobody waits for its answer any more.
      if (typeof wrong === "object" && "wait" in wrong) await wrong.wait;
      else if (typeof wrong === "object") return void response.writeHead(wrong.status).end("<html>no</html>");
      const answer = handler(method, path, Buffer.concat(chunks), request.headers);
      // A number that JavaScript cannot hold, written as Java writes it.
      const text = JSON.stringify(answer.body).replace('"INTERVAL"', "9223372036854775807");
      if (wrong === "cut after") {
        // Half an answer, with a length that promises more.
        response.writeHead(answer.status, { "content-length": text.length });
        response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
        return;
      }
      response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
    });
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, port, close };
}
