import type { core } from "@pulumi/kubernetes/types/input";
import type { OptionSource } from "../args/additions";
import type { ClusterModel, PodModel, RoleModel } from "../args/model";
import { formatBytes, formatCpu } from "../args/quantity";
import type { ProcessMemory } from "../flink/memory";
import { type Component, objectName, selectorLabels } from "../names";
import { strategicMerge } from "./merge";
import { containerSecurityContext, podSecurityContext } from "./pod";

/** Directories of a Flink pod. The launcher depends on them. */
export const directories = {
  conf: "/opt/flink-kubernetes/conf",
  secret: "/opt/flink-kubernetes/secret",
  options: "/opt/flink-kubernetes/options",
  run: "/opt/flink-kubernetes/run",
  log: "/opt/flink/log",
  tmp: "/tmp",
} as const;

/** Differences between the two kinds of Flink pods. */
export interface FlinkPodParts {
  component: Component;
  role: RoleModel<ProcessMemory>;
  configMap: string;
  ports: { name: string; containerPort: number }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  /** Command that runs before the container is told to stop, and its maximum duration in seconds. */
  preStop?: { command: string[]; seconds: number };
  /** Volume for temporary files. Default: on the node's disk. */
  tmp?: Omit<core.v1.Volume, "name">;
  /** Host name of the pod in the component's headless Service. */
  hostname?: string;
  /** How the pods are spread unless the arguments say otherwise. */
  topologySpreadConstraints?: core.v1.TopologySpreadConstraint[];
}

type Probe = ReturnType<typeof tcpProbe> | ReturnType<typeof httpProbe>;

/**
 * The pod template of a role as plain data. The hash of the Secret, an Output, is added to its metadata
 * later.
 */
export function flinkPodTemplate(model: ClusterModel, parts: FlinkPodParts) {
  const template = ownTemplate(model, parts);
  const { patch } = parts.role.pod;
  return patch === undefined ? template : strategicMerge(template, patch);
}

