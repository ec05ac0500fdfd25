import type { FlinkConnection } from "../args/connection";
import { type ClusterModel, namespaceStays, savepointDirectory } from "../args/model";
import { defaultParallelism } from "../args/scaling";
import { jobManagerHost, ports } from "../names";
import { restUrl } from "./services";

/**
 * The data about a cluster that a job needs.
 *
 * @param restartHash hash of everything whose change loses the running jobs.
 */
export function connectionOf(model: ClusterModel, restartHash: string): FlinkConnection {
  const { name: clusterName, image, imagePullPolicy, imagePullSecrets, release, highAvailability } = model;
  const { followed } = model;
  const namespace = model.namespace.name;
  const { options } = model.jobManager;
  const rest = model.tls?.rest;
  const savepoints = savepointDirectory(model);
  const checkpointDirectory = options["execution.checkpointing.dir"] ?? options["state.checkpoints.dir"];
  return {
    clusterName,
    namespace,
    ...(model.namespace.limitRange ? { limitRange: model.namespace.limitRange } : {}),
    ...(model.quotaLeft ? { quotaLeft: model.quotaLeft } : {}),
    ...(namespaceStays(model) ? { namespaceStays: true } : {}),
    restUrl: restUrl(clusterName, namespace, rest !== undefined),
    jobManagerHost: jobManagerHost(clusterName, namespace),
    restPort: ports.rest,
    ...(rest ? { restTlsSecret: rest.secretName, restClientAuthentication: rest.clientAuthentication } : {}),
    flinkVersion: release.version,
    image,
    ...(imagePullPolicy ? { imagePullPolicy } : {}),
    ...(imagePullSecrets.length > 0 ? { imagePullSecrets } : {}),
    ...(Object.keys(followed).length > 0 ? { pods: followed } : {}),
    highAvailability: highAvailability !== undefined,
    defaultParallelism: defaultParallelism(model),
    restartHash,
    ...(savepoints ? { savepointDirectory: savepoints } : {}),
    ...(checkpointDirectory ? { checkpointDirectory } : {}),
    ...(model.storage?.lookup ? { stateStorage: model.storage.lookup } : {}),
  };
}
