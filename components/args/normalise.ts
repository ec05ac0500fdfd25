import { checkConfig, checkOptionName, expectedForm } from "../flink/configuration";
import { knownVulnerabilities } from "../flink/security";
import {
  explainUnsupported,
  findRelease,
  type FlinkRelease,
  nearestVersion,
  newestBefore,
} from "../flink/versions";
import { componentName, jobManagerHost, maximumClusterNameLength } from "../names";
import type { Problem } from "../problems";
import { type Additions, combine, type Context, type Findings, forBoth } from "./additions";
import { followedPods } from "./all-pods";
import { applicationShape, type FlinkApplicationArgs } from "./application";
import { checkAllPods } from "./check-all-pods";
import { checkApplication } from "./check-application";
import { checkCheckpointing } from "./check-checkpointing";
import { checkConfigFrom } from "./check-config-from";
import { checkDevices } from "./check-devices";
import { checkDirectories } from "./check-directories";
import { checkExposure } from "./check-exposure";
import { checkHighAvailability } from "./check-high-availability";
import { checkHistoryServer } from "./check-history-server";
import { checkImage, checkJavaVersion, officialImage } from "./check-image";
import { checkKerberos } from "./check-kerberos";
import { checkMonitoring } from "./check-monitoring";
import { checkNamespace } from "./check-namespace";
import { checkNetwork } from "./check-network";
import { checkPatches } from "./check-patches";
import { inKubernetesTexts } from "./check-pods";
import { checkPrepare } from "./check-prepare";
import { checkRoom, quotaLeft } from "./check-room";
import { checkSqlGateway } from "./check-sql-gateway";
import { checkStorage } from "./check-storage";
import { checkTaskManagers } from "./check-task-managers";
import { checkTls, restPeer } from "./check-tls";
import { clusterShape, type FlinkClusterArgs } from "./cluster";
import type { ClusterModel } from "./model";
import { checkOptions, commonOptions, splitOptions, withAdditions } from "./options";
import { meetingOnlyEachOther } from "./meeting";
import { optionPlaceholders } from "./placeholders";
import { jobManagerRole, taskManagerRole } from "./roles";
import { checkCount, normaliseScaling } from "./scaling";
import { withoutSecrets } from "./secrecy";
import { checkShape, joinPath } from "./shape";

export interface Normalised {
  problems: Problem[];
  /** Settings that work but are probably not intended. */
  warnings: Problem[];
  /** Present if there are no problems. */
  model?: ClusterModel;
}

/**
 * Checks the arguments of a cluster and fills in defaults. Reads nothing but its parameters.
 *
 * @param stack project and stack of the program. It distinguishes clusters of the same name that share
 * storage.
 * @param application arguments of the JobManager's job, for an application.
 */
export function normaliseCluster(
  name: string,
  given: FlinkClusterArgs,
  stack = "",
  application?: FlinkApplicationArgs,
): Normalised {
  const { problems, warnings, ...found } = normalise(name, given, stack, application);
  const shape = application ? applicationShape : clusterShape;
  return {
    ...found,
    problems: withoutSecrets(problems, shape, given),
    warnings: withoutSecrets(warnings, shape, given),
  };
}

