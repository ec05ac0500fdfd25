import { setTimeout as sleep } from "node:timers/promises";
import { nearest } from "../../components/flink/nearest";
import { clustersOf, ledgersAnywhere } from "../../operations/clusters";
import { FlinkApi, hasEnded, type RunningJob } from "../../operations/flink";
import { type Ledger, readLedgers, unneededStates } from "../../operations/ledgers";
import { type Connection, Cluster, type KubernetesObject } from "../../operations/kubernetes";
import { logSources } from "../../operations/logs";
import { missingRights, type Right } from "../../operations/rights";
import { ago, describeStatus, type Status, statusOf, table } from "../../operations/status";
import { openTunnel, type Tunnel } from "../../operations/web-ui";
import { Misuse, UserError } from "../../recorder/errors";
import type { Caller, FlinkClusterName } from "../caller";
import { jobsHelp, jobsLines } from "../command-lines";
import { exitCodes } from "../exit-codes";
import { HelpAsked, readOptions } from "../options";
import { placeOf } from "../place";
import { readStack, standIn } from "../stack";

/* eslint-disable @typescript-eslint/no-require-imports -- the Pulumi libraries take a second, and looking at jobs needs none of them */
const recorder = () => require("../../recorder") as typeof import("../../recorder");
const operations = () => require("../../operations/verbs") as typeof import("../../operations/verbs");
/* eslint-enable @typescript-eslint/no-require-imports */

type VerbName = keyof typeof jobsLines;

/** A job, where it is. */
interface Found {
  ledger: Ledger;
  flink: FlinkApi;
}

/** The context of every verb: one Kubernetes cluster, and the selected jobs. */
interface Work {
  api: Cluster;
  context: string | undefined;
  clusters: FlinkClusterName[];
  flinkOf: (cluster: FlinkClusterName) => FlinkApi;
  found: Found[];
  signal: AbortSignal;
  json: boolean;
}

/** Where to look, as it was given. */
interface Scope {
  cwd?: string;
  stack?: string;
  context?: string;
  namespace?: string;
  json: boolean;
  "all-namespaces"?: boolean;
}

/** Looks at jobs, and does what a person on call does with them. */
export async function jobs(caller: Caller, args: string[], signal: AbortSignal): Promise<number> {
  const [given = "", ...rest] = args;
  // `jobs --context prod` shows their status.
  const verb = given === "" || given.startsWith("-") ? "status" : given;
  if (given === "--help" || given === "-h") throw new HelpAsked(jobsHelp(caller.call("jobs")));
  if (!Object.hasOwn(jobsLines, verb)) {
    const meant = nearest(verb, Object.keys(jobsLines));
    const question = meant === undefined ? "" : ` Did you mean ${meant}?`;
    throw new Misuse(`There is no verb "${verb}".${question}`, [jobsHelp(caller.call("jobs"))]);
  }
  return verbs[verb as VerbName](caller, verb === given ? rest : args, signal);
}

