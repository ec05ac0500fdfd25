import * as pulumi from "@pulumi/pulumi";
import {
  type ArtifactHttpArgs,
  artifactHttpShape,
  type ArtifactStorageArgs,
  artifactStorageShape,
  checkArtifact,
  emptyJar,
  jarPath,
  type Report,
} from "./artifact";
import { nearest } from "../flink/nearest";
import { withoutEffect } from "../flink/without-effect";
import { componentName, dnsName, maximumClusterNameLength } from "../names";
import { guardMetadata, ownGuardPod } from "../kubernetes/guard";
import { ownSubmitterPod, submitterMetadata } from "../kubernetes/submission";
import type { Problem } from "../problems";
import { combine } from "./additions";
import { allPodsShape } from "./all-pods";
import { type OwnPod, podModel } from "./check-pods";
import type { PodModel } from "./model";
import { type PodArgs, podShape } from "./pods";
import type { FlinkConnection } from "./connection";
import { type FlinkJobArgs, UpgradeMode } from "./job";
import {
  checkPython,
  jobIdMark,
  mainModule,
  type PythonArgs,
  pythonDriver,
  type PythonProgram,
  pythonRunner,
  pythonShape,
  uploadedMark,
} from "./python";
import { withoutSecrets } from "./secrecy";
import { checkPeriodicSavepoints, type PeriodicSavepointsArgs, periodicSavepointsShape } from "./savepoints";
import {
  asText,
  type ShapeOf,
  checkShape,
  isInexact,
  isLater,
  isPlainObject,
  joinPath,
  plainNumber,
} from "./shape";
import { checkSql, isFlink1, type SqlArgs, sqlDriver, sqlScriptClass, sqlShape } from "./sql";

/** All data for the submission of a job, plain, with defaults filled in. */
export interface JobModel {
  name: string;
  connection: FlinkConnection;
  /** Location of the jar; `emptyJar` if the program is part of Flink. */
  jar: string;
  /** Sent instead of the jar for a Python program. */
  python?: PythonProgram;
  /** SHA-256 of the jar, in lower-case hexadecimal digits. */
  jarChecksum?: string;
  jarStorage?: ArtifactStorageArgs;
  jarHttp?: ArtifactHttpArgs;
  entryClass?: string;
  /** Entries may be references to entries of the job's Secret, as may values of `config`. */
  programArguments: string[];
  parallelism: number;
  config: Record<string, string>;
  upgradeMode: UpgradeMode;
  fallback: boolean;
  rollback: boolean;
  initialSavepoint?: string;
  restoreNonce?: string;
  allowNonRestoredState: boolean;
  bounded: boolean;
  startTimeout: number;
  image: string;
  imagePullSecrets: string[];
  submitter: PodModel;
  /** Hash of the content of the job's Secret, if there is one. */
  secretsHash?: string;
  guard: boolean;
  guardPod: PodModel;
  /** Whether the ledger stays when the stack is destroyed. */
  retainLedger: boolean;
  /** For a job of an application: the revision, which is that of the JobManager. */
  carriedRevision?: string;
  /**
   * For such a job: seconds after its end until its pods are removed, and the TaskManagers' object
   * (`deployments/NAME`).
   */
  ttl?: { seconds: number; taskManagers: string };
}

/**
 * The requests of this revision and the previous one must fit into the ledger (1 MiB). JSON may double their
 * size.
 */
const maximumArgumentsLength = 128 * 1024;

const defaultStartTimeout = 300;

