import type { core } from "@pulumi/kubernetes/types/input";
import { canonicalOption, checkConfig } from "../flink/configuration";
import { settingOf, statements } from "../flink/sql-script";
import { findRelease } from "../flink/versions";
import { strategicMerge } from "../kubernetes/merge";
import { ownGuardTemplate } from "../kubernetes/guard";
import { ownTemplate } from "../kubernetes/submission";
import type { Problem } from "../problems";
import type { Findings } from "./additions";
import { checkPatch, checkPatched, protectedPod } from "./check-patch";
import { secretArguments } from "./check-arguments";
import { type JobModel, jobShape } from "./check-job";
import { checkJobRoom } from "./check-job-room";
import { type FlinkJobArgs, UpgradeMode } from "./job";
import type { PodModel } from "./model";
import { isMasked } from "../flink/sensitive";
import { argumentPlaceholders, optionPlaceholders } from "./placeholders";
import { withoutSecrets } from "./secrecy";
import { isPlainObject, joinPath } from "./shape";

type Given = Pick<FlinkJobArgs, "upgradeMode" | "config" | "guardPod" | "arguments" | "sql">;

/**
 * Checks that need the job's cluster: options against the catalogue of its Flink version, and the cluster's
 * capabilities.
 *
 * @param args the program's arguments: values that were Outputs may be secret and are not shown.
 */
export function checkOnCluster(model: JobModel, args: Given): Findings {
  const findings: Findings = { problems: [], warnings: [] };
  checkOptions({ config: model.config, flinkVersion: model.connection.flinkVersion }, args, findings);
  checkScript(model, args, findings);
  checkUpgradeMode(model, args, findings);
  findings.problems.push(...ledgerProblems(model.retainLedger, model.connection.namespaceStays ?? false));
  findings.warnings.push(...parallelismWarnings(model));
  checkJobPod(
    {
      role: "submitter",
      pod: model.submitter,
      template: (submitter) => ownTemplate({ ...model, submitter }),
      restricted: false,
    },
    findings,
  );
  // Without `guardPod`, the guard has the submission's settings, which are already checked.
  if (args.guardPod !== undefined) {
    checkJobPod(
      {
        role: "guardPod",
        pod: model.guardPod,
        template: (guardPod) => ownGuardTemplate({ ...model, guardPod }),
        restricted: false,
      },
      findings,
    );
  }
  findings.problems.push(...checkJobRoom(model));
  findings.warnings.push(...secretArguments(args.arguments));
  const { script } = (args.sql ?? {}) as { script?: unknown };
  findings.warnings.push(...argumentPlaceholders(args.arguments, script));
  findings.warnings.push(...optionPlaceholders(args.config, true));
  return {
    problems: withoutSecrets(findings.problems, jobShape, args),
    warnings: withoutSecrets(findings.warnings, jobShape, args),
  };
}

/** A kind of pod that jobs have: its arguments, and the pod before the patch. */
interface JobPod {
  role: "submitter" | "guardPod" | "prepare";
  pod: PodModel;
  template: (pod: PodModel) => { spec: { containers: { env: core.v1.EnvVar[] }[] } };
  /** Whether the namespace is known to enforce the Pod Security Standard `restricted`. */
  restricted: boolean;
}

const setBy = { submitter: "the submission", guardPod: "the guard", prepare: "prepare" };

/**
 * Checks environment variables that the pods' own program sets, and the patch, which needs the rendered pods.
 */
export function checkJobPod(
  { role, pod, template, restricted }: JobPod,
  { problems, warnings }: Findings,
): void {
  const { env, patch } = pod;
  const plain = template({ ...pod, env: [] });
  const own = new Set(plain.spec.containers[0].env.map(({ name }) => name));
  env.forEach(({ name }, index) => {
    if (!own.has(name)) return;
    const reason = `${setBy[role]} sets this variable itself`;
    problems.push({ path: `${role}.env[${index}].name`, value: name, reason, fix: "use another name" });
  });
  if (patch === undefined) return;
  const path = `${role}.podPatch`;
  const before = problems.length;
  checkPatch(path, patch, protectedPod(plain, { role, restricted }), problems, warnings);
  if (problems.length === before) checkPatched(path, strategicMerge(template(pod), patch), problems);
}

/**
 * Checks a job's options against the catalogue of a version, when nothing else about the cluster is known.
 */
