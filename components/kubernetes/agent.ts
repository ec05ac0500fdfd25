import type { core, rbac } from "@pulumi/kubernetes/types/input";
import { agentDirectory, agentFiles } from "../agent/files";
import type { ClusterModel } from "../args/model";
import { contentHash, objectLabels, objectName } from "../names";

/**
 * The agent, which runs in the cluster's helper pods. It is a Secret although nothing in it is confidential:
 * accounts that run user code may write ConfigMaps, but no Secrets. Content-addressed, because the program
 * must not change under a running pod.
 */
export function agentSecret({ name, namespace }: ClusterModel) {
  const data = agentFiles();
  return {
    metadata: {
      name: objectName(name, "agent", contentHash(data)),
      namespace: namespace.name,
      labels: objectLabels(name),
      // It may be written into a GitOps folder.
      annotations: { "flink-kubernetes/confidential": "false" },
    },
    immutable: true,
    data,
  } satisfies core.v1.Secret;
}

/** Rights that every program of the agent needs: it asks which JobManager pods there are. */
export const listPods = {
  apiGroups: [""],
  resources: ["pods"],
  verbs: ["list"],
} satisfies rbac.v1.PolicyRule;

/** The agent's volume in a pod, and where it is mounted. */
export function agentVolume(secretName: string) {
  return {
    volume: { name: "agent", secret: { secretName } } satisfies core.v1.Volume,
    mount: { name: "agent", mountPath: agentDirectory, readOnly: true } satisfies core.v1.VolumeMount,
  };
}
