import { Cluster, type KubernetesObject } from "../../operations/kubernetes";
import { UserError } from "../../recorder/errors";
import { reachable } from "../../local/flink-pods";
import { FlinkApi } from "../../operations/flink";
import { type Ledger, type State, readLedgers, unneededStates } from "../../operations/ledgers";
import { logSources } from "../../operations/logs";
import { ago, describeStatus, statusOf, table } from "../../operations/status";
import { resume, runVerb } from "../../operations/verbs";
import { nearest } from "../../components/flink/nearest";
import { runningNode } from "../../local/node";
import { contextOption, readOptions, stackOption } from "../options";
import { clusterOf, readStack, standIn } from "../stack";

const usage = [
  "npm run jobs [-- status]                 all jobs of the stack, and jobs that no ledger names",
  "npm run jobs -- savepoint JOB            takes a savepoint; the job runs on",
  "npm run jobs -- pause JOB                stops the job with its state, until it is resumed or changed",
  "npm run jobs -- resume JOB               starts a job that is paused, stopped or failed from its state",
  "npm run jobs -- logs JOB [--tail LINES]  what its submission, its guard, JobManagers and TaskManagers say",
  "npm run jobs -- gc [JOB] [--all] [--delete]  states that nothing needs (--all: also savepoints taken by hand or by the clock)",
  "all of them: [--stack NAME] [--context NAME] [--json]",
];

/** What every verb works with. */
interface Work {
  api: Cluster;
  flink: FlinkApi;
  cluster: string;
  namespace: string;
  ledgers: Ledger[];
  signal: AbortSignal;
  json: boolean;
}

/** `npm run jobs`: looks at the jobs of a stack, and does what a person on call does with them. */
export async function jobs(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readOptions(
    {
      name: "jobs",
      about: "Looks at the jobs of a stack, and does what a person on call does with them.",
      positionals: "[VERB] [JOB]",
      options: {
        stack: stackOption,
        context: contextOption,
        json: { type: "boolean", default: false, about: "the answer as JSON" },
        delete: { type: "boolean", default: false, about: "gc: disposes of what it lists" },
        all: { type: "boolean", default: false, about: "gc: also savepoints taken by hand or by the clock" },
        tail: {
          type: "string",
          default: "100",
          value: "LINES",
          about: "logs: how many lines of each container",
        },
      },
      more: usage.slice(0, -1),
    },
    args,
  );
  const [verb = "status", job, ...more] = positionals;
  if (verb !== "gc" && (values.delete || values.all)) {
    throw new UserError(`--${values.delete ? "delete" : "all"} has an effect only with gc.`, usage);
  }
  if (more.length > 0) throw new UserError(`${more.join(" ")}: one job at a time.`, usage);
  const api = new Cluster(await target(values.context, signal));
  try {
    const { name: cluster, namespace } = clusterOf(readStack(projectDir, values.stack, standIn));
    const ledgers = await readLedgers(api, namespace, cluster, signal);
    const flink = new FlinkApi(api, namespace, cluster, signal);
    const work: Work = { api, flink, cluster, namespace, ledgers, signal, json: values.json };
    switch (verb) {
      case "status":
        return await showStatus(work);
      case "savepoint":
        return say(work, { savepoint: await runVerb(api, named(work, job), namespace, "take", signal) });
      case "pause":
        return say(work, { message: await runVerb(api, named(work, job), namespace, "pause", signal) });
      case "resume":
        return say(work, { message: await resume(api, named(work, job), namespace, signal) });
      case "logs":
        return await showLogs(work, named(work, job), values.tail);
      case "gc":
        return await collectGarbage(work, job, values);
      default: {
        const meant = nearest(verb, ["status", "savepoint", "pause", "resume", "logs", "gc"]);
        throw new UserError(`There is no verb "${verb}".${meant ? ` Is it "${meant}"?` : ""}`, usage);
      }
    }
  } finally {
    api.close();
  }
}

async function target(context: string | undefined, signal: AbortSignal) {
  if (context !== undefined) {
    await reachable({ context }, signal);
    return { context };
  }
  const node = await runningNode();
  if (node) return { kubeconfig: node.kubeconfig };
  throw new UserError("The local node is not running.", [
    "Start it with `npm start`, or name a cluster with --context.",
  ]);
}

function named({ ledgers, cluster, namespace }: Work, job: string | undefined): Ledger {
  const found = ledgers.find((ledger) => ledger.job === job);
  if (found) return found;
  const known = ledgers.map((ledger) => ledger.job);
  const where = `cluster ${cluster} in namespace ${namespace}`;
  throw new UserError(job === undefined ? "Which job?" : `There is no job "${job}" on ${where}.`, [
    known.length > 0 ? `Use one of: ${known.join(", ")}` : `There are no jobs on ${where}.`,
  ]);
}

async function showStatus({ cluster, namespace, ledgers, flink, json }: Work): Promise<number> {
  const status = await statusOf(cluster, namespace, ledgers, flink);
  console.log(json ? JSON.stringify(status, null, 2) : describeStatus(status));
  return 0;
}

function say({ json }: Work, answer: Record<string, string>): number {
  console.log(json ? JSON.stringify(answer) : Object.values(answer).join("\n"));
  return 0;
}

async function showLogs(work: Work, ledger: Ledger, tail: string): Promise<number> {
  if (!/^\d{1,6}$/.test(tail)) throw new UserError(`--tail ${tail}: this is no number of lines.`, usage);
  const { api, namespace, cluster, flink, signal, json } = work;
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
      console.log(json ? JSON.stringify({ pod, what, line }) : `${pod} ${line}`);
    }
  }
  return 0;
}

/** Shows what nothing needs, and disposes of it when told. */
async function collectGarbage(
  work: Work,
  job: string | undefined,
  { delete: remove, all }: { delete: boolean; all: boolean },
): Promise<number> {
  const { api, namespace, ledgers, signal, json } = work;
  const chosen = job === undefined ? ledgers : [named(work, job)];
  const found = chosen
    .map((ledger) => ({ ledger, states: unneededStates(ledger, all) }))
    .filter(({ states }) => states.length > 0);
  if (json) {
    console.log(
      JSON.stringify({
        deleted: remove,
        states: found.flatMap(({ ledger, states }) => listed(ledger, states)),
      }),
    );
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
  if (!remove) return 0;
  for (const { ledger, states } of found) {
    const message = await runVerb(
      api,
      ledger,
      namespace,
      { dispose: states.map(({ path }) => path) },
      signal,
    );
    if (!json) console.log(`${ledger.job}: ${message}`);
  }
  return 0;
}

function listed(ledger: Ledger, states: State[]) {
  return states.map((state) => ({ job: ledger.job, ...state }));
}