export const jobShape: ShapeOf<FlinkJobArgs> = {
  cluster: "any",
  jar: "any",
  sql: { object: sqlShape },
  python: { object: pythonShape },
  jarChecksum: "any",
  jarStorage: { object: artifactStorageShape },
  jarHttp: { object: artifactHttpShape },
  entryClass: "any",
  arguments: { hidden: "any" },
  parallelism: "any",
  config: "inputMap",
  upgradeMode: "text",
  fallback: "boolean",
  rollback: "boolean",
  initialSavepoint: "any",
  restoreNonce: "any",
  allowNonRestoredState: "boolean",
  bounded: "boolean",
  startTimeout: "number",
  image: "any",
  imagePullSecrets: "any",
  savepoints: { object: periodicSavepointsShape },
  submitter: { object: podShape },
  guard: "boolean",
  guardPod: { object: podShape },
  retainLedger: "boolean",
};

/** Options that Flink reads when a process starts. In a job they would have no effect. */
const processOptions =
  /^(jobmanager|taskmanager|high-availability|rest|blob|rpc|pekko|akka|kubernetes|security|env|web|metrics\.reporters?|process|resourcemanager|slotmanager|cluster|heartbeat|plugin|io\.tmp)\b/;

/**
 * Checks the arguments of a job, as far as they are known. Outputs are checked again once they have values.
 *
 * @param given the arguments before Outputs had values. Default: `args`
 */
export function checkJob(name: string, args: FlinkJobArgs, given: FlinkJobArgs = args): Problem[] {
  return withoutSecrets(problemsOf(name, args), jobShape, given);
}

function problemsOf(name: string, args: FlinkJobArgs): Problem[] {
  const { problems, value: shaped } = checkShape("", args ?? {}, jobShape);
  const bad = (path: string, value: unknown, reason: string, fix: string) =>
    void problems.push({ path, value, reason, fix });
  const given = (args ?? {}) as Partial<FlinkJobArgs>;

  if (!componentName.test(name) || name.length > maximumClusterNameLength) {
    bad(
      "name",
      name,
      `the name becomes part of the names of Kubernetes objects: it needs a letter first, then lower-case letters, digits and single dashes, no dash at the end, and at most ${maximumClusterNameLength} characters`,
      'write a name such as "my-job"',
    );
  }
  checkConnection(given.cluster, bad);
  checkProgram(
    {
      ...given,
      jarStorage: shaped.jarStorage ?? given.jarStorage,
      jarHttp: shaped.jarHttp ?? given.jarHttp,
    } as Partial<FlinkJobArgs>,
    problems,
  );
  checkText(
    "entryClass",
    given.entryClass,
    bad,
    "write the full class name, or leave it out to use the manifest of the jar",
  );
  if (
    typeof given.entryClass === "string" &&
    !/^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$/u.test(given.entryClass)
  ) {
    bad(
      "entryClass",
      given.entryClass,
      "this is not the name of a Java class",
      'write it with its package, for example "com.example.MyJob"',
    );
  }
  checkText(
    "image",
    given.image,
    bad,
    "write an image reference, or leave it out to use the image of the cluster",
  );
  checkList("arguments", given.arguments, bad);
  checkList("imagePullSecrets", given.imagePullSecrets, bad);
  checkLength("arguments", given.arguments, bad);
  checkLength("sql.script", [(given.sql as Partial<SqlArgs> | undefined)?.script], bad);
  checkLength("python.script", [(given.python as Partial<PythonArgs> | undefined)?.script], bad);
  checkParallelism(given.parallelism, given.config, bad);
  checkConfig(given.config, bad);

  if (shaped.savepoints !== undefined)
    checkPeriodicSavepoints(shaped.savepoints as Partial<PeriodicSavepointsArgs>, problems);
  checkPod((shaped.submitter ?? {}) as PodArgs, ownSubmitterPod, problems);
  checkPod((shaped.guardPod ?? {}) as PodArgs, ownGuardPod, problems);
  const modes: unknown[] = Object.values(UpgradeMode);
  if (given.upgradeMode !== undefined && !modes.includes(given.upgradeMode)) {
    const meant = nearest(String(given.upgradeMode), modes.map(String));
    const fix = meant ? `write ${meant}` : `use one of: ${modes.join(", ")}`;
    bad("upgradeMode", given.upgradeMode, "Flink jobs have no upgrade mode of this name", fix);
  }
  checkRestore(given, bad);
  const timeout: unknown = given.startTimeout;
  if (typeof timeout === "number" && !(Number.isInteger(timeout) && timeout >= 30 && timeout <= 86400)) {
    bad(
      "startTimeout",
      timeout,
      "this must be a whole number of seconds from 30 to 86400",
      `write for example ${defaultStartTimeout}`,
    );
  }
  return problems;
}

