import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { checkOnCluster } from "./args/check-job-config";
import { checkJob, type JobModel, jobModel, type ResolvedJobArgs } from "./args/check-job";
import type { FlinkJobArgs } from "./args/job";
import { splitJobArgs } from "./args/job-secrets";
import { checkJobOn } from "./args/known-cluster";
import type { Findings } from "./args/additions";
import { replacedFirst } from "./create/context";
import { isLater } from "./args/shape";
import { createJobSecrets } from "./create/job-secrets";
import { checkJobName } from "./create/job-names";
import { createLedger, saidOf } from "./create/ledger";
import { createPeriodicSavepoints } from "./create/periodic-savepoints";
import { clusterBehind } from "./create/known-clusters";
import { createProgram } from "./create/program";
import {
  jobDeadline,
  jobSecretsMetadata,
  ledgerAnnotations,
  ledgerMetadata,
  revisionOf,
  submissionJob,
  submitterMetadata,
  submitterRules,
} from "./kubernetes/submission";
import { createGuard } from "./create/guard";
import { jobUrl } from "./describe";
import { describeWarning, failedOutput, failing, reportProblems } from "./problems";

/**
 * A job on a Flink cluster, submitted once and replaced when it changes. Its ledger, a ConfigMap, records
 * which job runs. A Kubernetes Job named after the revision starts it. The update completes when every task
 * runs, or fails with Flink's reason.
 */
export class FlinkJob extends pulumi.ComponentResource {
  /** Id of the running Flink job. */
  public readonly jobId: pulumi.Output<string>;

  /** The running revision: a hash of everything that defines the job. */
  public readonly revision: pulumi.Output<string>;

  /**
   * Phase of the job in the ledger: `running`, or `finished` for a bounded job that ended before its
   * submission did. `pending` means that a later revision has failed and this earlier one is wanted again.
   * Its guard starts it within 15 seconds; the other outputs are empty until the next update.
   */
  public readonly phase: pulumi.Output<string>;

  /** Savepoint or checkpoint that the running job was started from. Empty if it started without state. */
  public readonly restoredFrom: pulumi.Output<string>;

  /** Page of the job in the cluster's web UI, inside the Kubernetes cluster. */
  public readonly webUrl: pulumi.Output<string>;

  constructor(name: string, args: FlinkJobArgs, opts?: pulumi.ComponentResourceOptions) {
    const problems = checkJobOn(clusterBehind(args?.cluster), name, args);
    super("flink-kubernetes:index:FlinkJob", name, problems.length === 0 ? componentInputs(args) : {}, opts);
    if (problems.length > 0) {
      reportProblems(this, "FlinkJob", name, problems);
      this.jobId = failedOutput();
      this.revision = failedOutput();
      this.phase = failedOutput();
      this.restoredFrom = failedOutput();
      this.webUrl = failedOutput();
      return;
    }

    const cluster = pulumi.output(args.cluster);
    const { args: open, entries } = splitJobArgs(args);
    const secretsName = cluster.apply((connection) => jobSecretsMetadata(connection, name));
    const secrets = createJobSecrets(this, name, secretsName, entries);
    const model = resolveModel(this, name, args, open, secrets?.hash);
    const child = (dependsOn: pulumi.Resource[] = []) => ({ parent: this, dependsOn });
    const submitter = cluster.apply((connection) => submitterMetadata(connection, name));
    const ledgerName = cluster.apply((connection) => ledgerMetadata(connection, name));
    const state = createLedger(
      `${name}-ledger`,
      {
        // Only the annotations depend on all arguments. The rest is known in a preview even if some arguments
        // are not.
        metadata: {
          name: ledgerName.name,
          namespace: ledgerName.namespace,
          labels: ledgerName.labels,
          annotations: model.apply(ledgerAnnotations),
        },
        retained: args.retainLedger ?? false,
      },
      child(),
    );
    const account = createAccount(this, name, args, submitter);
    const accountName = args.submitter?.serviceAccount?.name ?? submitter.name;
    const role = new k8s.rbac.v1.Role(
      `${name}-submitter`,
      { metadata: submitter, rules: cluster.apply((connection) => submitterRules(connection, name)) },
      child(),
    );
    const binding = new k8s.rbac.v1.RoleBinding(
      `${name}-submitter`,
      {
        metadata: submitter,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: submitter.name },
        subjects: [{ kind: "ServiceAccount", name: accountName, namespace: submitter.namespace }],
      },
      child([...account, role]),
    );
    const programOf = { parent: this, sql: args.sql !== undefined, model };
    const program = createProgram({ ...programOf, name: `${name}-program`, of: "submitter" }, []);
    const jobArgs = model.apply(submissionJob);
    const job = new k8s.batch.v1.Job(
      `${name}-submission`,
      { metadata: jobArgs.metadata, spec: jobArgs.spec },
      {
        // The ledger must say what is wanted before a pod reads it.
        ...child([state, ...account, role, binding, program, ...(secrets?.objects ?? [])]),
        ...replacedFirst,
        customTimeouts: timeouts(args),
      },
    );

