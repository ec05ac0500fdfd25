import type { ClusterModel } from "../args/model";
import type { ApplicationLaunch } from "../flink/launcher-application";
import { connectionOf } from "./connection";
import { jobIdPrefix, ledgerMetadata } from "./submission";

/** Parameters of the launcher in an application's JobManager. */
export function applicationLaunch(model: ClusterModel): ApplicationLaunch | undefined {
  const { application, highAvailability } = model;
  if (!application) return undefined;
  const connection = connectionOf(model, "");
  const { checkpointDirectory } = connection;
  return {
    ...application,
    ...(highAvailability
      ? { resultDirectory: `${highAvailability.storageDirectory}/results/${highAvailability.clusterId}` }
      : {}),
    settings: {
      NAMESPACE: connection.namespace,
      LEDGER_NAME: ledgerMetadata(connection, model.name).name,
      FLINK_CLUSTER: model.name,
      FLINK_JOB: model.name,
      JOB_ID_PREFIX: jobIdPrefix(connection, model.name),
      ...(highAvailability ? { HIGH_AVAILABILITY_ID: highAvailability.clusterId } : {}),
      ...(checkpointDirectory === undefined ? {} : { CHECKPOINT_DIRECTORY: checkpointDirectory }),
    },
  };
}