function checkRestore({ initialSavepoint, restoreNonce }: Partial<FlinkJobArgs>, bad: Report): void {
  const fix =
    'write a URI, for example "s3://bucket/savepoints/savepoint-1", or leave it out to start without state';
  checkText("initialSavepoint", initialSavepoint, bad, fix);
  if (typeof initialSavepoint === "string" && initialSavepoint.trim() !== "") {
    // Only a URI means the same on every pod. Flink resolves a bare path in a default file system.
    if (!/^[a-z][a-z0-9+.-]*:\/\/?[^\s]+$/i.test(initialSavepoint))
      bad(
        "initialSavepoint",
        initialSavepoint,
        "this is not a URI that Flink could read a savepoint from",
        fix,
      );
  }
  checkText(
    "restoreNonce",
    isInexact(restoreNonce) ? restoreNonce : (asText(restoreNonce) ?? restoreNonce),
    bad,
    "write a text, for example a date, or leave it out",
  );
  if (typeof restoreNonce === "string" && restoreNonce.length > 200)
    bad("restoreNonce", restoreNonce, "this is longer than 200 characters", "write a short text");
}

function checkConnection(connection: unknown, bad: Report): void {
  if (isLater(connection)) return;
  const fix = "pass the `connection` output of a FlinkCluster";
  if (pulumi.Resource.isInstance(connection)) {
    const whole = "connection" in connection;
    const reason = whole
      ? "this is the FlinkCluster itself, but a job takes only the connection to it"
      : "this resource has no `connection` output: jobs run on a FlinkCluster";
    bad("cluster", undefined, reason, whole ? "pass its `connection` output: append .connection" : fix);
    return;
  }
  if (typeof connection !== "object" || connection === null) {
    bad("cluster", connection, "a job needs the connection to its cluster", fix);
    return;
  }
  const texts: (keyof FlinkConnection)[] = [
    "clusterName",
    "namespace",
    "restUrl",
    "jobManagerHost",
    "image",
    "restartHash",
  ];
  const numbers: (keyof FlinkConnection)[] = ["restPort", "defaultParallelism"];
  for (const field of texts) {
    const value: unknown = (connection as FlinkConnection)[field];
    if (!isLater(value) && (typeof value !== "string" || value === ""))
      bad(`cluster.${field}`, value, "this must be a non-empty string", fix);
  }
  for (const field of numbers) {
    const value: unknown = (connection as FlinkConnection)[field];
    if (!isLater(value) && (!Number.isInteger(value) || (value as number) < 1)) {
      bad(`cluster.${field}`, value, "this must be a whole number, at least 1", fix);
    }
  }
  const { pods, imagePullSecrets } = connection as FlinkConnection;
  if (pods !== undefined && !isLater(pods)) {
    for (const { path, value, reason } of checkShape("cluster.pods", pods, allPodsShape).problems)
      bad(path, value, reason, fix);
  }
  checkList("cluster.imagePullSecrets", imagePullSecrets, bad);
  checkConnectionTls(connection as FlinkConnection, bad, fix);
}

