import type * as pulumi from "@pulumi/pulumi";
import type { ClusterModel, RoleModel } from "../args/model";
import { renderConfig } from "../flink/configuration";
import { type Process, renderLauncher, type Role } from "../flink/launcher";
import { loggingFiles } from "../flink/logging";
import type { ProcessMemory } from "../flink/memory";
import { launchFiles, preStopFiles } from "../submitter/files";
import { applicationLaunch } from "./application-launch";
import { configSecretName, secretEnvKey } from "./flink-pod";
import { contentHash, objectLabels, objectName } from "../names";

/** The ConfigMap of a role. */
export function roleConfigMap(model: ClusterModel, role: Role) {
  return processConfigMap(model, role, role === "jobmanager" ? model.jobManager : model.taskManager, {
    ...(role === "jobmanager" && model.application ? launchFiles() : {}),
    ...(role === "taskmanager" && model.taskManagers.checkpointSeconds > 0 ? preStopFiles() : {}),
  });
}

/**
 * The start configuration of a Flink process. The ConfigMap is immutable and its name ends in a hash of its
 * content. A change creates a new one and restarts the pods that use it. Old pods keep the old one, and a
 * preview knows the name.
 *
 * @param files additional files.
 */
export function processConfigMap(
  model: ClusterModel,
  process: Process,
  { options, memory, pod }: RoleModel<ProcessMemory>,
  files: Record<string, string> = {},
) {
  const data = {
    "config.yaml": renderConfig(options),
    ...loggingFiles(model.monitoring?.logging),
    "launch.sh": renderLauncher(
      process,
      model.release,
      memory,
      options,
      pod.extraJars,
      model.storage?.plugins ?? [],
      process === "jobmanager" ? applicationLaunch(model) : undefined,
    ),
    ...files,
  };
  return {
    metadata: {
      name: objectName(model.name, process, "conf", contentHash(data)),
      namespace: model.namespace.name,
      labels: objectLabels(model.name, process),
    },
    immutable: true,
    data,
  };
}

/** The Secret's part of config.yaml. Outputs may turn out to be numbers, or undefined. */
export function renderSecretConfig(options: Record<string, unknown>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return renderConfig(Object.fromEntries(given.map(([option, value]) => [option, String(value)])));
}

/** Secret entries for a role's environment variables. */
export function secretEnvironment(model: ClusterModel, role: Role): Record<string, pulumi.Input<string>> {
  const { secretEnv } = (role === "jobmanager" ? model.jobManager : model.taskManager).pod;
  const entries = Object.entries(secretEnv).map(
    ([name, value]) => [secretEnvKey(role, name), value] as const,
  );
  return Object.fromEntries(entries);
}

/** The Secret with confidential values. Its name never changes; a hash on the pods restarts them. */
export function configSecret(
  model: ClusterModel,
  content: Record<string, pulumi.Input<string>>,
  salt: pulumi.Output<string>,
) {
  return {
    metadata: {
      name: configSecretName(model),
      namespace: model.namespace.name,
      labels: objectLabels(model.name),
    },
    type: "Opaque",
    stringData: { ...content, salt },
  };
}