function normalise(
  name: string,
  given: FlinkClusterArgs,
  stack: string,
  application?: FlinkApplicationArgs,
): Normalised {
  const shaped = checkShape("", given, clusterShape);
  const wellTyped = shaped.value as unknown as FlinkClusterArgs;
  const { pods, jobManager } = wellTyped;
  // Other pods inherit these.
  const args: FlinkClusterArgs = {
    ...wellTyped,
    ...(pods ? { pods: inKubernetesTexts(pods) } : {}),
    ...(jobManager ? { jobManager: inKubernetesTexts(jobManager) } : {}),
  };
  const problems = [...checkName(name), ...shaped.problems];
  const warnings: Problem[] = [];

  const namespace = checkNamespace(name, args.namespace ?? {}, problems);
  checkImage(args, { problems, warnings });
  const known = checkVersion(given, args, problems, warnings);
  // With an unsupported version, everything else is checked against the nearest one, so that all mistakes are
  // reported at once.
  const release = known ?? findRelease(nearestVersion(args.flinkVersion ?? ""))!;
  const wanted = args.taskManager?.slots ?? 1;
  const slots = checkCount("taskManager.slots", wanted, 1, "a job needs slots to run", problems) ? wanted : 1;
  checkNetwork(args.network ?? {}, { problems, warnings });
  checkAllPods(args, { problems, warnings });
  const prepare = checkPrepare(name, namespace.create, args, { problems, warnings });

  problems.push(...checkJavaVersion(args, known));
  const image = args.image ?? officialImage(release, args.javaVersion);
  const findings = { problems, warnings };
  const context = { name, namespace, release, image, args, stack };
  checkAccounts(args, findings);
  warnings.push(...optionPlaceholders(args.config, false));
  const features = checkFeatures(context, findings, application);
  const { additions } = features;
  problems.push(...checkOptions(args, release, additions));
  checkKerberos(args, findings);

  const options = splitOptions(args.config ?? {});
  const inSecrets = Object.keys(args.configFrom ?? {});
  const common = commonOptions(options, release, jobManagerHost(name, namespace.name), slots, inSecrets);
  const roles = meetingOnlyEachOther(
    context,
    checkRoles(context, common, additions, slots, findings),
    features.models.monitoring?.logging,
  );
  const scaling = normaliseScaling(args, { release, slots, options: roles.jobManager.options }, findings);
  const merged = { ...roles.taskManager.options, ...roles.jobManager.options };
  checkValues(args.config ?? {}, merged, release, problems, warnings);
  checkHidden(options.secret, inSecrets, release, findings);
  if (!application) checkJobsOptions(args, warnings);
  const sized = roles.jobManager.memory !== undefined && roles.taskManager.memory !== undefined;
  // Quota and patches are checked despite other mistakes. A model built from wrong arguments is discarded
  // afterwards.
  const model: ClusterModel = {
    name,
    namespace,
    release,
    image,
    imagePullPolicy: args.imagePullPolicy,
    imagePullSecrets: args.imagePullSecrets ?? [],
    user: args.pods?.securityContext,
    followed: followedPods(args),
    jobManager: { memory: unsized, ...roles.jobManager } as ClusterModel["jobManager"],
    taskManager: { memory: unsized, ...roles.taskManager } as ClusterModel["taskManager"],
    scaling,
    secretOptions: options.secret,
    network: { ...args.network, policies: args.network?.policies ?? true },
    prepare,
    ...features.models,
  };
  if (sized) problems.push(...checkRoom(model));
  checkPatches(model, findings);
  if (problems.length > 0) return { problems, warnings };
  warnings.push(...checkDirectories(model), ...checkDevices(model));
  const left = quotaLeft(model);
  return { problems, warnings, model: left === undefined ? model : { ...model, quotaLeft: left } };
}

/** Checks every feature. Storage comes first, because other features depend on it. */
function checkFeatures(context: Context, findings: Findings, given?: FlinkApplicationArgs) {
  const storage = checkStorage(context, findings);
  const checkpointing = checkCheckpointing(context, findings);
  const highAvailability = checkHighAvailability(context, findings, storage.model);
  const taskManagers = checkTaskManagers(context, findings);
  const tls = checkTls(context, findings);
  const monitoring = checkMonitoring(context, findings);
  const configFrom = checkConfigFrom(context, findings);
  const shared = [storage.additions.jobManager, configFrom];
  const historyServer = checkHistoryServer(context, findings, storage.model, shared);
  const { annotations } = tls.additions.jobManager;
  const peer = { ...(tls.model && restPeer(tls.model)), annotations };
  const sqlGateway = checkSqlGateway(context, findings, shared, peer, given !== undefined);
  const application = given && checkApplication(context, given, findings);
  const all = [storage, checkpointing, highAvailability, taskManagers, tls, monitoring, historyServer];
  return {
    additions: [
      ...all.map(({ additions }) => additions),
      forBoth("configFrom", configFrom),
      ...(application ? [application.additions] : []),
    ],
    models: {
      storage: storage.model,
      highAvailability: highAvailability.model,
      taskManagers: taskManagers.model!,
      tls: tls.model,
      exposure: checkExposure(context, findings),
      monitoring: monitoring.model,
      historyServer: historyServer.model,
      sqlGateway,
      application: application?.model,
    },
  };
}

/** Placeholder for a refused memory size, in pods that are only checked. */
const unsized = { processSize: 0, jvmArguments: [], dynamicProperties: [] };

function checkRoles(
  context: Context,
  common: Record<string, string>,
  additions: Additions[],
  slots: number,
  findings: Findings,
) {
  const { args, release } = context;
  const jobManager = combine(additions.map((feature) => feature.jobManager));
  const taskManager = combine(additions.map((feature) => feature.taskManager));
  const replicas = args.jobManager?.replicas ?? 1;
  checkCount("jobManager.replicas", replicas, 1, "a cluster needs a JobManager", findings.problems);
  const elsewhere = [...Object.keys(args.config ?? {}), ...Object.keys(args.configFrom ?? {})];
  const jobManagerOptions = withAdditions(common, jobManager, release, elsewhere);
  const taskManagerOptions = withAdditions(common, taskManager, release, elsewhere);
  return {
    jobManager: {
      ...jobManagerRole(context, jobManagerOptions, jobManager, findings),
      replicas,
    },
    taskManager: {
      ...taskManagerRole(context, taskManagerOptions, taskManager, slots, findings),
      slots,
    },
  };
}

