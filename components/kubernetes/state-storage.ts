import type { core } from "@pulumi/kubernetes/types/input";
import type { StateStorage } from "../args/connection";

/** Directory of the store's keys in the pods that stop jobs. */
export const stateKeysDirectory = "/opt/flink-kubernetes/state-storage";

const stateVolume = "state";

/** Parts of a pod that stops jobs, with which it can list savepoints and checkpoints. */
export interface StateStorageParts {
  env: core.v1.EnvVar[];
  volumes: core.v1.Volume[];
  volumeMounts: core.v1.VolumeMount[];
}

/**
 * Keys are files and not variables, so that child processes do not inherit them.
 *
 * @param optional whether the pod may start without the Secrets; then it cannot list anything.
 */
export function stateStorageParts(storage: StateStorage | undefined, optional: boolean): StateStorageParts {
  const { claimName, mountPath, s3 } = storage ?? {};
  if (claimName !== undefined && mountPath !== undefined) {
    return {
      env: [{ name: "STATE_VOLUME", value: mountPath }],
      volumes: [{ name: stateVolume, persistentVolumeClaim: { claimName } }],
      volumeMounts: [{ name: stateVolume, mountPath, readOnly: true }],
    };
  }
  const { accessKey, secretKey } = s3 ?? {};
  if (accessKey === undefined || secretKey === undefined) return { env: [], volumes: [], volumeMounts: [] };
  const { endpoint, region, pathStyleAccess } = s3 ?? {};
  const settings: Record<string, string | undefined> = {
    STATE_S3_KEYS: stateKeysDirectory,
    STATE_S3_ENDPOINT: endpoint,
    STATE_S3_REGION: region,
    STATE_S3_PATH_STYLE: pathStyleAccess ? "true" : undefined,
  };
  const files = { "access-key": accessKey, "secret-key": secretKey };
  const sources = Object.entries(files).map(([path, { name, key }]) => ({
    secret: { name, items: [{ key, path }], ...(optional ? { optional } : {}) },
  }));
  return {
    env: Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
    volumes: [{ name: "state-keys", projected: { defaultMode: 0o440, sources } }],
    volumeMounts: [{ name: "state-keys", mountPath: stateKeysDirectory, readOnly: true }],
  };
}

/**
 * For pods that stay after they end and that no stack deletes: with the claim, they would block its deletion.
 */
export function withoutStateVolume(template: core.v1.PodTemplateSpec): core.v1.PodTemplateSpec {
  const spec = template.spec as core.v1.PodSpec;
  const containers = (spec.containers as core.v1.Container[]).map((container) => ({
    ...container,
    env: ((container.env ?? []) as core.v1.EnvVar[]).filter(({ name }) => name !== "STATE_VOLUME"),
    volumeMounts: ((container.volumeMounts ?? []) as core.v1.VolumeMount[]).filter(
      ({ name }) => name !== stateVolume,
    ),
  }));
  const volumes = ((spec.volumes ?? []) as core.v1.Volume[]).filter(({ name }) => name !== stateVolume);
  return { ...template, spec: { ...spec, containers, volumes } };
}