export function checkJobOptions(args: Given, flinkVersion: string): Findings {
  const findings: Findings = { problems: [], warnings: [] };
  const known = Object.entries(isPlainObject(args.config) ? args.config : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  checkOptions({ config: Object.fromEntries(known), flinkVersion }, args, findings);
  return {
    problems: withoutSecrets(findings.problems, jobShape, args),
    warnings: withoutSecrets(findings.warnings, jobShape, args),
  };
}

function checkOptions(
  { config, flinkVersion }: { config: Record<string, string>; flinkVersion: string },
  args: Given,
  { problems, warnings }: Findings,
): void {
  const release = findRelease(flinkVersion);
  if (!release) return;
  for (const { key, value, severity, reason, fix } of checkConfig(config, release)) {
    const found = severity === "error" ? problems : warnings;
    const path = joinPath("config", key);
    // The reason for a wrong value may reveal the value; the reason for a wrong key does not.
    const hidden = typeof args.config?.[key] !== "string" || isMasked(key);
    if (!hidden) found.push({ path, value, reason, fix });
    else found.push({ path, reason, fix: severity === "error" ? "pass a value of this form" : fix });
  }
}

/** Checks options that a SQL script sets. Shows nothing of the script but their names. */
function checkScript({ connection }: JobModel, { sql }: Given, { problems }: Findings): void {
  const release = findRelease(connection.flinkVersion);
  const script: unknown = sql?.script;
  if (typeof script !== "string" || !release) return;
  const settings = statements(script).flatMap((statement) => settingOf(statement) ?? []);
  for (const { option, value } of settings) {
    if (isMasked(option)) continue;
    for (const { severity, reason, fix } of checkConfig({ [option]: value }, release)) {
      if (severity === "error")
        problems.push({ path: "sql.script", reason: `SET '${option}': ${reason}`, fix });
    }
  }
}

const retention = "execution.checkpointing.externalized-checkpoint-retention";

/** A ledger is deleted with its namespace. */
export function ledgerProblems(retainLedger: boolean, namespaceStays: boolean): Problem[] {
  if (!retainLedger || namespaceStays) return [];
  const reason = "the namespace is deleted with the cluster, and so is everything in it";
  const fix =
    "give the cluster a namespace that stays: namespace.create: false for an existing one, or namespace.retain: true";
  return [{ path: "retainLedger", value: retainLedger, reason, fix }];
}

function checkUpgradeMode(
  { connection, upgradeMode, bounded, config }: JobModel,
  args: Given,
  { problems, warnings }: Findings,
): void {
  const { savepointDirectory, checkpointDirectory } = connection;
  if (upgradeMode === UpgradeMode.Savepoint && !savepointDirectory) {
    const problem = {
      path: "upgradeMode",
      value: args.upgradeMode,
      reason: "the cluster has no durable directory for savepoints",
      fix: "set `storage` of the FlinkCluster, or write upgradeMode: stateless",
    };
    if (args.upgradeMode !== undefined) problems.push(problem);
    else {
      const reason = `${problem.reason}: a new revision of this job starts without the state of the previous one`;
      warnings.push({ ...problem, reason });
    }
  }
  if (upgradeMode !== UpgradeMode.LastState) return;
  if (!checkpointDirectory) {
    problems.push({
      path: "upgradeMode",
      value: upgradeMode,
      reason: "the cluster has no durable directory for checkpoints",
      fix: "set `storage` of the FlinkCluster, or write upgradeMode: stateless",
    });
  }
  if (bounded && config["execution.runtime-mode"]?.toUpperCase() === "BATCH") {
    problems.push({
      path: "upgradeMode",
      value: upgradeMode,
      reason: "a job in batch mode does not take checkpoints",
      fix: "leave upgradeMode out: a bounded job then starts without state",
    });
  }
  const kept = config[retention];
  if (kept !== undefined && kept !== "RETAIN_ON_CANCELLATION") {
    problems.push({
      path: joinPath("config", retention),
      reason:
        "with upgradeMode lastState a new revision starts from the checkpoint that is kept when the job is cancelled",
      fix: "leave it out: the component sets it as needed",
    });
  }
}

function parallelismWarnings({ connection, parallelism, config }: JobModel): Problem[] {
  const warnings: Problem[] = [];
  const slots = connection.defaultParallelism;
  if (parallelism > slots) {
    warnings.push({
      path: "parallelism",
      value: parallelism,
      reason: `the cluster has at most ${slots} slots, so with the adaptive scheduler the job runs with a parallelism of ${slots}`,
      fix: `write ${slots} or less, or give the cluster more TaskManagers or slots`,
    });
  }
  const release = findRelease(connection.flinkVersion);
  const option = Object.keys(config).find(
    (key) => release && canonicalOption(key, release) === "pipeline.max-parallelism",
  );
  const maximum = option === undefined ? NaN : Number(config[option]);
  if (maximum > parallelism && maximum % parallelism !== 0) {
    warnings.push({
      path: "parallelism",
      value: parallelism,
      reason: `this does not divide pipeline.max-parallelism (${maximum}), so some subtasks get more keys than others`,
      fix: "use a parallelism that divides the maximum; as maximums, 120, 360 and 720 have many divisors",
    });
  }
  return warnings;
}