function checkConnectionTls(connection: FlinkConnection, bad: Report, fix: string): void {
  const { restTlsSecret, restClientAuthentication, restUrl } = connection as Partial<FlinkConnection>;
  if (isLater(restTlsSecret) || isLater(restClientAuthentication) || isLater(restUrl)) return;
  if (restTlsSecret !== undefined && !(typeof restTlsSecret === "string" && dnsName.test(restTlsSecret))) {
    bad("cluster.restTlsSecret", restTlsSecret, "this must be the name of a Secret", fix);
  }
  if (restClientAuthentication !== undefined && typeof restClientAuthentication !== "boolean") {
    bad("cluster.restClientAuthentication", restClientAuthentication, "this must be true or false", fix);
  }
  if (String(restUrl).startsWith("https:") !== (restTlsSecret !== undefined)) {
    const reason = restTlsSecret
      ? "cluster.restTlsSecret is set to verify the REST API, but this URL is plain HTTP"
      : "this URL is HTTPS, but without cluster.restTlsSecret the certificate of the REST API cannot be verified";
    bad("cluster.restUrl", restUrl, reason, fix);
  }
}

function checkText(path: string, value: unknown, bad: Report, fix: string, required = false): void {
  if (isLater(value) || (value === undefined && !required)) return;
  if (typeof value !== "string" || value.trim() === "")
    bad(path, value, "this must be a non-empty string", fix);
}

function checkList(path: string, list: unknown, bad: Report): void {
  if (list === undefined || isLater(list)) return;
  if (!Array.isArray(list)) {
    bad(path, list, "this must be a list", "write a list, also for one entry");
    return;
  }
  list.forEach((item: unknown, index) => {
    const at = `${path}[${index}]`;
    if (isLater(item)) return;
    if (typeof item !== "string" && (asText(item) === undefined || isInexact(item)))
      bad(at, item, "this must be a string", "write it in quotes");
    else if (typeof item === "string" && item.includes("\0"))
      bad(at, undefined, "a NUL character cannot be passed to a program", "remove it");
  });
}

function checkLength(path: string, list: unknown, bad: Report): void {
  if (!Array.isArray(list)) return;
  const known = list.filter((item): item is string => typeof item === "string");
  const length = known.reduce((sum, item) => sum + Buffer.byteLength(item), 0);
  if (length > maximumArgumentsLength) {
    const fix =
      "put the data into a file in the image or into a ConfigMap that the cluster mounts, and pass its path";
    bad(
      path,
      undefined,
      `this is ${length} bytes long, but at most ${maximumArgumentsLength} bytes fit into a Kubernetes object`,
      fix,
    );
  }
}

function checkParallelism(parallelism: unknown, config: FlinkJobArgs["config"], bad: Report): void {
  if (parallelism === undefined || isLater(parallelism)) return;
  if (!Number.isInteger(parallelism) || (parallelism as number) < 1 || (parallelism as number) > 32768) {
    const number = typeof parallelism === "string" ? plainNumber(parallelism) : "write a number";
    const fix = `${number}, or leave it out to use all slots of the cluster at its largest`;
    bad("parallelism", parallelism, "this must be a whole number from 1 to 32768, Flink's maximum", fix);
  }
  const maximum = config?.["pipeline.max-parallelism"];
  if (typeof maximum === "string" && Number(parallelism) > Number(maximum) && Number(maximum) > 0) {
    bad(
      "parallelism",
      parallelism,
      `this is above pipeline.max-parallelism (${maximum}), the limit for as long as the job keeps its state`,
      "lower it, or raise pipeline.max-parallelism",
    );
  }
}