    if (args.guard !== false || args.savepoints !== undefined) {
      const kept = createProgram({ ...programOf, name: `${name}-guard`, of: "guard" }, [job]);
      createGuard({ parent: this, name, args, cluster, model, timeouts: opts?.customTimeouts }, [
        state,
        kept,
        job,
      ]);
      createPeriodicSavepoints(this, name, args.savepoints, model, [kept, job]);
    }

    // Reads only after the Job has completed; in a preview that is not known yet.
    const id = pulumi.all([job.id, ledgerName]).apply(([, it]) => `${it.namespace}/${it.name}`);
    const { data } = k8s.core.v1.ConfigMap.get(`${name}-result`, id, {
      parent: this,
      transformations: [toldWhatItReads(ledgerName)],
    });
    const seen = pulumi.all([data, model]).apply(([entries, it]) => saidOf(revisionOf(it), entries));
    const entry = (key: string) => seen.apply((entries) => entries[key] ?? "");
    this.jobId = entry("jobId");
    this.revision = entry("revision");
    this.phase = entry("phase");
    this.restoredFrom = entry("restoredFrom");
    this.webUrl = pulumi
      .all([cluster, this.jobId, this.phase])
      .apply(([connection, jobId, phase]) => jobUrl(connection.restUrl, jobId, phase));
    this.registerOutputs({
      jobId: this.jobId,
      revision: this.revision,
      phase: this.phase,
      restoredFrom: this.restoredFrom,
      webUrl: this.webUrl,
    });
  }
}

/**
 * The provider records the inputs of a read. With only the id, it would find them at the first refresh and
 * then report the ConfigMap as updated.
 */
function toldWhatItReads(ledger: pulumi.Output<{ name: string; namespace: string }>) {
  const metadata = { name: ledger.name, namespace: ledger.namespace };
  return ({ props, opts }: pulumi.ResourceTransformationArgs) => ({
    props: { ...(props as object), apiVersion: "v1", kind: "ConfigMap", metadata },
    opts,
  });
}

/** Service account of the submission pods, unless an existing one is given. */
function createAccount(
  parent: FlinkJob,
  name: string,
  { submitter }: FlinkJobArgs,
  metadata: pulumi.Output<ReturnType<typeof submitterMetadata>>,
): pulumi.Resource[] {
  const account = submitter?.serviceAccount;
  if (account?.name !== undefined) return [];
  const annotations = account?.annotations;
  const annotated = annotations ? metadata.apply((it) => ({ ...it, annotations })) : metadata;
  const args = { metadata: annotated, automountServiceAccountToken: false };
  return [new k8s.core.v1.ServiceAccount(`${name}-submitter`, args, { parent })];
}

/**
 * The model, once every argument has its value. Arguments that could not be checked before are checked now.
 *
 * @param open the arguments without the confidential ones, which `secretsHash` covers
 */
function resolveModel(
  job: FlinkJob,
  name: string,
  args: FlinkJobArgs,
  open: FlinkJobArgs,
  secretsHash: pulumi.Output<string> | undefined,
): pulumi.Output<JobModel> {
  const checked = pulumi
    .output(args as pulumi.Inputs)
    .apply((resolved: unknown): boolean | Promise<boolean> => {
      const { problems, warnings } = checkResolved(job, name, args, resolved);
      for (const warning of warnings) pulumi.log.warn(describeWarning(warning), job);
      if (problems.length === 0) return true;
      reportProblems(job, "FlinkJob", name, problems);
      return failing();
    });
  return pulumi
    .all([pulumi.output(open as pulumi.Inputs), secretsHash, pulumi.unsecret(checked)])
    .apply(([resolved, hash]) => ({
      ...jobModel(name, resolved as unknown as ResolvedJobArgs),
      ...(hash === undefined ? {} : { secretsHash: hash }),
    }));
}

/** Checks the arguments when all have values. Only well-formed arguments are checked against the cluster. */
function checkResolved(job: FlinkJob, name: string, args: FlinkJobArgs, resolved: unknown): Findings {
  const malformed = checkJob(name, resolved as FlinkJobArgs, args);
  if (malformed.length > 0) return { problems: malformed, warnings: [] };
  const known = resolved as ResolvedJobArgs;
  const { problems, warnings } = checkOnCluster(jobModel(name, known), args);
  return { problems: [...checkJobName(job, known.cluster, name), ...problems], warnings };
}

/** Longer than the Job's own deadline, so that users see the Job's own reason. */
function timeouts({ startTimeout }: FlinkJobArgs): pulumi.CustomTimeouts {
  const seconds = jobDeadline({ startTimeout: startTimeout ?? 300 }) + 60;
  return { create: `${seconds}s`, update: `${seconds}s` };
}

/**
 * Component inputs in a preview: plain values only, without the program's arguments, which may be
 * confidential.
 */
function componentInputs({
  jar,
  entryClass,
  parallelism,
  upgradeMode,
  initialSavepoint,
  restoreNonce,
  startTimeout,
  image,
}: FlinkJobArgs): pulumi.Inputs {
  const inputs = {
    jar,
    entryClass,
    parallelism,
    upgradeMode,
    initialSavepoint,
    restoreNonce,
    startTimeout,
    image,
  };
  return Object.fromEntries(
    Object.entries(inputs).filter(([, value]) => value !== undefined && !isLater(value)),
  );
}
