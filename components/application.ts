import * as pulumi from "@pulumi/pulumi";
import type { FlinkApplicationArgs } from "./args/application";
import { normaliseApplication } from "./args/normalise-application";
import { carriedJob, createPreparation, createStart, readLedger } from "./create/application";
import { createSurroundings } from "./create/surroundings";
import { createExposure } from "./create/exposure";
import { createGuard } from "./create/guard";
import { createHistoryServer } from "./create/history-server";
import { createMonitoring } from "./create/monitoring";
import { createPeriodicSavepoints } from "./create/periodic-savepoints";
import { createJobManager, createTaskManager, restartHashOf } from "./create/roles";
import { createScaling } from "./create/scaling";
import { applicationInputs, jobUrl, memoryParts } from "./describe";
import { connectionOf } from "./kubernetes/connection";
import { restUrl } from "./kubernetes/services";
import { describeWarning, failedOutput, reportProblems } from "./problems";

/**
 * One Flink job with a cluster of its own, without an operator. The JobManager runs the job, which uses
 * TaskManagers as they come and go. The update completes when every task runs, or fails with Flink's reason.
 */
export class FlinkApplication extends pulumi.ComponentResource {
  /** Id of the running Flink job. */
  public readonly jobId: pulumi.Output<string>;

  /** The running revision: a hash of everything that restarts the JobManager. */
  public readonly revision: pulumi.Output<string>;

  /**
   * Phase of the job in the ledger: `running`, or `finished` for a bounded job that has ended. `pending`
   * means that a later revision did not start, and this earlier one is wanted again but not started yet. The
   * other outputs are then empty.
   */
  public readonly phase: pulumi.Output<string>;

  /** The savepoint or checkpoint that the job was started from. Empty if it started without state. */
  public readonly restoredFrom: pulumi.Output<string>;

  /** Page of the job in the web UI, inside the Kubernetes cluster. */
  public readonly webUrl: pulumi.Output<string>;

  /** URL of the REST API and the web UI inside the Kubernetes cluster. */
  public readonly restUrl: pulumi.Output<string>;

  /** Name of the namespace. */
  public readonly namespace: pulumi.Output<string>;

  /**
   * Size of each part of the JobManager's memory, as Flink derives it. Keys are the parts' names, values are
   * mebibytes (`153.6Mi`).
   */
  public readonly jobManagerMemory: pulumi.Output<{ [part: string]: string }>;

  /**
   * Size of each part of a TaskManager's memory, as Flink derives it. Keys are the parts' names, values are
   * mebibytes (`153.6Mi`).
   */
  public readonly taskManagerMemory: pulumi.Output<{ [part: string]: string }>;

  /**
   * Id of the high-availability ConfigMaps, the value of their label `app`. Empty without high availability.
   */
  public readonly highAvailabilityId: pulumi.Output<string>;

  constructor(name: string, args: FlinkApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
    const { model, problems, warnings } = normaliseApplication(name, args, stack);
    const inputs = model ? applicationInputs(model, args) : {};
    super("flink-kubernetes:index:FlinkApplication", name, inputs, opts);
    for (const warning of warnings) pulumi.log.warn(describeWarning(warning), this);
    if (!model) {
      reportProblems(this, "FlinkApplication", name, problems);
      this.jobId = failedOutput();
      this.revision = failedOutput();
      this.phase = failedOutput();
      this.restoredFrom = failedOutput();
      this.webUrl = failedOutput();
      this.restUrl = failedOutput();
      this.namespace = failedOutput();
      this.jobManagerMemory = failedOutput();
      this.taskManagerMemory = failedOutput();
      this.highAvailabilityId = failedOutput();
      return;
    }

    const creation = { parent: this, model, timeouts: opts?.customTimeouts };
    const { namespace, network, secret, needed } = createSurroundings(creation);
    const job = carriedJob(creation, args, restartHashOf(creation, secret));
    const preparation = createPreparation(creation, job, needed);
    const jobManager = createJobManager(creation, needed, preparation, secret, job.revision);
    const taskManager = createTaskManager(creation, needed, preparation, secret);
    const start = createStart(creation, job, [jobManager, taskManager]);
    const cluster = pulumi.output(connectionOf(model, ""));
    const { timeouts } = creation;
    createGuard({ parent: this, name, args, cluster, model: job.model, ttl: job.known.ttl, timeouts }, [
      start,
    ]);
    createPeriodicSavepoints(this, name, args.savepoints, job.model, [start]);
    createScaling(creation, namespace, taskManager);
    createHistoryServer(creation, needed, secret);
    createMonitoring(creation, namespace);
    createExposure(creation, network.rest);

    const url = restUrl(model.name, model.namespace.name, model.tls?.rest !== undefined);
    const ledger = readLedger(creation, job, start);
    const entry = (key: string) => ledger.apply((entries) => entries[key] ?? "");
    this.jobId = entry("jobId");
    this.revision = entry("revision");
    this.phase = entry("phase");
    this.restoredFrom = entry("restoredFrom");
    this.webUrl = pulumi.all([this.jobId, this.phase]).apply(([id, phase]) => jobUrl(url, id, phase));
    this.restUrl = pulumi.all([jobManager.urn, network.rest.urn]).apply(() => url);
    this.namespace = jobManager.urn.apply(() => model.namespace.name);
    this.jobManagerMemory = pulumi.output(memoryParts(model.jobManager.memory));
    this.taskManagerMemory = pulumi.output(memoryParts(model.taskManager.memory));
    this.highAvailabilityId = pulumi.output(model.highAvailability?.clusterId ?? "");
    this.registerOutputs({
      jobId: this.jobId,
      revision: this.revision,
      phase: this.phase,
      restoredFrom: this.restoredFrom,
      webUrl: this.webUrl,
      restUrl: this.restUrl,
      namespace: this.namespace,
      jobManagerMemory: this.jobManagerMemory,
      taskManagerMemory: this.taskManagerMemory,
      highAvailabilityId: this.highAvailabilityId,
    });
  }
}
