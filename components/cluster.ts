import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import type { FlinkClusterArgs } from "./args/cluster";
import type { FlinkConnection } from "./args/connection";
import { type ClusterModel, maximumReplicas } from "./args/model";
import { normaliseCluster } from "./args/normalise";
import { formatBytes } from "./args/quantity";
import type { ProcessMemory } from "./flink/memory";
import { configSecret, renderSecretConfig, roleConfigMap } from "./kubernetes/configuration";
import {
  jobManagerDeployment,
  jobManagerTemplate,
  taskManagerDeployment,
  taskManagerTemplate,
} from "./kubernetes/deployments";
import { clusterNamespace, serviceAccount } from "./kubernetes/namespace";
import { networkPolicies } from "./kubernetes/network";
import { autoscaler, disruptionBudget } from "./kubernetes/scaling";
import { jobManagerService, restService, restUrl } from "./kubernetes/services";
import { contentHash, jobManagerHost, ports } from "./names";
import { describeWarning, failedOutput, reportProblems } from "./problems";

/**
 * Apache Flink on Kubernetes, without an operator: a session cluster that runs the jobs given to it with FlinkJob. Its
 * name is the beginning of the names of all its Kubernetes objects.
 */
export class FlinkCluster extends pulumi.ComponentResource {
  /** What a FlinkJob needs to know of this cluster. Known in previews; who uses it waits for the running cluster. */
  public readonly connection: pulumi.Output<FlinkConnection>;

  /** URL of the REST API and the web UI inside the Kubernetes cluster. */
  public readonly restUrl: pulumi.Output<string>;

  /** Name of the namespace. */
  public readonly namespace: pulumi.Output<string>;

  /** Every part of the JobManager's memory, as Flink derives it: names and sizes. */
  public readonly jobManagerMemory: pulumi.Output<{ [part: string]: string }>;

  /** Every part of a TaskManager's memory, as Flink derives it: names and sizes. */
  public readonly taskManagerMemory: pulumi.Output<{ [part: string]: string }>;

  constructor(name: string, args: FlinkClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { model, problems, warnings } = normaliseCluster(name, args);
    super("flink-kubernetes:index:FlinkCluster", name, model ? componentInputs(model, args) : {}, opts);
    for (const warning of warnings) pulumi.log.warn(describeWarning(warning), this);
    if (!model) {
      reportProblems(this, "FlinkCluster", name, problems);
      this.connection = failedOutput();
      this.restUrl = failedOutput();
      this.namespace = failedOutput();
      this.jobManagerMemory = failedOutput();
      this.taskManagerMemory = failedOutput();
      return;
    }

    const child = (dependsOn: pulumi.Resource[] = []) => ({ parent: this, dependsOn });
    const namespace = model.namespace.create
      ? [new k8s.core.v1.Namespace(`${name}-namespace`, clusterNamespace(model), child())]
      : [];
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-serviceaccount`,
      serviceAccount(model),
      child(namespace),
    );
    const policies = model.network.policies
      ? Object.entries(networkPolicies(model)).map(
          ([role, policy]) =>
            new k8s.networking.v1.NetworkPolicy(`${name}-${role}-network`, policy, child(namespace)),
        )
      : [];
    const service = new k8s.core.v1.Service(`${name}-jobmanager`, jobManagerService(model), child(namespace));
    const rest = new k8s.core.v1.Service(`${name}-rest`, restService(model), child(namespace));
    const secret = createSecret(this, model, namespace);

    const needed = [...namespace, account, ...policies, service, ...(secret ? [secret.object] : [])];

    const jobManagerConfig = roleConfigMap(model, "jobmanager");
    const jobManagerMap = new k8s.core.v1.ConfigMap(
      `${name}-jobmanager-conf`,
      jobManagerConfig,
      child(namespace),
    );
    const jobManagerPod = jobManagerTemplate(model, jobManagerConfig.metadata.name);
    const jobManager = new k8s.apps.v1.Deployment(
      `${name}-jobmanager`,
      jobManagerDeployment(model, withHash(jobManagerPod, secret?.hash)),
      child([...needed, jobManagerMap]),
    );

    const taskManagerConfig = roleConfigMap(model, "taskmanager");
    const taskManagerMap = new k8s.core.v1.ConfigMap(
      `${name}-taskmanager-conf`,
      taskManagerConfig,
      child(namespace),
    );
    const taskManagerPod = taskManagerTemplate(model, taskManagerConfig.metadata.name);
    const taskManager = new k8s.apps.v1.Deployment(
      `${name}-taskmanager`,
      taskManagerDeployment(model, withHash(taskManagerPod, secret?.hash)),
      {
        ...child([...needed, taskManagerMap]),
        // The autoscaler owns the number from the moment it exists; setting it again would undo its work.
        ignoreChanges: "replicas" in model.scaling ? [] : ["spec.replicas"],
      },
    );
    if (!("replicas" in model.scaling)) {
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        `${name}-taskmanager`,
        autoscaler(model, model.scaling),
        child([taskManager]),
      );
    }
    for (const role of ["jobmanager", "taskmanager"] as const) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-${role}`,
        disruptionBudget(model, role),
        child(namespace),
      );
    }

    const running = pulumi.all([jobManager.urn, taskManager.urn]);
    const restartHash = restartHashOf(jobManagerPod, secret?.hash);
    this.connection = pulumi.all([running, restartHash]).apply(([, hash]) => connectionOf(model, hash));
    this.restUrl = pulumi.all([running, rest.urn]).apply(() => restUrl(model.name, model.namespace.name));
    this.namespace = running.apply(() => model.namespace.name);
    this.jobManagerMemory = pulumi.output(memoryParts(model.jobManager.memory));
    this.taskManagerMemory = pulumi.output(memoryParts(model.taskManager.memory));
    this.registerOutputs({
      connection: this.connection,
      restUrl: this.restUrl,
      namespace: this.namespace,
      jobManagerMemory: this.jobManagerMemory,
      taskManagerMemory: this.taskManagerMemory,
    });
  }
}

