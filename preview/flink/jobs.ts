import { loadCatalogue, type Moment, takenAt } from "../../components/flink/catalogue";
import { pythonDriver } from "../../components/args/python";
import { diffLines } from "../diff";
import { same } from "../normal";
import type { ClusterFacts, Facts, JobFacts } from "./facts";
import { slotsOf } from "./clusters";
import { duration, rescaling } from "./durations";

/** What happens to a job, as a keyword for programs. */
export type Path =
  | "new"
  | "removed"
  | "savepoint"
  | "lastState"
  | "nothing"
  | "takenOver"
  | "guard"
  | "rescales"
  | "tasks"
  | "goesOn";

/**
 * What happens to the job that ran.
 * - `none`: there was no job.
 * - `goesOn`: none of its tasks restarts.
 * - `restarts`: its tasks restart, and it stays the same job, by its id.
 * - `mayRestart`: one of these two; only the running cluster decides which.
 * - `savepoint`: it is stopped with a savepoint.
 * - `lost`: it is lost with its JobManager.
 * - `left`: it continues, and nothing manages it.
 */
export type End = "none" | "goesOn" | "restarts" | "mayRestart" | "savepoint" | "cancelled" | "lost" | "left";

/** State that the new tasks start from. `given`: initialSavepoint. `none`: no task starts. */
export type Beginning = "none" | "nothing" | "savepoint" | "checkpoint" | "given";

export interface JobChange {
  urn: string;
  name: string;
  cluster: string;
  path: Path;
  /** The same as `what`, for programs. */
  end: End;
  beginning: Beginning;
  /** What happens, in a sentence. */
  what: string;
  /** Differences in the job itself, such as its arguments. */
  because: string[];
  /** Changed lines of its SQL script, with context. */
  script: string[];
  /** Approximate time for which records wait, or its bound. */
  duration: string;
  /** Changed options of the cluster that apply to the job only when it is submitted again. */
  later: string[];
  /** Why somebody must review this before the merge. */
  danger?: string;
}