/** A shared account has the rights of both roles. */
function checkAccounts(
  { jobManager, taskManager, highAvailability }: FlinkClusterArgs,
  { warnings }: Findings,
) {
  const name = taskManager?.serviceAccount?.name;
  if (!highAvailability || name === undefined || name !== jobManager?.serviceAccount?.name) return;
  const reason =
    "the JobManager uses the same ServiceAccount, so TaskManagers, which run the code of jobs, could also write its ConfigMaps";
  const fix = "name another for one of the two, or leave it out to get a new one";
  warnings.push({ path: "taskManager.serviceAccount.name", value: name, reason, fix });
}

function checkName(name: string): Problem[] {
  if (componentName.test(name) && name.length <= maximumClusterNameLength) return [];
  return [
    {
      path: "name",
      value: name,
      reason: `the names of Services begin with this name, and they are DNS labels of limited length`,
      fix: `use at most ${maximumClusterNameLength} lower-case letters, digits and single dashes, beginning with a letter and not ending in a dash`,
    },
  ];
}

function checkVersion(
  given: FlinkClusterArgs,
  args: FlinkClusterArgs,
  problems: Problem[],
  warnings: Problem[],
): FlinkRelease | undefined {
  if (args.flinkVersion === undefined) {
    if ((given?.flinkVersion ?? undefined) === undefined) {
      const { fix } = explainUnsupported("");
      const reason = "memory, options and the start of Flink depend on its version";
      problems.push({ path: "flinkVersion", reason, fix });
    }
    return undefined;
  }
  const release = findRelease(args.flinkVersion);
  if (!release) {
    problems.push({
      path: "flinkVersion",
      value: args.flinkVersion,
      ...explainUnsupported(args.flinkVersion),
    });
    return undefined;
  }
  const path = "flinkVersion";
  const value = release.version;
  const newest = newestBefore(value);
  if (newest !== undefined) {
    const reason = `this component does not know this release: the newest that it knows of Flink ${release.minor} is ${newest}`;
    warnings.push({ path, value, reason, fix: `write ${newest}, unless ${value} has been released since` });
  }
  for (const { cve, what, fixed } of knownVulnerabilities(value)) {
    warnings.push({ path, value, reason: `${cve}: ${what}`, fix: `use ${fixed} or later` });
  }
  return release;
}

/**
 * Every submission of a FlinkJob sets its own parallelism. The cluster's applies to programs submitted in
 * other ways.
 */
function checkJobsOptions({ config = {} }: FlinkClusterArgs, warnings: Problem[]): void {
  const option = "parallelism.default";
  if (config[option] === undefined) return;
  warnings.push({
    path: joinPath("config", option),
    value: config[option],
    reason: "this has no effect on a FlinkJob, which always has its own parallelism",
    fix: "leave it out, and set parallelism of each FlinkJob; the default is all slots of the cluster at its largest",
  });
}

/** Checks the user's options against Flink's catalogue. Skips mistakes that are already reported. */
function checkValues(
  given: Record<string, unknown>,
  options: Record<string, string>,
  release: FlinkRelease,
  problems: Problem[],
  warnings: Problem[],
): void {
  for (const { key, severity, reason, fix } of checkConfig(options, release)) {
    const path = joinPath("config", key);
    if (!Object.hasOwn(given, key) || problems.some((problem) => problem.path === path)) continue;
    if (severity === "warning") {
      warnings.push({ path, value: given[key], reason, fix });
      continue;
    }
    // A wrong option has already caused a problem in the memory model.
    const role = /^(job|task)manager\.(memory|cpu)\./.exec(key)?.[1];
    const derived = problems.findIndex((problem) => role && problem.path === `${role}Manager.memory`);
    if (derived >= 0) problems.splice(derived, 1);
    problems.push({ path, value: given[key], reason, fix });
  }
}

/**
 * Checks options with secret or later values, or values in a Secret, against the catalogue: their names, and
 * their form if it is known.
 */
function checkHidden(
  secret: Record<string, unknown>,
  inSecrets: string[],
  release: FlinkRelease,
  { problems, warnings }: Findings,
): void {
  const options = [
    ...Object.entries(secret).map(([key, value]) => ({ path: joinPath("config", key), key, value })),
    ...inSecrets.map((key) => ({ path: joinPath("configFrom", key), key, value: undefined })),
  ];
  for (const { path, key, value } of options) {
    if (problems.some((problem) => problem.path === path)) continue;
    const unknown = checkOptionName(key, release);
    if (unknown) warnings.push({ path, reason: unknown.reason, fix: unknown.fix });
    const expected = typeof value === "string" ? expectedForm(key, value, release) : undefined;
    if (expected) problems.push({ path, reason: `Flink expects ${expected}`, fix: "write it in this form" });
  }
}
