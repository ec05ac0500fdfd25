import type { core } from "@pulumi/kubernetes/types/input";
import { localStateVolume } from "../args/check-task-managers";
import { tlsDirectories } from "../args/check-tls";
import type { ClusterModel, VolumeModel } from "../args/model";
import { jobManagerHost, objectLabels, objectName, ports, selectorLabels } from "../names";
import { livenessProbe, startSeconds } from "./deployments";
import { directories, flinkPodTemplate, tcpProbe } from "./flink-pod";

export function taskManagerTemplate(model: ClusterModel, configMap: string) {
  const { checkpointSeconds, ephemeralVolume } = model.taskManagers;
  return flinkPodTemplate(model, {
    component: "taskmanager",
    role: model.taskManager,
    configMap,
    ports: [
      { name: "rpc", containerPort: ports.taskManagerRpc },
      { name: "data", containerPort: ports.taskManagerData },
      { name: "metrics-query", containerPort: ports.metricsQuery },
    ],
    startupProbe: tcpProbe("rpc", 1, startSeconds),
    livenessProbe: livenessProbe(),
    readinessProbe: tcpProbe("rpc", 5, 3),
    ...(checkpointSeconds > 0
      ? { preStop: { command: preStopCommand(model), seconds: checkpointSeconds } }
      : {}),
    ...(ephemeralVolume
      ? { tmp: { ephemeral: { volumeClaimTemplate: { spec: claimSpec(ephemeralVolume) } } } }
      : {}),
  });
}

/**
 * Requests a checkpoint of the jobs on this TaskManager, within a time limit. It calls the JobManager by the
 * host name in its certificate.
 */
function preStopCommand({ name, namespace, taskManagers, tls }: ClusterModel): string[] {
  return [
    "/bin/bash",
    `${directories.conf}/pre-stop.sh`,
    String(taskManagers.checkpointSeconds),
    jobManagerHost(name, namespace.name),
    String(ports.rest),
    ...(tls?.rest ? [tlsDirectories.client] : []),
  ];
}

function claimSpec({ size, storageClass }: VolumeModel) {
  return {
    accessModes: ["ReadWriteOnce"],
    ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
    resources: { requests: { storage: size } },
  } satisfies core.v1.PersistentVolumeClaimSpec;
}

/**
 * The initial number of TaskManagers. If an autoscaler or nobody owns the number, the caller ignores later
 * changes of it. Leaving the field out would set the number to 1 when an earlier value is removed.
 */
function firstReplicas({ scaling }: ClusterModel): number {
  return "replicas" in scaling ? scaling.replicas : scaling.minReplicas;
}

/** Whether an autoscaler, or whoever last ran `kubectl scale`, owns the number of TaskManagers. */
export function keepsReplicas({ scaling }: ClusterModel): boolean {
  return !("replicas" in scaling && scaling.given);
}

/** The workload that an autoscaler scales. */
export function taskManagerWorkload(model: ClusterModel) {
  const kind = model.taskManagers.localRecovery ? "StatefulSet" : "Deployment";
  return { apiVersion: "apps/v1", kind, name: workloadName(model) };
}

/**
 * Pods of a StatefulSet carry its name and a hash of ten characters in a label of at most 63 characters. So
 * the name's limit differs from other objects.
 */
function workloadName({ name, taskManagers }: ClusterModel): string {
  const whole = objectName(name, "taskmanager");
  return taskManagers.localRecovery && whole.length > 52 ? objectName(name, "tm") : whole;
}

/** patchForce: after `kubectl scale`, the program's next change would otherwise be refused as a conflict. */
function metadata(model: ClusterModel) {
  return {
    name: workloadName(model),
    namespace: model.namespace.name,
    labels: objectLabels(model.name, "taskmanager"),
    annotations: { "pulumi.com/patchForce": "true" },
  };
}

/** Interchangeable TaskManagers. */
export function taskManagerDeployment<Template>(model: ClusterModel, template: Template) {
  return {
    metadata: metadata(model),
    spec: {
      replicas: firstReplicas(model),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "taskmanager") },
      template,
    },
  };
}

/**
 * TaskManagers with a stable name and volume each. They start in parallel. A volume is deleted when its
 * TaskManager is scaled away or all are deleted, since it holds only copies.
 */
export function taskManagerStatefulSet<Template>(
  model: ClusterModel,
  volume: VolumeModel,
  template: Template,
) {
  return {
    metadata: metadata(model),
    spec: {
      replicas: firstReplicas(model),
      serviceName: taskManagerServiceName(model),
      podManagementPolicy: "Parallel",
      updateStrategy: { type: "RollingUpdate" },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" },
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(model.name, "taskmanager") },
      template,
      volumeClaimTemplates: [
        {
          metadata: { name: localStateVolume.name, labels: selectorLabels(model.name, "taskmanager") },
          spec: claimSpec(volume),
        },
      ],
    },
  };
}

function taskManagerServiceName(model: ClusterModel): string {
  return objectName(model.name, "taskmanager");
}

/**
 * A StatefulSet requires a headless Service. Nothing resolves names in it: Flink's processes know each other
 * by address.
 */
export function taskManagerService(model: ClusterModel) {
  return {
    metadata: {
      name: taskManagerServiceName(model),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, "taskmanager"),
    },
    spec: {
      type: "ClusterIP",
      clusterIP: "None",
      publishNotReadyAddresses: true,
      selector: selectorLabels(model.name, "taskmanager"),
      ports: [{ name: "rpc", port: ports.taskManagerRpc, targetPort: "rpc", protocol: "TCP" }],
    },
  };
}