/** The options that may not be read by everybody, and a hash that rolls the pods when they change. */
function createSecret(parent: FlinkCluster, model: ClusterModel, namespace: pulumi.Resource[]) {
  if (Object.keys(model.secretOptions).length === 0) return undefined;
  // The hash stands in clear in the pods. The salt, which only the Secret holds, keeps it from telling what was hashed.
  const salt = new random.RandomPassword(
    `${model.name}-config-salt`,
    { length: 32, special: false },
    { parent },
  );
  const config = pulumi.secret(pulumi.all(model.secretOptions)).apply(renderSecretConfig);
  const object = new k8s.core.v1.Secret(`${model.name}-config`, configSecret(model, config, salt.result), {
    parent,
    dependsOn: namespace,
  });
  const hash = pulumi
    .all([salt.result, config])
    .apply(([key, text]) =>
      createHash("sha256").update(key).update("\0").update(text).digest("hex").slice(0, 16),
    );
  // Without this, the annotation would make the whole Deployment secret.
  return { object, hash: pulumi.unsecret(hash) };
}

type Template = ReturnType<typeof jobManagerTemplate>;

/** Only this one annotation is an Output: the pods around it stay readable and known in previews. */
function withHash(template: Template, hash: pulumi.Output<string> | undefined) {
  if (!hash) return template;
  const { metadata, spec } = template;
  const annotations = { ...metadata.annotations, "flink-kubernetes/config-hash": hash };
  return { metadata: { ...metadata, annotations }, spec };
}

/**
 * Hash of everything that restarts the JobManager. Names of jobs' objects contain it, so it is known in previews too: while
 * the Secret's content is not known, the hash of the rest stands in its place.
 */
function restartHashOf(
  template: Template,
  secretHash: pulumi.Output<string> | undefined,
): pulumi.Output<string> {
  if (!secretHash) return pulumi.output(contentHash(template));
  const { isKnown } = secretHash as unknown as { isKnown: Promise<boolean> };
  return pulumi
    .output(isKnown.then((known) => (known ? secretHash : "not known yet")))
    .apply((hash) => contentHash([template, hash]));
}

function connectionOf(model: ClusterModel, restartHash: string): FlinkConnection {
  const { name: clusterName, image, imagePullPolicy, release } = model;
  const namespace = model.namespace.name;
  const { options } = model.jobManager;
  // The second name is that of Flink before 1.20, which every version still reads.
  const savepointDirectory =
    options["execution.checkpointing.savepoint-dir"] ?? options["state.savepoints.dir"];
  return {
    clusterName,
    namespace,
    restUrl: restUrl(clusterName, namespace),
    jobManagerHost: jobManagerHost(clusterName, namespace),
    restPort: ports.rest,
    flinkVersion: release.version,
    image,
    ...(imagePullPolicy ? { imagePullPolicy } : {}),
    highAvailability: false,
    defaultParallelism: Math.max(1, maximumReplicas(model)) * model.taskManager.slots,
    restartHash,
    ...(savepointDirectory ? { savepointDirectory } : {}),
  };
}

/** What a preview shows on the component's own line: the arguments with defaults filled in, nothing secret, nothing unknown. */
function componentInputs(model: ClusterModel, args: FlinkClusterArgs): pulumi.Inputs {
  const { jobManager, taskManager, secretOptions } = model;
  const role = ({ memory, cpu, ephemeralStorage }: typeof jobManager | typeof taskManager) => ({
    memory: formatBytes(memory.processSize),
    cpu: { request: `${cpu.request}m`, limit: `${cpu.limit}m` },
    ephemeralStorage,
  });
  const config = Object.entries(args.config ?? {}).filter(([option]) => !(option in secretOptions));
  return {
    flinkVersion: model.release.version,
    image: model.image,
    namespace: model.namespace,
    jobManager: role(jobManager),
    taskManager: { ...role(taskManager), slots: taskManager.slots },
    ...("replicas" in model.scaling ? model.scaling : { autoscaling: model.scaling }),
    config: Object.fromEntries(config),
    network: model.network,
  };
}

/** Sizes of all parts of a process's memory, for people. */
function memoryParts(memory: ProcessMemory): Record<string, string> {
  return Object.fromEntries(
    Object.entries(memory)
      .filter(([part, size]) => typeof size === "number" && part !== "slots")
      .map(([part, size]) => [part, formatBytes(size as number)]),
  );
}
