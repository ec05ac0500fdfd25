import type { core } from "@pulumi/kubernetes/types/input";
import type { StateStorage } from "../args/connection";

/** Where the keys of the store lie in the pods that stop jobs. */
export const stateKeysDirectory = "/opt/flink-kubernetes/state-storage";

/** What a pod that stops jobs has in order to see which savepoints and checkpoints there are. */
export interface StateStorageParts {
  env: core.v1.EnvVar[];
  volumes: core.v1.Volume[];
  volumeMounts: core.v1.VolumeMount[];
}

/**
 * Keys are files and no variables: what a process starts does not inherit them.
 *
 * @param optional whether the pod may start without the Secrets; then it cannot look.
 */
export function stateStorageParts(storage: StateStorage | undefined, optional: boolean): StateStorageParts {
  const { claimName, mountPath, s3 } = storage ?? {};
  if (claimName !== undefined && mountPath !== undefined) {
    return {
      env: [{ name: "STATE_VOLUME", value: mountPath }],
      volumes: [{ name: "state", persistentVolumeClaim: { claimName } }],
      volumeMounts: [{ name: "state", mountPath, readOnly: true }],
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