function checkConfig(config: unknown, bad: Report): void {
  if (typeof config !== "object" || config === null) return;
  for (const [key, value] of Object.entries(config)) {
    // The shape check reports nested options.
    if (isPlainObject(value)) continue;
    const path = joinPath("config", key);
    const shown = typeof value === "string" ? value : undefined;
    if (!/^[A-Za-z0-9_$][-\w.$]*$/.test(key)) {
      bad(
        path,
        shown,
        "this is not the name of a Flink option",
        "write it as in Flink's documentation, for example execution.checkpointing.interval",
      );
    } else if (key === "parallelism.default") {
      bad(path, shown, "the argument `parallelism` sets this option", "use `parallelism`");
    } else if (key === "pipeline.jars") {
      bad(
        path,
        shown,
        "Flink replaces this with the submitted jar, and would not read it",
        "put the libraries into the job's jar; for SQL and Python, put them into the image's lib directory. If they are elsewhere in the cluster's image, write pipeline.classpaths: file:///opt/flink/usrlib/library.jar",
      );
    } else if (key === "$internal.pipeline.job-id") {
      bad(path, shown, "the component sets the job id, and finds the job again by it", "leave it out");
    } else if (processOptions.test(key)) {
      const idle = withoutEffect(key);
      const reason = "Flink reads this option when a process of the cluster starts, not for one job";
      bad(
        path,
        shown,
        idle?.reason ?? reason,
        idle ? ofCluster(idle.fix) : "move it to `config` of the FlinkCluster",
      );
    }
  }
}

/** Says that the arguments in the fix belong to the cluster. */
function ofCluster(fix: string): string {
  return fix.includes("set ") ? `${fix} of the FlinkCluster` : fix;
}

/** A job has one program: a jar, a script for Flink's own driver, or a Python program. */
function checkProgram(given: Partial<FlinkJobArgs>, problems: Problem[]): void {
  if (given.python !== undefined && given.python !== null) {
    const reason = "`python` is the program of this job, and a job has one";
    for (const field of ["jar", "sql", "entryClass"] as const) {
      if (given[field] !== undefined && given[field] !== null)
        problems.push({ path: field, reason, fix: "leave out this or `python`" });
    }
    const { python, jarChecksum, jarStorage, jarHttp } = given;
    if (typeof python === "object") checkPython({ ...python, jarChecksum, jarStorage, jarHttp }, problems);
    if (given.config?.["python.files"] !== undefined) {
      const path = joinPath("config", "python.files");
      problems.push({
        path,
        reason: "the argument `python.pyFiles` sets this option",
        fix: "use `python.pyFiles`",
      });
    }
    return;
  }
  if (given.sql === undefined || given.sql === null) {
    checkArtifact(given, problems);
    return;
  }
  const reason = "`sql` is the program of this job, and a job has one";
  for (const field of ["jar", "jarChecksum", "jarStorage", "jarHttp", "entryClass", "arguments"] as const) {
    if (given[field] !== undefined && given[field] !== null)
      problems.push({ path: field, reason, fix: "leave out this or `sql`" });
  }
  const version: unknown = isLater(given.cluster)
    ? undefined
    : (given.cluster as FlinkConnection | undefined)?.flinkVersion;
  if (typeof given.sql === "object") checkSql(given.sql, version, problems);
}

/** The model of a job whose arguments are all known and valid. */
export function jobModel(name: string, args: ResolvedJobArgs): JobModel {
  const connection = args.cluster;
  const follows = connection.pods ?? {};
  const given = Object.entries(args.config ?? {}).map(([key, value]) => [key, String(value)] as const);
  return {
    name,
    connection,
    jar: jarPath(args.jar ?? args.python?.file ?? emptyJar),
    ...(args.jarChecksum === undefined
      ? {}
      : { jarChecksum: args.jarChecksum.toLowerCase().replace(/^sha256:/, "") }),
    ...(args.jarStorage === undefined ? {} : { jarStorage: args.jarStorage }),
    ...(args.jarHttp === undefined ? {} : { jarHttp: args.jarHttp }),
    ...program(args),
    parallelism: args.parallelism ?? connection.defaultParallelism,
    config: Object.fromEntries([...given, ...pythonFiles(args)]),
    upgradeMode: args.upgradeMode ?? (args.bounded ? UpgradeMode.Stateless : UpgradeMode.Savepoint),
    fallback: args.fallback ?? true,
    rollback: args.rollback ?? true,
    ...(args.initialSavepoint === undefined ? {} : { initialSavepoint: args.initialSavepoint }),
    ...(args.restoreNonce === undefined ? {} : { restoreNonce: String(args.restoreNonce) }),
    allowNonRestoredState: args.allowNonRestoredState ?? false,
    bounded: args.bounded ?? false,
    startTimeout: args.startTimeout ?? defaultStartTimeout,
    image: args.image ?? connection.image,
    imagePullSecrets: args.imagePullSecrets ?? connection.imagePullSecrets ?? [],
    submitter: jobPod(
      args.submitter ?? {},
      { ...ownSubmitterPod, follows },
      submitterMetadata(connection, name).name,
      [],
    ),
    guard: args.guard ?? true,
    retainLedger: args.retainLedger ?? false,
    guardPod: jobPod(
      args.guardPod ?? { ...args.submitter, podPatch: undefined },
      { ...ownGuardPod, follows },
      guardMetadata(connection, name).name,
      [],
    ),
  };
}

