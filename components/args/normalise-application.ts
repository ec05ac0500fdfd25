import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problems";
import { applicationOnlyShape, applicationShape, type FlinkApplicationArgs } from "./application";
import { jarPath } from "./artifact";
import { carriedJobModel } from "./carried-job";
import { checkJob } from "./check-job";
import { ledgerProblems } from "./check-job-config";
import { checkJobRoom } from "./check-job-room";
import type { FlinkClusterArgs } from "./cluster";
import type { FlinkConnection } from "./connection";
import type { FlinkJobArgs } from "./job";
import { type Normalised, normaliseCluster } from "./normalise";
import { argumentPlaceholders } from "./placeholders";
import { secretArguments } from "./check-arguments";
import { withoutSecrets } from "./secrecy";
import { checkShape, isPlainObject } from "./shape";

/**
 * Checks the arguments of an application: the cluster's as FlinkCluster does, the job's as FlinkJob does.
 *
 * @param stack project and stack of the program.
 */
export function normaliseApplication(name: string, given: FlinkApplicationArgs, stack = ""): Normalised {
  const shaped = checkShape("", given, applicationShape);
  const all: Record<string, unknown> = isPlainObject(given) ? given : {};
  const ofJob = (key: string) =>
    Object.hasOwn(applicationOnlyShape, key) || !Object.hasOwn(applicationShape, key);
  const part = (from: Record<string, unknown>, wanted: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(from).filter(([key]) => wanted(key)));
  const args = part(shaped.value, ofJob) as unknown as FlinkApplicationArgs;
  // Problems of the cluster's arguments are reported by the cluster's check.
  const ownProblems = shaped.problems.filter(({ path }) => ofJob(/^\w*/.exec(path)![0]));
  const clusterArgs = part(all, (key) => !ofJob(key)) as unknown as FlinkClusterArgs;
  const { model, problems, warnings } = normaliseCluster(name, clusterArgs, stack, args);
  const { create = true, retain = false } = clusterArgs.namespace ?? {};
  const ledger = ledgerProblems(args.retainLedger === true, create === false || retain === true);
  const own = [...ownProblems, ...checkJobPart(name, args), ...ledger];
  const found = [...withoutSecrets(own, applicationShape, given), ...problems];
  if (model && found.length === 0) found.push(...checkJobRoom(carriedJobModel(model, args)));
  const suspect = [...secretArguments(args.arguments), ...argumentPlaceholders(args.arguments)];
  return {
    problems: found,
    warnings: [...warnings, ...withoutSecrets(suspect, applicationShape, given)],
    ...(model && found.length === 0 ? { model } : {}),
  };
}

/** The connection exists only once the cluster exists. */
const clusterToCome = pulumi.output(undefined) as unknown as pulumi.Output<FlinkConnection>;

/** Stands for a jar that Flink finds by itself. */
const someJar = "/opt/flink/usrlib/job.jar";

function checkJobPart(name: string, args: FlinkApplicationArgs): Problem[] {
  const job: FlinkJobArgs & Pick<FlinkApplicationArgs, "reactive" | "ttlSecondsAfterFinished"> = {
    ...args,
    jar: args.jar ?? someJar,
    cluster: clusterToCome,
    // Arguments that only an application has are checked with its cluster.
    reactive: undefined,
    ttlSecondsAfterFinished: undefined,
  };
  const found = checkJob(name, job).filter(
    // The cluster's check reports the name, and an application's jar has its own, narrower check.
    ({ path }) => path !== "name" && path !== "jar" && path !== "jarChecksum",
  );
  return [...found, ...checkJar(args.jar)];
}

function checkJar(jar: string | undefined): Problem[] {
  if (jar === undefined || /^\/[^"\\\s,;]*\.jar$/i.test(jarPath(jar))) return [];
  const reason =
    "the JobManager loads its program from its own container, so this must be the absolute path of a .jar file there";
  const fix =
    'write the path in the image or on a volume of the JobManager, for example "/opt/flink/usrlib/my-job.jar"';
  return [{ path: "jar", value: jar, reason, fix }];
}
