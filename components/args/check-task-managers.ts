import { dnsName } from "../names";
import type { Problem } from "../problems";
import type { Context, Feature, Findings, RoleAdditions } from "./additions";
import { checkCount } from "./count";
import type { TaskManagersModel, VolumeModel } from "./model";
import { formatBytes, parseStorage } from "./quantity";
import type { EphemeralVolumeArgs, LocalRecoveryArgs } from "./task-managers";

/** The volume of `localRecovery` in each TaskManager. The claim template has the same name. */
export const localStateVolume = { name: "local-state", mountPath: "/opt/flink-kubernetes/local-state" };

/**
 * Flink's two options for local recovery: keep a copy of each checkpoint, and look for it after a restart.
 */
const localRecoveryOptions = {
  "execution.checkpointing.local-backup.enabled": "true",
  "execution.state-recovery.from-local": "true",
};

/** Additions that only TaskManagers have. */
export function checkTaskManagers({ args }: Context, { problems }: Findings): Feature<TaskManagersModel> {
  const given = args.taskManager ?? {};
  const path = "taskManager";
  const checkpointSeconds = given.scaleDownCheckpointSeconds ?? 20;
  const reason = "it is part of the pod's termination grace period";
  checkCount(`${path}.scaleDownCheckpointSeconds`, checkpointSeconds, 0, reason, problems, 3600);
  const localRecovery = checkVolume(`${path}.localRecovery`, given.localRecovery, problems);
  const ephemeralVolume = checkVolume(`${path}.ephemeralVolume`, given.ephemeralVolume, problems);
  const jobManager: RoleAdditions = localRecovery ? { options: localRecoveryOptions } : {};
  const taskManager: RoleAdditions = localRecovery
    ? {
        options: { ...localRecoveryOptions, "process.taskmanager.working-dir": localStateVolume.mountPath },
        volumeMounts: [localStateVolume],
      }
    : {};
  return {
    additions: { argument: `${path}.localRecovery`, jobManager, taskManager },
    model: {
      checkpointSeconds,
      ...(localRecovery ? { localRecovery } : {}),
      ...(ephemeralVolume ? { ephemeralVolume } : {}),
    },
  };
}

function checkVolume(
  path: string,
  given: LocalRecoveryArgs | EphemeralVolumeArgs | undefined,
  problems: Problem[],
): VolumeModel | undefined {
  if (!given) return undefined;
  const { size, storageClass } = given;
  const bytes = size === undefined ? undefined : parseStorage(size);
  if (bytes === undefined || bytes < 64 * 2 ** 20) {
    problems.push({
      path: `${path}.size`,
      value: size,
      reason:
        size === undefined ? "a volume needs a size" : "this is not a Kubernetes quantity of at least 64Mi",
      fix: "write a whole number and a unit, such as 20Gi",
    });
  }
  if (storageClass !== undefined && !dnsName.test(storageClass)) {
    problems.push({
      path: `${path}.storageClass`,
      value: storageClass,
      reason: "this is not a valid name of a StorageClass",
      fix: "write a name that `kubectl get storageclass` shows, or leave it out",
    });
  }
  return {
    size: bytes === undefined ? (size ?? "") : formatBytes(bytes),
    ...(storageClass === undefined ? {} : { storageClass }),
  };
}