/** The option that lets Python import the archive from the submission, and the job's own files. */
function pythonFiles({ python }: ResolvedJobArgs): [string, string][] {
  return python === undefined ? [] : [["python.files", [uploadedMark, ...(python.pyFiles ?? [])].join(",")]];
}

function program({ cluster, sql, python, entryClass, arguments: given }: ResolvedJobArgs) {
  if (sql !== undefined) {
    const driver = isFlink1(cluster.flinkVersion) ? sqlScriptClass : sqlDriver;
    return { entryClass: driver, programArguments: ["--script", sql.script] };
  }
  if (python !== undefined) {
    const { script, module = mainModule } = python;
    return {
      entryClass: pythonDriver,
      // The job's own arguments are in the archive. The arguments here are on a command line in the
      // JobManager.
      programArguments: ["-pym", pythonRunner, jobIdMark],
      python: { ...(script === undefined ? {} : { script }), module, arguments: (given ?? []).map(String) },
    };
  }
  return { ...(entryClass === undefined ? {} : { entryClass }), programArguments: (given ?? []).map(String) };
}

function checkPod(args: PodArgs, own: typeof ownSubmitterPod, problems: Problem[]): void {
  if (args.extraJars !== undefined) {
    const reason = "these pods do not run Flink, so they have no class path for jars";
    const fix = "set extraJars of jobManager and taskManager of the FlinkCluster";
    problems.push({ path: `${own.role}.extraJars`, reason, fix });
  }
  jobPod(args, { ...own, follows: {} }, "", problems);
}

function jobPod(
  args: PodArgs,
  own: typeof ownSubmitterPod & Pick<OwnPod, "follows">,
  serviceAccountName: string,
  problems: Problem[],
): PodModel {
  // Skips the Pod Security check: only the namespace's owner knows how strict the namespace is.
  return podModel(args, combine([]), { ...own, serviceAccountName }, { problems, warnings: [] });
}

/** FlinkJobArgs with values for all Outputs. */
export interface ResolvedJobArgs {
  cluster: FlinkConnection;
  jar?: string;
  sql?: { script: string };
  python?: { script?: string; file?: string; module?: string; pyFiles?: string[] };
  jarChecksum?: string;
  jarStorage?: ArtifactStorageArgs;
  jarHttp?: ArtifactHttpArgs;
  entryClass?: string;
  arguments?: string[];
  parallelism?: number;
  config?: Record<string, string>;
  upgradeMode?: UpgradeMode;
  fallback?: boolean;
  rollback?: boolean;
  initialSavepoint?: string;
  restoreNonce?: string;
  allowNonRestoredState?: boolean;
  bounded?: boolean;
  startTimeout?: number;
  image?: string;
  imagePullSecrets?: string[];
  submitter?: PodArgs;
  guard?: boolean;
  guardPod?: PodArgs;
  retainLedger?: boolean;
}
