import { formatBytes, parseCpu, parseQuantity } from "../../components/args/quantity";
import { loadCatalogue } from "../../components/flink/catalogue";
import { same } from "../normal";
import type { ClusterFacts, Facts, ProcessFacts } from "./facts";
import { meaningOf } from "./meanings";

export interface Row {
  what: string;
  before: string;
  after: string;
  /** Explanation of the row's configuration key. */
  meaning?: string;
}

export type Component = "jobmanager" | "taskmanager" | "sql-gateway";

export interface ClusterChange {
  urn: string;
  name: string;
  namespace: string;
  change: "new" | "removed" | "made anew" | "changed" | "unchanged";
  /** What happens to the processes, in a sentence. */
  processes: string;
  /** Components whose pods are all replaced, by the names of their Deployments. */
  restarted: Component[];
  sizing: Row[];
  configuration: Row[];
}

const nothing = "–";

export function clusterChanges(before: Facts, after: Facts): ClusterChange[] {
  const urns = [...new Set([...before.clusters.keys(), ...after.clusters.keys()])];
  const changes = urns.map((urn) => clusterChange(before.clusters.get(urn), after.clusters.get(urn)));
  const key = ({ namespace, name, urn }: ClusterChange) => `${namespace}/${name}/${urn}`;
  return changes.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function clusterChange(was: ClusterFacts | undefined, is: ClusterFacts | undefined): ClusterChange {
  const { urn, name, namespace } = (is ?? was)!;
  const sizing = sizingRows(was, is).filter(({ before, after }) => before !== after);
  // For a new or removed cluster every option would be a row; its own files show them.
  const configuration = was && is ? configRows(was, is) : [];
  const { change, processes } = fate(was, is, sizing.length + configuration.length > 0);
  const restarted = components
    .filter(([, of]) => was && is && restarts(of(was), of(is)))
    .map(([name]) => name);
  return { urn, name, namespace, change, processes, restarted, sizing, configuration };
}

const components: readonly [Component, (facts: ClusterFacts) => ProcessFacts][] = [
  ["jobmanager", ({ jobManager }) => jobManager],
  ["taskmanager", ({ taskManager }) => taskManager],
  ["sql-gateway", ({ sqlGateway }) => sqlGateway],
];

function restarts(was: ProcessFacts, is: ProcessFacts): boolean {
  return was.exists && is.exists && (was.identity !== is.identity || !same(was.template, is.template));
}

function fate(
  was: ClusterFacts | undefined,
  is: ClusterFacts | undefined,
  explained: boolean,
): Pick<ClusterChange, "change" | "processes"> {
  if (!was) return { change: "new", processes: "JobManager and TaskManagers start." };
  if (!is) return { change: "removed", processes: "JobManager and TaskManagers end." };
  if (was.jobManager.identity !== is.jobManager.identity) {
    return { change: "made anew", processes: "JobManager and TaskManagers are made anew; the old ones end." };
  }
  const jobManager = rolls(was.jobManager, is.jobManager, "The JobManager restarts", "JobManagers roll");
  const taskManager = rolls(
    was.taskManager,
    is.taskManager,
    "TaskManagers restart",
    "TaskManagers roll, a few at a time",
  );
  const jobManagers = counted(was.jobManager, is.jobManager, "JobManagers");
  const taskManagers = counted(was.taskManager, is.taskManager, "TaskManagers");
  const sentences = [jobManager ?? jobManagers, taskManager ?? taskManagers].filter(
    (text) => text !== undefined,
  );
  if (sentences.length > 0 && !explained) sentences.push(unexplained);
  const beside = sqlGateway(was.sqlGateway, is.sqlGateway);
  if (beside !== undefined && sentences.length === 0)
    sentences.push("Neither JobManager nor TaskManagers restart");
  if (beside !== undefined) sentences.push(beside);
  if (sentences.length > 0) return { change: "changed", processes: `${sentences.join(". ")}.` };
  const equal = was.version === is.version && was.preparation === is.preparation;
  return { change: equal ? "unchanged" : "changed", processes: "No process restarts." };
}

const unexplained =
  "No size and no option differs: the reason is in the differences of the pods below, where a hash stands for a secret";

function rolls(was: ProcessFacts, is: ProcessFacts, recreated: string, rolling: string): string | undefined {
  if (same(was.template, is.template)) return undefined;
  return is.recreated ? recreated : rolling;
}

/** Sessions exist only in its memory. */
function sqlGateway(was: ProcessFacts, is: ProcessFacts): string | undefined {
  if (!was.exists) return is.exists ? "A SQL Gateway starts" : undefined;
  if (!is.exists) return "The SQL Gateway ends, and with it its sessions";
  return same(was.template, is.template) ? undefined : "The SQL Gateway restarts, and its sessions end";
}

function counted(was: ProcessFacts, is: ProcessFacts, what: string): string | undefined {
  if (was.least === is.least && was.most === is.most) {
    return is.kept && !was.kept && is.least !== is.most
      ? `No autoscaler changes the number of ${what} any more: as many stay as run; none restarts`
      : undefined;
  }
  if (is.least !== is.most) return `The autoscaler keeps ${is.least} to ${is.most} ${what}; none restarts`;
  if (was.least !== was.most) return `${what} are ${is.most} from now on; none restarts`;
  if (is.most > was.most || is.least > was.least) return `${what} are added; none restarts`;
  return `${what} are removed; the others do not restart`;
}

function sizingRows(was: ClusterFacts | undefined, is: ClusterFacts | undefined): Row[] {
  const row = (what: string, value: (facts: ClusterFacts) => string): Row => ({
    what,
    before: was ? value(was) : nothing,
    after: is ? value(is) : nothing,
  });
  return [
    row("Flink version", ({ version }) => version),
    row("image", ({ image }) => image),
    row("high availability", ({ highAvailability }) => (highAvailability ? "on" : "off")),
    row("JobManagers", ({ jobManager }) => count(jobManager)),
    row("JobManager, each", ({ jobManager }) => size(jobManager)),
    row("TaskManagers", ({ taskManager }) => count(taskManager)),
    row("TaskManager, each", ({ taskManager, slots }) => `${size(taskManager)}, ${plural(slots, "slot")}`),
    row("slots", slots),
    row("TaskManagers' cores and memory, in total", ({ taskManager }) => total(taskManager)),
  ];
}

function count({ least, most, kept }: ProcessFacts): string {
  if (kept && least !== most) return "as many as run";
  return least === most ? String(most) : `${least} to ${most}`;
}

function size({ cpu, memory }: ProcessFacts): string {
  return `${plural(cores(cpu), "core")}, ${memory}`;
}

function cores(cpu: string): string {
  const milli = parseCpu(cpu);
  return milli === undefined ? cpu : String(milli / 1000);
}

function plural(value: string | number | undefined, one: string): string {
  if (value === undefined) return `? ${one}s`;
  return `${value} ${one}${String(value) === "1" ? "" : "s"}`;
}

export function slotsOf({ taskManager, slots: each }: ClusterFacts): { least: number; most: number } {
  return { least: taskManager.least * (each ?? 0), most: taskManager.most * (each ?? 0) };
}

function slots(facts: ClusterFacts): string {
  const { least, most } = slotsOf(facts);
  return least === most ? String(most) : `${least} to ${most}`;
}

function total({ least, most, cpu, memory }: ProcessFacts): string {
  const times = (number: number) =>
    `${coresText(number * (parseQuantity(cpu) ?? 0))}, ${bytes(number * (parseQuantity(memory) ?? 0))}`;
  return least === most ? times(most) : `${times(least)} to ${times(most)}`;
}

/** Bytes for people, with two decimals. */
export function bytes(value: number): string {
  const exact = formatBytes(value);
  if (/^\d{1,4}([KMGT]i)?$/.test(exact)) return exact;
  const gibibytes = value / 2 ** 30;
  return gibibytes >= 1 ? `${Number(gibibytes.toFixed(2))}Gi` : `${Math.round(value / 2 ** 20)}Mi`;
}

export function coresText(value: number): string {
  return plural(Number(value.toFixed(3)), "core");
}

function configRows(was: ClusterFacts, is: ClusterFacts): Row[] {
  const keys = [...new Set([...was.config.keys(), ...is.config.keys()])].sort();
  return keys
    .filter((key) => plain(key, was.config.get(key)) !== plain(key, is.config.get(key)))
    .map((key) => ({
      what: key,
      ...folded(key, plain(key, was.config.get(key)), plain(key, is.config.get(key))),
      meaning: meaningOf(key) ?? typeOf(key, is.config.has(key) ? is.version : was.version),
    }));
}

/** Of JVM flags, of which Flink itself sets dozens, shows only those that differ. */
function folded(key: string, was = nothing, is = nothing): Pick<Row, "before" | "after"> {
  if (!key.startsWith("env.java.") || was === nothing || is === nothing) return { before: was, after: is };
  const [before, after] = [flags(was), flags(is)];
  const without = (own: string[], others: string[]) => {
    const differ = own.filter((flag) => !others.includes(flag));
    const alike = own.length - differ.length;
    if (alike === 0) return differ.join(" ");
    return [...differ, `(${alike} ${alike === 1 ? "flag" : "flags"} as before)`].join(" ");
  };
  if (same([...before].sort(), [...after].sort())) return { before: was, after: is };
  return { before: without(before, after), after: without(after, before) };
}

/** A flag with its separate argument, as for `--add-opens`. */
function flags(value: string): string[] {
  return value.match(/--[\w-]+ [^-\s]\S*|\S+/g) ?? [];
}

/**
 * Removes the JobManager's generation host name, which changes with every change of both roles. The other
 * rows show that change.
 */
function plain(key: string, value: string | undefined): string | undefined {
  return key === "jobmanager.rpc.address" ? value?.replace(/^jobmanager-[0-9a-f]{8}\./, "") : value;
}

/** The option's type in this version's catalogue. */
function typeOf(key: string, version: string): string {
  const minor = /^\d+\.\d+/.exec(version)?.[0];
  try {
    const type = minor === undefined ? undefined : loadCatalogue(minor).types.get(key);
    if (type === undefined) return "not an option of Flink itself";
    return type.startsWith("Enum ") ? `one of ${type.slice(5).split("|").join(", ")}` : `a ${type}`;
  } catch {
    return ""; // a version that this package does not know
  }
}