/** The pod template before the user's patch. */
function ownTemplate(model: ClusterModel, parts: FlinkPodParts) {
  const { role, component } = parts;
  const hasSecret = Object.keys(model.secretOptions).length > 0;
  const { pod } = role;
  const labels = { ...pod.labels, ...selectorLabels(model.name, component) };
  return {
    metadata: { labels, annotations: { ...pod.annotations } },
    spec: {
      serviceAccountName: pod.serviceAccount.name,
      automountServiceAccountToken: pod.usesApiServer,
      // Environment variables for Services would only make pods depend on the order of creation.
      enableServiceLinks: false,
      securityContext: podSecurityContext(model.user),
      terminationGracePeriodSeconds: 30 + (parts.preStop?.seconds ?? 0),
      ...(parts.hostname ? { hostname: parts.hostname, subdomain: objectName(model.name, component) } : {}),
      ...(model.imagePullSecrets.length > 0
        ? { imagePullSecrets: model.imagePullSecrets.map((name) => ({ name })) }
        : {}),
      ...(parts.topologySpreadConstraints
        ? { topologySpreadConstraints: parts.topologySpreadConstraints }
        : {}),
      ...pod.scheduling,
      ...(pod.initContainers.length > 0 ? { initContainers: pod.initContainers } : {}),
      containers: [flinkContainer(model, parts, hasSecret), ...pod.sidecars] as [
        ReturnType<typeof flinkContainer>,
      ],
      volumes: [
        { name: "conf", configMap: { name: parts.configMap } },
        ...(hasSecret
          ? [
              {
                name: "secret",
                secret: {
                  secretName: configSecretName(model),
                  items: [{ key: "config.yaml", path: "config.yaml" }],
                  defaultMode: 0o440,
                },
              },
            ]
          : []),
        ...(role.optionsFrom.length > 0 ? [optionsVolume(role.optionsFrom)] : []),
        // In memory: the launcher writes config.yaml here with secret options, which must not reach a disk.
        { name: "run", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
        { name: "log", emptyDir: { sizeLimit: role.ephemeralStorage } },
        { name: "tmp", ...(parts.tmp ?? { emptyDir: { sizeLimit: role.ephemeralStorage } }) },
        ...pod.volumes,
      ],
    },
  } satisfies core.v1.PodTemplateSpec;
}

function flinkContainer(model: ClusterModel, parts: FlinkPodParts, hasSecret: boolean) {
  const { role } = parts;
  return {
    name: parts.component,
    image: model.image,
    ...(model.imagePullPolicy ? { imagePullPolicy: model.imagePullPolicy } : {}),
    // Not the image's entrypoint, which rewrites the configuration; here it is read-only.
    command: ["/bin/bash", `${directories.conf}/launch.sh`],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      // For files that carry the host name, such as logs and heap dumps: it is unique for each pod.
      ...(parts.hostname
        ? [{ name: "HOSTNAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }]
        : []),
      ...role.pod.env.map((variable) => fromSecret(model, parts.component, role.pod, variable)),
    ],
    ...(role.pod.envFrom.length > 0 ? { envFrom: role.pod.envFrom } : {}),
    ports: [...parts.ports, ...role.pod.ports].map((port) => ({ ...port, protocol: "TCP" })),
    resources: containerResources(role),
    startupProbe: parts.startupProbe,
    livenessProbe: parts.livenessProbe,
    readinessProbe: parts.readinessProbe,
    ...(parts.preStop ? { lifecycle: { preStop: { exec: { command: parts.preStop.command } } } } : {}),
    securityContext: containerSecurityContext(model.user),
    volumeMounts: [
      { name: "conf", mountPath: directories.conf, readOnly: true },
      ...(hasSecret ? [{ name: "secret", mountPath: directories.secret, readOnly: true }] : []),
      ...(role.optionsFrom.length > 0
        ? [{ name: "options", mountPath: directories.options, readOnly: true }]
        : []),
      { name: "run", mountPath: directories.run },
      { name: "log", mountPath: directories.log },
      { name: "tmp", mountPath: directories.tmp },
      ...role.pod.volumeMounts,
    ],
  } satisfies core.v1.Container;
}

/** A variable with a confidential value reads it from the Secret. */
function fromSecret(
  model: ClusterModel,
  component: Component,
  { secretEnv }: PodModel,
  variable: core.v1.EnvVar,
): core.v1.EnvVar {
  const name = variable.name as string;
  if (!Object.hasOwn(secretEnv, name)) return variable;
  const secretKeyRef = { name: configSecretName(model), key: secretEnvKey(component, name) };
  return { name, valueFrom: { secretKeyRef } };
}

/** Key of a variable's value in the Secret. Roles may have different values for the same name. */
export function secretEnvKey(component: Component, name: string): string {
  return `${component}.env.${name}`;
}

/** One file for each option from a Secret, named after the option. The launcher adds them to config.yaml. */
function optionsVolume(sources: OptionSource[]): core.v1.Volume {
  return {
    name: "options",
    projected: {
      defaultMode: 0o440,
      sources: sources.map(({ option, secretName, key }) => ({
        secret: { name: secretName, items: [{ key, path: option }] },
      })),
    },
  };
}

/**
 * Memory is the Flink process size, as limit and by default as request. Flink never reads the container's
 * limit, and a JVM that is promised more than the limit is killed.
 */
function containerResources(role: RoleModel<ProcessMemory>) {
  const memory = formatBytes(role.memory.processSize);
  const storage = { "ephemeral-storage": role.ephemeralStorage };
  const request = role.memoryRequest === undefined ? memory : formatBytes(role.memoryRequest);
  return {
    requests: { cpu: formatCpu(role.cpu.request), memory: request, ...storage },
    limits: { cpu: formatCpu(role.cpu.limit), memory, ...storage },
  };
}

export function configSecretName(model: { name: string }): string {
  return objectName(model.name, "config");
}

export function tcpProbe(port: string, periodSeconds: number, failureThreshold: number) {
  return { tcpSocket: { port }, periodSeconds, failureThreshold, timeoutSeconds: 5 };
}

export function httpProbe(path: string, port: string, periodSeconds: number, failureThreshold: number) {
  return { httpGet: { path, port }, periodSeconds, failureThreshold, timeoutSeconds: 5 };
}
