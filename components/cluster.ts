import * as pulumi from "@pulumi/pulumi";
import type { FlinkClusterArgs } from "./args/cluster";
import type { FlinkConnection } from "./args/connection";
import { knownCluster } from "./args/known-cluster";
import { normaliseCluster } from "./args/normalise";
import { createSurroundings } from "./create/surroundings";
import { createExposure } from "./create/exposure";
import { createHistoryServer } from "./create/history-server";
import { rememberCluster } from "./create/known-clusters";
import { createMonitoring } from "./create/monitoring";
import { createPrepare } from "./create/prepare";
import { createJobManager, createTaskManager, restartHashOf } from "./create/roles";
import { createScaling } from "./create/scaling";
import { createSqlGateway } from "./create/sql-gateway";
import { componentInputs, memoryParts } from "./describe";
import { connectionOf } from "./kubernetes/connection";
import { restUrl } from "./kubernetes/services";
import { describeWarning, failedOutput, reportProblems } from "./problems";

/**
 * Apache Flink on Kubernetes, without an operator: a session cluster that runs jobs submitted with FlinkJob.
 * The names of all its Kubernetes objects start with its name.
 */
export class FlinkCluster extends pulumi.ComponentResource {
  /**
   * The data about this cluster that a FlinkJob needs. It is known in previews; resources that use it wait
   * for the running cluster.
   */
  public readonly connection: pulumi.Output<FlinkConnection>;

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

  constructor(name: string, args: FlinkClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { model, problems, warnings } = normaliseCluster(
      name,
      args,
      `${pulumi.getProject()}/${pulumi.getStack()}`,
    );
    super("flink-kubernetes:index:FlinkCluster", name, model ? componentInputs(model, args) : {}, opts);
    for (const warning of warnings) pulumi.log.warn(describeWarning(warning), this);
    if (!model) {
      reportProblems(this, "FlinkCluster", name, problems);
      this.connection = failedOutput();
      rememberCluster(this.connection, knownCluster(args, undefined));
      this.restUrl = failedOutput();
      this.namespace = failedOutput();
      this.jobManagerMemory = failedOutput();
      this.taskManagerMemory = failedOutput();
      this.highAvailabilityId = failedOutput();
      return;
    }

    const creation = { parent: this, model, timeouts: opts?.customTimeouts };
    const { namespace, network, secret, needed } = createSurroundings(creation);
    const restartHash = restartHashOf(creation, secret);
    const prepared = createPrepare(creation, needed, restartHash);
    const jobManager = createJobManager(creation, needed, prepared, secret, restartHash);
    const taskManager = createTaskManager(creation, needed, prepared, secret);
    createScaling(creation, namespace, taskManager);
    createHistoryServer(creation, needed, secret);
    createSqlGateway(creation, needed, secret);
    createMonitoring(creation, namespace);
    createExposure(creation, network.rest);

    const running = pulumi.all([jobManager.urn, taskManager.urn]);
    this.connection = pulumi.all([running, restartHash]).apply(([, hash]) => connectionOf(model, hash));
    rememberCluster(this.connection, knownCluster(args, model));
    this.restUrl = pulumi
      .all([running, network.rest.urn])
      .apply(() => restUrl(model.name, model.namespace.name, model.tls?.rest !== undefined));
    this.namespace = running.apply(() => model.namespace.name);
    this.jobManagerMemory = pulumi.output(memoryParts(model.jobManager.memory));
    this.taskManagerMemory = pulumi.output(memoryParts(model.taskManager.memory));
    this.highAvailabilityId = pulumi.output(model.highAvailability?.clusterId ?? "");
    this.registerOutputs({
      connection: this.connection,
      restUrl: this.restUrl,
      namespace: this.namespace,
      jobManagerMemory: this.jobManagerMemory,
      taskManagerMemory: this.taskManagerMemory,
      highAvailabilityId: this.highAvailabilityId,
    });
  }
}