/** Every job of a stack, even unchanged ones, sorted by cluster and name. */
export function jobChanges(before: Facts, after: Facts): JobChange[] {
  const urns = [...new Set([...before.jobs.keys(), ...after.jobs.keys()])];
  const changes = urns.map((urn) => renamed(jobChange(before, after, urn), before, after));
  const key = ({ cluster, name, urn }: JobChange) => `${cluster}/${name}/${urn}`;
  return changes.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** A job is identified by its name: a renamed job is a new one, and the state stays with the old name. */
function renamed(change: JobChange, before: Facts, after: Facts): JobChange {
  const is = after.jobs.get(change.urn);
  if (change.path !== "new" || change.beginning !== "nothing" || !is) return change;
  const was = [...before.jobs.values()].find(
    (job) =>
      !after.jobs.has(job.urn) && job.upgradeMode !== "stateless" && !job.bounded && sameProgram(job, is),
  );
  if (!was) return change;
  const place = was.savepointDirectory === "" ? "" : `, below ${was.savepointDirectory}`;
  const danger = `starts from nothing, and has the program of ${was.name}, which is removed: state belongs to a job's name. Keep the name; or remove ${was.name} first, and add this one with initialSavepoint, the savepoint that its removal leaves${place}`;
  return { ...change, danger };
}

function sameProgram(was: JobFacts, is: JobFacts): boolean {
  if (was.script !== undefined || is.script !== undefined) return was.script === is.script;
  const program = ({ jar, entryClass, image }: JobFacts) =>
    jar === "" && ["", pythonDriver].includes(entryClass) ? "" : [jar, entryClass, image].join("\n");
  return program(was) !== "" && program(was) === program(is);
}

function jobChange(before: Facts, after: Facts, urn: string): JobChange {
  const [was, is] = [before.jobs.get(urn), after.jobs.get(urn)];
  const [oldCluster, newCluster] = [clusterOf(before, was), clusterOf(after, is)];
  const job = (is ?? was)!;
  const said = !was
    ? appears(is!)
    : !is
      ? disappears(was, after)
      : moved(was, is) || anotherCluster(oldCluster, newCluster)
        ? onNewCluster(was, is)
        : was.revision !== is.revision
          ? restarts(was, is, oldCluster, newCluster)
          : goesOn(is, oldCluster, newCluster, wantedSlots(after, is));
  return {
    urn,
    name: job.name,
    cluster: `${job.namespace}/${job.cluster}`,
    because: was && is ? differences(was, is, newCluster) : [],
    script: was && is && was.script !== is.script ? diffLines(lines(was.script), lines(is.script)) : [],
    later: [],
    duration: duration(said.path, job, newCluster ?? oldCluster),
    ...said,
    ...misfit(was, is, oldCluster, newCluster, said),
    what: said.what + (was?.guarded && is?.guarded === false ? unwatched : ""),
  };
}

function lines(script: string | undefined): string[] {
  return script === undefined ? [] : script.replace(/\n$/, "").split("\n");
}

const unwatched = "; without a guard nobody brings it back, or stops it when it leaves the program";

type Said = Pick<JobChange, "path" | "end" | "beginning" | "what" | "danger"> &
  Partial<Pick<JobChange, "duration" | "later">>;

function clusterOf(facts: Facts, job: JobFacts | undefined): ClusterFacts | undefined {
  return [...facts.clusters.values()].find(
    ({ name, namespace }) => name === job?.cluster && namespace === job.namespace,
  );
}

function moved(was: JobFacts, is: JobFacts): boolean {
  return was.namespace !== is.namespace || was.cluster !== is.cluster;
}

/** Another Deployment below the same component: nothing is transferred from the old one to the new one. */
function anotherCluster(was: ClusterFacts | undefined, is: ClusterFacts | undefined): boolean {
  return was !== undefined && is !== undefined && was.jobManager.identity !== is.jobManager.identity;
}

function appears(is: JobFacts): Said {
  return is.initialSavepoint === ""
    ? { path: "new", end: "none", beginning: "nothing", what: "new: starts from nothing" }
    : { path: "new", end: "none", beginning: "given", what: `new: starts from ${is.initialSavepoint}` };
}

function disappears(was: JobFacts, after: Facts): Said {
  const cluster = clusterOf(after, was);
  const removed = { path: "removed", beginning: "none" } as const;
  if (was.bounded)
    return { ...removed, end: "cancelled", what: "removed: its guard cancels it if it still runs" };
  if (!was.guarded) {
    return cluster
      ? {
          ...removed,
          end: "left",
          what: "removed from the program, but not stopped: it has no guard, so it runs on until somebody cancels it",
          duration: "no pause",
          danger: "leaves the program and runs on: it has no guard that would stop it",
        }
      : {
          ...removed,
          end: "lost",
          what: "removed: it ends with its cluster, without a savepoint, since it has no guard",
          duration: "at once",
          danger: "ends without a savepoint: it has no guard that would stop it before its cluster goes",
        };
  }
  if (was.savepointDirectory === "" || was.upgradeMode === "stateless") {
    return {
      ...removed,
      end: "cancelled",
      what: "removed: its guard stops it; nothing of its state is kept",
    };
  }
  return {
    ...removed,
    end: "savepoint",
    what: `removed: its guard stops it with a savepoint, which stays below ${was.savepointDirectory}`,
  };
}

function onNewCluster(was: JobFacts, is: JobFacts): Said {
  const fate = was.guarded && was.savepointDirectory !== "" && was.upgradeMode !== "stateless";
  const old = fate
    ? `the old one is stopped with a savepoint below ${was.savepointDirectory}`
    : "nothing of its state is kept";
  const end = fate ? "savepoint" : was.guarded ? "cancelled" : "lost";
  const duration = `runs within ${is.startTimeout} s (startTimeout), or the update fails`;
  if (is.initialSavepoint !== "") {
    return {
      duration,
      path: "savepoint",
      end,
      beginning: "given",
      what: `starts on a new cluster from ${is.initialSavepoint}; ${old}`,
    };
  }
  return {
    duration,
    path: "nothing",
    end,
    beginning: "nothing",
    what: `starts on a new cluster from nothing; ${old}`,
    ...(was.upgradeMode === "stateless"
      ? {}
      : { danger: "starts without its state, on a new cluster: give it initialSavepoint" }),
  };
}

function restarts(
  was: JobFacts,
  is: JobFacts,
  oldCluster: ClusterFacts | undefined,
  newCluster: ClusterFacts | undefined,
): Said {
  // If the cluster changes, the job is stopped before that as its old ledger says; otherwise as the program
  // says now.
  const prepared = oldCluster !== undefined && oldCluster.preparation !== newCluster?.preparation;
  const pause = prepared ? { duration: overRestart(was, is) } : {};
  const mode = prepared ? was.upgradeMode : is.upgradeMode;
  const end = mode === "savepoint" ? "savepoint" : "cancelled";
  // Removing it requests nothing.
  if (is.restoreNonce !== "" && was.restoreNonce !== is.restoreNonce) {
    if (is.initialSavepoint !== "") {
      const what = `restarts from ${is.initialSavepoint}, as restoreNonce asks`;
      return { path: "savepoint", end, beginning: "given", what };
    }
    return {
      path: "nothing",
      end,
      beginning: "nothing",
      what: "restarts from nothing: restoreNonce changes and there is no initialSavepoint",
      danger: "starts without its state: restoreNonce changes and there is no initialSavepoint",
    };
  }
  if (mode === "stateless" || is.upgradeMode === "stateless") {
    const lost = was.upgradeMode !== "stateless" || oldCluster?.checkpoints === true;
    const stopped = end === "savepoint" ? "stopped with a savepoint before the cluster changes" : "cancelled";
    return {
      path: "nothing",
      end,
      beginning: "nothing",
      what: `is ${stopped} and starts from nothing (upgradeMode stateless)`,
      ...pause,
      ...(lost && !is.bounded
        ? { danger: "starts without its state: upgradeMode is stateless, and it has checkpoints" }
        : {}),
    };
  }
  const who = prepared ? " before the cluster changes" : "";
  if (mode === "lastState") {
    return {
      ...pause,
      path: "lastState",
      end,
      beginning: "checkpoint",
      what: `is cancelled${who} and starts from its last complete checkpoint: records since then are read again`,
    };
  }
  const otherwise = (prepared ? was : is).fallback
    ? "; if not all its tasks run, from its last checkpoint"
    : "; if not all its tasks run, the update fails and it is left as it is";
  return {
    ...pause,
    path: "savepoint",
    end,
    beginning: "savepoint",
    what: `is stopped with a savepoint${who} and starts from it${otherwise}`,
  };
}

/** The job waits while the cluster changes; only its own stop and start have a bound. */
function overRestart(was: JobFacts, is: JobFacts): string {
  const [stop, start] = [was.startTimeout, is.startTimeout];
  const bounds = stop === start ? `each ${stop} s (startTimeout)` : `${stop} s and ${start} s (startTimeout)`;
  return `from its stop, over the restart of the JobManager, until all tasks run again; stop and start take ${bounds} at most`;
}

/**
 * Slots that all jobs of this job's cluster need together. A job without a parallelism takes what is
 * available.
 */
function wantedSlots(facts: Facts, job: JobFacts): number {
  return [...facts.jobs.values()]
    .filter((one) => !moved(one, job))
    .reduce((sum, { parallelism = Infinity }) => sum + parallelism, 0);
}

/** The same revision: effects of the cluster's change on it. */
function goesOn(
  is: JobFacts,
  was: ClusterFacts | undefined,
  now: ClusterFacts | undefined,
  wanted: number,
): Said {
  const left = { path: "goesOn", end: "goesOn", beginning: "none" } as const;
  if (!was || !now) return { ...left, what: "is not restarted" };
  const jobManagers = !same(was.jobManager.template, now.jobManager.template);
  const takenOver = jobManagers && now.highAvailability && !now.jobManager.recreated;
  // A job that is not submitted again keeps its old checkpoint setting.
  const source = jobManagers && !takenOver ? now : was;
  const checkpoints = source.checkpoints || is.config.has("execution.checkpointing.interval");
  const beginning = checkpoints ? "checkpoint" : "nothing";
  const state = checkpoints ? "from its last checkpoint" : "from nothing: the cluster has no checkpoints";
  const danger =
    checkpoints || is.upgradeMode === "stateless"
      ? {}
      : { danger: "starts without its state: the cluster has no checkpoints" };
  if (jobManagers) {
    if (takenOver) {
      const later = takenLater(is, was, now);
      return {
        path: "takenOver",
        end: "restarts",
        beginning,
        what: `is not resubmitted: the next leading JobManager goes on with it ${state}${laterText(later)}`,
        later,
        ...danger,
      };
    }
    return is.guarded
      ? {
          path: "guard",
          end: "lost",
          beginning,
          what: `is lost with the JobManager's restart; its guard starts it again ${state}`,
          ...danger,
        }
      : {
          path: "nothing",
          end: "lost",
          beginning: "none",
          what: "is lost with the JobManager's restart, and it has no guard that would start it again",
          danger: "is lost with the JobManager's restart, and it has no guard that would start it again",
        };
  }
  if (!same(was.taskManager.template, now.taskManager.template)) {
    return {
      path: "tasks",
      end: "restarts",
      beginning,
      what: `is not resubmitted: its tasks restart ${state} while TaskManagers roll`,
      ...danger,
    };
  }
  const [before, after] = [was.taskManager, now.taskManager];
  if (before.least === after.least && before.most === after.most)
    return { ...left, what: "is not restarted" };
  if (before.least !== before.most || after.least !== after.most) {
    const what = "is not restarted; the autoscaler may rescale it";
    return { ...left, end: "mayRestart", beginning, what };
  }
  const more = after.most > before.most;
  // A job in reactive mode uses every slot.
  const enough = now.config.get("scheduler-mode") !== "reactive" && wanted <= slotsOf(more ? was : now).most;
  if (enough && more)
    return { ...left, what: "is not restarted: there are enough slots without the new ones" };
  if (enough) {
    const what = `is not resubmitted: if one of the TaskManagers that end has tasks of it, they restart ${state}`;
    const duration = `no pause, or ${rescaling(false)}`;
    return { path: "goesOn", end: "mayRestart", beginning, what, duration, ...danger };
  }
  const what = `is not resubmitted: it rescales ${state}`;
  return { path: "rescales", end: "restarts", beginning, what, duration: rescaling(more), ...danger };
}

/** A continuing job whose state the new version, plan or maximum parallelism may not be able to read. */
function misfit(
  was: JobFacts | undefined,
  is: JobFacts | undefined,
  oldCluster: ClusterFacts | undefined,
  newCluster: ClusterFacts | undefined,
  { beginning, danger, path, later = [] }: Said,
): { danger?: string } {
  if (!was || !is || !oldCluster || !newCluster || danger !== undefined) return {};
  if (beginning !== "savepoint" && beginning !== "checkpoint") return {};
  const submitted = path !== "takenOver" && path !== "tasks";
  const [old, now] = [oldCluster.version, newCluster.version];
  const begins = "may not start from its state:";
  if (submitted && /^\d+/.exec(old)?.[0] !== /^\d+/.exec(now)?.[0]) {
    return {
      danger: `${begins} Flink does not promise that ${now} reads what ${old} has written. Try it with a copy of a savepoint first (docs/upgrading-flink.md)`,
    };
  }
  if (submitted && is.script !== undefined && minorOf(old) !== minorOf(now)) {
    return {
      danger: `${begins} it is written in SQL, and Flink ${minorOf(now)} may plan its script otherwise than ${minorOf(old)} did. Try it with a copy of a savepoint first (docs/upgrading-flink.md)`,
    };
  }
  const [before, after] = [maxParallelism(was, oldCluster), maxParallelism(is, newCluster)];
  if (after.set && before.value !== after.value && (submitted || later.includes(maxParallelismOption))) {
    const when = submitted ? "" : " with its next revision";
    return {
      danger: `does not start from its state${when}: ${maxParallelismOption} is ${after.value}, and its state is spread over ${before.value ?? "another number"}, for ever. Take the change back (docs/upgrading-flink.md)`,
    };
  }
  return {};
}

const maxParallelismOption = "pipeline.max-parallelism";

/** If none is set, Flink derives it from the parallelism, and prefers the value in the state. */
function maxParallelism(job: JobFacts, cluster: ClusterFacts): { set: boolean; value: number | undefined } {
  const set = Number(job.config.get(maxParallelismOption) ?? cluster.config.get(maxParallelismOption) ?? -1);
  if (set > 0) return { set: true, value: set };
  const { parallelism } = job;
  if (parallelism === undefined) return { set: false, value: undefined };
  const power = 2 ** Math.ceil(Math.log2(parallelism + Math.floor(parallelism / 2)));
  return { set: false, value: Math.min(Math.max(power, 128), 32768) };
}

function minorOf(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}

/** Options that a job stores at submission, and so keeps under a new leader until it is submitted again. */
function takenLater({ config }: JobFacts, was: ClusterFacts, now: ClusterFacts): string[] {
  const minor = minorOf(now.version);
  const options = new Set([...was.config.keys(), ...now.config.keys()]);
  return [...options].sort().filter((option) => {
    // The job's own value wins in any case.
    if (was.config.get(option) === now.config.get(option) || config.has(option)) return false;
    const taken = takenOf(option, minor);
    if (!taken?.includes("submission")) return false;
    // If the job stores no value, the new leader's may apply. A restart strategy is stored as a whole.
    const stored = option.startsWith("restart-strategy.") ? "restart-strategy.type" : option;
    return taken.length === 1 || was.config.has(stored);
  });
}

function takenOf(option: string, minor: string): readonly Moment[] | undefined {
  try {
    return takenAt(option, loadCatalogue(minor));
  } catch {
    return undefined; // a version that this package does not know
  }
}

function laterText(options: readonly string[]): string {
  if (options.length === 0) return "";
  const shown = options.slice(0, 5).join(", ");
  const more = options.length > 5 ? `, and ${options.length - 5} more options,` : "";
  const take = options.length === 1 ? "takes" : "take";
  return `; ${shown}${more} ${take} effect with the job's next revision`;
}

function differences(was: JobFacts, is: JobFacts, newCluster: ClusterFacts | undefined): string[] {
  const found: string[] = [];
  const add = (name: string, a: unknown, b: unknown): void => {
    if (a !== b) found.push(`${name}: ${shown(a)} → ${shown(b)}`);
  };
  add("jar", was.jar, is.jar);
  if (was.image !== is.image && is.image === newCluster?.image) found.push("image: that of the cluster");
  else add("image", was.image, is.image);
  add("entryClass", was.entryClass, is.entryClass);
  // A SQL script's changed lines are shown separately.
  if (was.script === undefined || is.script === undefined) add("arguments", was.arguments, is.arguments);
  add("parallelism", was.parallelism, is.parallelism);
  for (const key of [...new Set([...was.config.keys(), ...is.config.keys()])].sort()) {
    add(key, was.config.get(key), is.config.get(key));
  }
  add("upgradeMode", was.upgradeMode, is.upgradeMode);
  add("fallback", was.fallback, is.fallback);
  add("initialSavepoint", was.initialSavepoint, is.initialSavepoint);
  add("restoreNonce", was.restoreNonce, is.restoreNonce);
  add("allowNonRestoredState", was.allowNonRestoredState, is.allowNonRestoredState);
  add("startTimeout", was.startTimeout, is.startTimeout);
  add("guard", was.guarded, is.guarded);
  const same = was.restartHash === is.restartHash && was.script === is.script;
  if (found.length === 0 && was.revision !== is.revision && same) {
    found.push("a value that is not shown here (a secret, or a checksum)");
  }
  return found;
}

function shown(value: unknown): string {
  return value === undefined || value === "" ? "(none)" : String(value as string);
}
