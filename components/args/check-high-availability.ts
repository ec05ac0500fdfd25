import { below, type Location } from "../flink/file-systems";
import { milliseconds } from "../flink/durations";
import { contentHash } from "../names";
import type { Problem } from "../problems";
import { type Context, type Feature, type Findings, forBoth } from "./additions";
import { checkSame, readLocation, type StorageModel } from "./check-storage";
import { checkCount } from "./scaling";
import { joinPath } from "./shape";

/** High availability, after validation. */
export interface HighAvailabilityModel {
  /** Id of the ConfigMaps (`kubernetes.cluster-id`) and of the directory (`high-availability.cluster-id`). */
  clusterId: string;
  storageDirectory: string;
}

/** Flink's limit for `kubernetes.cluster-id`: the names of ConfigMaps start with it. */
const maximumIdLength = 45;

const election = "high-availability.kubernetes.leader-election.";

/**
 * A leader that cannot renew its lease stops after 10 s, before another may start after 15 s. With Flink's
 * own values both lead for a moment. These values are those of Kubernetes' own controllers.
 */
const timings: Record<string, string> = {
  [`${election}lease-duration`]: "15 s",
  [`${election}renew-deadline`]: "10 s",
  [`${election}retry-period`]: "2 s",
};

/**
 * Registration of TaskManagers with a single JobManager. Both start together, so a TaskManager retries after
 * 1 s instead of Flink's 10 s. If only the JobManager is replaced, a TaskManager may keep asking the old one:
 * it restarts after 2 min, not after Flink's 5 min.
 */
const alone: Record<string, string> = {
  "cluster.registration.error-delay": "1 s",
  "taskmanager.registration.timeout": "2 min",
};

/** Additions of `highAvailability` to the cluster. */
export function checkHighAvailability(
  context: Context,
  { problems }: Findings,
  storage: StorageModel | undefined,
): Feature<HighAvailabilityModel> {
  const { args, namespace } = context;
  const given = args.highAvailability;
  if (!given) {
    checkAlone(context, problems);
    return { additions: { argument: "highAvailability", jobManager: {}, taskManager: { defaults: alone } } };
  }
  const before = problems.length;
  if (!args.storage) {
    const reason =
      "a new JobManager must be able to read the state of the previous one, and there is no storage for it";
    problems.push({
      path: "highAvailability",
      reason,
      fix: "set storage.directory, such as s3://bucket/flink",
    });
  }
  const generation = given.generation ?? 1;
  const counted = "generations start at 1";
  checkCount("highAvailability.generation", generation, 1, counted, problems);
  const storageDirectory = readDirectory(given.storageDirectory, storage?.directory, problems);
  checkTimings(context, problems);
  const clusterId = highAvailabilityId(context, storageDirectory, generation);
  const additions = forBoth("highAvailability", {
    options: {
      "high-availability.type": "kubernetes",
      "high-availability.storageDir": storageDirectory ?? "",
      "high-availability.cluster-id": clusterId,
      "kubernetes.cluster-id": clusterId,
      "kubernetes.namespace": namespace.name,
    },
    defaults: timings,
    usesApiServer: true,
  });
  if (problems.length > before || storageDirectory === undefined) return { additions };
  return { additions, model: { clusterId, storageDirectory } };
}

function readDirectory(
  given: string | undefined,
  storage: Location | undefined,
  problems: Problem[],
): string | undefined {
  if (given === undefined) return storage && below(storage, "ha");
  const path = "highAvailability.storageDirectory";
  const location = readLocation(path, given, problems);
  if (location && storage) checkSame(path, location, storage, problems);
  return location?.uri;
}

/**
 * An id that is stable across updates and differs for every other cluster that may share the storage. A new
 * Flink minor version cannot read the stored jobs, which are serialised Java objects. With another directory
 * Flink would not find their jars, and would fail the jobs.
 */
function highAvailabilityId(
  { name, namespace, release, stack }: Context,
  directory: string | undefined,
  generation: number,
): string {
  const hash = contentHash([stack, namespace.name, name, release.minor, directory, generation]);
  return `${name.slice(0, maximumIdLength - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

function checkAlone({ args }: Context, problems: Problem[]): void {
  const replicas = args.jobManager?.replicas ?? 1;
  if (replicas <= 1) return;
  problems.push({
    path: "jobManager.replicas",
    value: replicas,
    reason: "without high availability each JobManager would be a separate cluster of the same name",
    fix: "write 1, or set highAvailability",
  });
}

/**
 * The order that the leader election requires. A single given timing is checked against the defaults of the
 * others.
 */
function checkTimings({ args }: Context, problems: Problem[]): void {
  const value = (option: string) => {
    const given = args.config?.[option];
    return typeof given === "string" ? given : timings[option];
  };
  const [lease, renew, retry] = Object.keys(timings).map((option) => milliseconds(value(option)) ?? NaN);
  const check = (option: string, wrong: boolean, reason: string, fix: string) => {
    if (!wrong) return;
    problems.push({
      path: joinPath("config", `${election}${option}`),
      value: value(`${election}${option}`),
      reason,
      fix,
    });
  };
  check(
    "renew-deadline",
    renew > lease,
    `a leader that cannot renew its lease must stop before others may take over, after ${value(`${election}lease-duration`)}`,
    "write less than the lease-duration",
  );
  check(
    "retry-period",
    retry * 1.2 >= renew,
    `a leader needs time for more than one attempt within the renew-deadline of ${value(`${election}renew-deadline`)}`,
    "write a fifth of the renew-deadline",
  );
}