const verbs: Record<VerbName, (caller: Caller, args: string[], signal: AbortSignal) => Promise<number>> = {
  async status(caller, args, signal) {
    const { values } = readOptions({ ...jobsLines.status, call: caller.call("jobs status") }, args);
    const shown = await everywhere(caller, values, signal);
    if (values.json)
      console.log(JSON.stringify({ format: "flink-kubernetes/jobs/1", clusters: shown }, null, 2));
    else console.log(shown.map((status) => describeStatus(status)).join("\n\n"));
    return exitCodes.done;
  },
  async top(caller, args, signal) {
    const { values } = readOptions({ ...jobsLines.top, call: caller.call("jobs top") }, args);
    const seconds = Number(values.every);
    if (!(seconds >= 1 && seconds <= 3600))
      throw new Misuse(`--every ${values.every}: write a number of seconds from 1 to 3600.`);
    while (!signal.aborted) {
      const shown = await everywhere(caller, values, signal);
      // A question that Ctrl-C has cut off would look like a cluster that does not answer.
      if (signal.aborted) break;
      if (values.json) {
        console.log(JSON.stringify({ format: "flink-kubernetes/jobs/1", clusters: shown }));
      } else {
        if (process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
        console.log(shown.map((status) => describeStatus(status)).join("\n\n"));
        console.log(`\n${new Date().toLocaleTimeString()}, again in ${seconds} s; Ctrl-C ends it.`);
      }
      await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
    return exitCodes.interrupted;
  },
  async ui(caller, args, signal) {
    const { values, positionals } = readOptions({ ...jobsLines.ui, call: caller.call("jobs ui") }, args);
    const job = oneJob(positionals);
    const port = Number(values.port ?? 0);
    if (!/^\d*$/.test(values.port ?? "") || port > 65_535)
      throw new Misuse(`--port ${values.port}: write a number from 1 to 65535.`);
    return inOne(caller, values, signal, forwarding, (work) => showWebUi(work, job, port));
  },
  savepoint: (caller, args, signal) =>
    onJob(caller, "savepoint", args, signal, async ({ api, json }, { ledger }) =>
      say(json, "savepoint", await operations().runVerb(api, ledger, ledger.namespace, "take", signal)),
    ),
  pause: (caller, args, signal) =>
    onJob(caller, "pause", args, signal, async ({ api, json }, { ledger }) =>
      say(json, "message", await operations().runVerb(api, ledger, ledger.namespace, "pause", signal)),
    ),
  resume: (caller, args, signal) =>
    onJob(caller, "resume", args, signal, async ({ api, json }, { ledger }) =>
      say(json, "message", await operations().resume(api, ledger, ledger.namespace, signal)),
    ),
  async logs(caller, args, signal) {
    const { values, positionals } = readOptions({ ...jobsLines.logs, call: caller.call("jobs logs") }, args);
    const job = oneJob(positionals);
    return inOne(caller, values, signal, reading("pods/log"), (work) =>
      showLogs(work, named(work, job), values.tail),
    );
  },
  async gc(caller, args, signal) {
    const { values, positionals } = readOptions({ ...jobsLines.gc, call: caller.call("jobs gc") }, args);
    const job = oneJob(positionals);
    const rights = values.delete ? changing : reading();
    return inOne(caller, values, signal, rights, (work) => collectGarbage(work, job, values));
  },
};

function onJob(
  caller: Caller,
  verb: "savepoint" | "pause" | "resume",
  args: string[],
  signal: AbortSignal,
  act: (work: Work, found: Found) => Promise<number>,
): Promise<number> {
  const line = { ...jobsLines[verb], call: caller.call(`jobs ${verb}`) };
  const { values, positionals } = readOptions(line, args);
  const job = oneJob(positionals);
  const rights = verb === "resume" ? [...changing, { verb: "patch", resource: "configmaps" }] : changing;
  return inOne(caller, values, signal, rights, (work) => act(work, named(work, job)));
}

function oneJob([job, ...more]: string[]): string | undefined {
  if (more.length > 0) throw new Misuse(`${more.join(" ")}: one job at a time.`);
  return job;
}

function say(json: boolean, what: string, answer: string): number {
  console.log(json ? JSON.stringify({ format: "flink-kubernetes/job-verb/1", [what]: answer }) : answer);
  return exitCodes.done;
}

/** Flink is asked through the API server, so looking at it is a right on the Service's proxy. */
function reading(...more: string[]): Right[] {
  return [
    { verb: "list", resource: "configmaps" },
    { verb: "get", resource: "services/proxy" },
    ...more.map((resource) => ({ verb: "get", resource })),
    ...(more.length > 0 ? [{ verb: "list", resource: "pods" }] : []),
  ];
}

/** A port-forward over a web socket is a `get`, and since Kubernetes 1.35 a `create` as well. */
const forwarding: Right[] = [
  ...reading(),
  { verb: "list", resource: "pods" },
  { verb: "get", resource: "pods/portforward" },
  { verb: "create", resource: "pods/portforward" },
];

const changing: Right[] = [
  ...reading(),
  ...["list", "create", "get"].map((verb) => ({ verb, group: "batch", resource: "jobs" })),
  { verb: "list", resource: "pods" },
];

/** The clusters of every context that is named, one after the other in their order. */
async function everywhere(
  caller: Caller,
  scope: Scope,
  signal: AbortSignal,
): Promise<(Status & { context?: string })[]> {
  const contexts = scope.context?.split(",") ?? [undefined];
  const shown = await allOrAllProblems(
    contexts.map((context) =>
      inContext(caller, scope, context, signal, reading(), async ({ clusters, flinkOf, found }) =>
        Promise.all(
          clusters.map(async ({ cluster, namespace }) => {
            const own = found.filter(
              ({ ledger }) => ledger.cluster === cluster && ledger.namespace === namespace,
            );
            const ledgers = own.map(({ ledger }) => ledger);
            const status = await statusOf(cluster, namespace, ledgers, flinkOf({ cluster, namespace }));
            return { ...(context === undefined ? {} : { context }), ...status };
          }),
        ),
      ),
    ),
  );
  const all = shown.flat();
  if (all.length === 0) throw new UserError("There are no jobs of this package there: no ledger was found.");
  return all;
}

/** The results of all; or one error with the problems of all that fail. */
async function allOrAllProblems<T>(work: Promise<T>[]): Promise<T[]> {
  const ends = await Promise.allSettled(work);
  const problems = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
  const other = problems.find((problem) => !(problem instanceof UserError));
  if (other !== undefined) throw other;
  const messages = new Set((problems as UserError[]).map(({ message }) => message));
  // A mistake in the program is the same in every context, and stays the error that it is.
  if (messages.size === 1) throw problems[0];
  if (messages.size > 1) {
    const actions = new Set((problems as UserError[]).flatMap((problem) => problem.actions));
    throw new UserError([...messages].join("\n"), [...actions]);
  }
  return ends.map((end) => (end as PromiseFulfilledResult<T>).value);
}

/** The target of verbs for one job. */
function inOne(
  caller: Caller,
  scope: Scope,
  signal: AbortSignal,
  rights: Right[],
  act: (work: Work) => Promise<number>,
): Promise<number> {
  if (scope.context?.includes(","))
    throw new Misuse(`--context ${scope.context}: this is done in one cluster.`, ["Name one context."]);
  return inContext(caller, scope, scope.context, signal, rights, act);
}

async function inContext<T>(
  caller: Caller,
  scope: Scope,
  context: string | undefined,
  signal: AbortSignal,
  rights: Right[],
  act: (work: Work) => Promise<T>,
): Promise<T> {
  const connection: Connection = context === undefined ? await caller.target(signal) : { context };
  const api = open(connection);
  try {
    await api.reachable(signal);
    const place = await placeIn(caller, scope, signal);
    const namespaces =
      typeof place === "string" ? [place] : [...new Set(place.map(({ namespace }) => namespace))];
    await checkRights(api, context, namespaces, rights, signal);
    const { clusters, ledgers } =
      typeof place === "string"
        ? clustersOf(await ledgersAnywhere(api, place, signal))
        : { clusters: place, ledgers: await ledgersOf(api, place, signal) };
    const apis = new Map<string, FlinkApi>();
    const flinkOf = ({ cluster, namespace }: FlinkClusterName) => {
      const key = `${namespace}/${cluster}`;
      if (!apis.has(key)) apis.set(key, new FlinkApi(api, namespace, cluster, signal));
      return apis.get(key)!;
    };
    const found = ledgers.map((ledger) => ({ ledger, flink: flinkOf(ledger) }));
    return await act({ api, context, clusters, flinkOf, found, signal, json: scope.json });
  } finally {
    api.close();
  }
}

/** All that lacks, in one message. */
async function checkRights(
  api: Cluster,
  context: string | undefined,
  namespaces: string[],
  rights: Right[],
  signal: AbortSignal,
): Promise<void> {
  const lines = await Promise.all(
    namespaces.map(async (namespace) => {
      const missing = await missingRights(api, namespace, rights, signal);
      if (missing.length === 0) return [];
      const where = `${namespace === "" ? "all namespaces" : `namespace ${namespace}`}${context === undefined ? "" : ` of context ${context}`}`;
      return [`This needs rights in ${where} that you have not got: ${missing.join(", ")}.`];
    }),
  );
  if (lines.flat().length > 0)
    throw new UserError(lines.flat().join("\n"), ["docs/jobs.md has a Role with them."]);
}

function open(connection: Connection): Cluster {
  try {
    return new Cluster(connection);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

async function ledgersOf(api: Cluster, clusters: FlinkClusterName[], signal: AbortSignal): Promise<Ledger[]> {
  const found = await Promise.all(
    clusters.map(({ cluster, namespace }) => readLedgers(api, namespace, cluster, signal)),
  );
  return found.flat();
}

/** A namespace (the empty one for all), or the clusters of a stack. */
async function placeIn(
  caller: Caller,
  scope: Scope,
  signal: AbortSignal,
): Promise<string | FlinkClusterName[]> {
  if (scope["all-namespaces"]) return "";
  if (scope.namespace !== undefined) return scope.namespace;
  const { projectDir, stack } = placeOf(caller, scope);
  const settings = readStack(projectDir, stack, standIn);
  const own = projectDir === caller.projectDir() ? caller.clustersOf?.(settings) : undefined;
  if (own !== undefined && own.length > 0) return own;
  const { recorded } = await recorder().record({
    ...settings,
    env: caller.programEnv,
    transpileOnly: true,
    signal,
  });
  const ledgers = recorded.map(({ inputs }) => inputs as unknown as KubernetesObject);
  const { clusters } = clustersOf(ledgers);
  if (clusters.length > 0) return clusters;
  throw new UserError(`The program of stack ${settings.stack} makes no FlinkJob and no FlinkApplication.`, [
    "Name another stack, or look at a namespace with --namespace.",
  ]);
}

function named({ found, clusters }: Work, job: string | undefined): Found {
  const same = found.filter(({ ledger }) => ledger.job === job);
  if (same.length === 1) return same[0]!;
  const where = clusters
    .map(({ cluster, namespace }) => `cluster ${cluster} in namespace ${namespace}`)
    .join(", ");
  if (same.length > 1) {
    throw new UserError(`There are ${same.length} jobs "${job}": on ${where}.`, ["Name one's --namespace."]);
  }
  const known = found.map(({ ledger }) => ledger.job);
  throw new Misuse(job === undefined ? "Which job?" : `There is no job "${job}" on ${where}.`, [
    known.length > 0 ? `Use one of: ${known.join(", ")}` : `There are no jobs on ${where || "this cluster"}.`,
  ]);
}

/** Links to the web UI of one job, or of all that were found, until somebody presses Ctrl-C. */
async function showWebUi(work: Work, job: string | undefined, port: number): Promise<number> {
  const { api, signal, json, flinkOf } = work;
  const chosen = job === undefined ? work.found : [named(work, job)];
  const places = job === undefined ? work.clusters : chosen.map(({ ledger }) => ledger);
  if (places.length === 0)
    throw new UserError("There are no jobs of this package there: no ledger was found.");
  if (port !== 0 && places.length > 1) {
    throw new Misuse(`--port ${port}: the jobs are on ${places.length} clusters, and each needs a port.`, [
      "Name a job, or leave --port out.",
    ]);
  }
  const tunnels: Tunnel[] = [];
  try {
    const links: { job: string; cluster: string; namespace: string; url: string }[] = [];
    const silent: UserError[] = [];
    for (const { cluster, namespace } of places) {
      const flink = flinkOf({ cluster, namespace });
      const known = await answerOf(flink, cluster, namespace);
      signal.throwIfAborted();
      if (known instanceof UserError) {
        silent.push(known);
        if (silent.length === places.length) throw silent[0]!;
        console.error(known.message);
        continue;
      }
      const tunnel = await openTunnel(api, { cluster, namespace }, port, signal, (message) =>
        console.error(`Cluster ${cluster} in namespace ${namespace}: ${message}`),
      );
      tunnels.push(tunnel);
      const start = `${flink.scheme}://127.0.0.1:${tunnel.port}/#`;
      const here = chosen.filter(
        ({ ledger }) => ledger.cluster === cluster && ledger.namespace === namespace,
      );
      for (const { ledger } of here)
        links.push({ job: ledger.job, cluster, namespace, url: start + pageOf(ledger, known) });
      if (here.length === 0) links.push({ job: "", cluster, namespace, url: `${start}/overview` });
    }
    if (json) {
      console.log(JSON.stringify({ format: "flink-kubernetes/job-ui/1", links }));
    } else {
      const rows = links.map((link) => [link.job || "-", link.cluster, link.namespace, link.url]);
      console.log(table([["JOB", "CLUSTER", "NAMESPACE", "WEB UI"], ...rows]).join("\n"));
      if (links.some(({ url }) => url.startsWith("https:")))
        console.log("\nYour browser will warn: the certificate is for the Service, not for 127.0.0.1.");
      console.log("\nCtrl-C closes it.");
    }
    await aborted(signal);
    return exitCodes.interrupted;
  } finally {
    for (const tunnel of tunnels) tunnel.close();
  }
}

/** The cluster's jobs, or why it does not say. */
async function answerOf(
  flink: FlinkApi,
  cluster: string,
  namespace: string,
): Promise<RunningJob[] | UserError> {
  try {
    return await flink.jobs();
  } catch (error) {
    return new UserError(
      `Cluster ${cluster} in namespace ${namespace} does not answer: ${(error as Error).message}`,
      [`Look at its pods: kubectl -n ${namespace} get pods -l app.kubernetes.io/instance=${cluster}`],
    );
  }
}

/** Where the web UI has a job: what has ended is on another page. */
function pageOf({ jobId }: Ledger, known: RunningJob[]): string {
  const job = known.find((each) => each.jobId === jobId);
  if (job === undefined) return "/overview";
  return `/job/${hasEnded(job.state) ? "completed" : "running"}/${jobId}/overview`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function showLogs(work: Work, { ledger, flink }: Found, tail: string): Promise<number> {
  if (!/^\d{1,6}$/.test(tail)) throw new Misuse(`--tail ${tail}: this is no number of lines.`);
  const { api, signal, json } = work;
  const { namespace, cluster } = ledger;
  const pods: KubernetesObject[] = await api.list(
    "v1",
    "Pod",
    namespace,
    `app.kubernetes.io/instance=${cluster}`,
    signal,
  );
  for (const { pod, container, what } of await logSources(ledger.job, ledger.jobId, pods, flink)) {
    const text = await api.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log`, {
      query: { container, tailLines: tail },
      signal,
    });
    for (const line of text.split("\n").filter((each) => each !== "")) {
      console.log(
        json
          ? JSON.stringify({ format: "flink-kubernetes/job-log/1", pod, container, what, line })
          : `${pod} ${line}`,
      );
    }
  }
  return exitCodes.done;
}

/** Shows what nothing needs, and disposes of it when told. */
async function collectGarbage(
  work: Work,
  job: string | undefined,
  { delete: remove, all }: { delete: boolean; all: boolean },
): Promise<number> {
  const { api, signal, json } = work;
  const chosen = job === undefined ? work.found : [named(work, job)];
  const found = chosen
    .map(({ ledger }) => ({ ledger, states: unneededStates(ledger, all) }))
    .filter(({ states }) => states.length > 0);
  if (json) {
    const states = found.flatMap(({ ledger, states: list }) =>
      list.map((state) => ({ job: ledger.job, ...state })),
    );
    console.log(JSON.stringify({ format: "flink-kubernetes/job-states/1", deleted: remove, states }));
  } else {
    const now = Date.now() / 1000;
    const rows = found.flatMap(({ ledger, states }) =>
      states.map(({ kind, made, path }) => [ledger.job, kind, `${ago(now - made)} ago`, path]),
    );
    console.log(
      rows.length === 0
        ? "Every state that is known is needed."
        : table([["JOB", "KIND", "MADE", "PATH"], ...rows]).join("\n"),
    );
    if (rows.length > 0 && !remove) console.log("\nNothing was deleted: add --delete.");
  }
  if (!remove) return exitCodes.done;
  for (const { ledger, states } of found) {
    const paths = states.map(({ path }) => path);
    const message = await operations().runVerb(api, ledger, ledger.namespace, { dispose: paths }, signal);
    if (!json) console.log(`${ledger.job}: ${message}`);
  }
  return exitCodes.done;
}
