import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { JobModel } from "../args/check-job";
import type { FlinkConnection } from "../args/connection";
import type { FlinkJobArgs } from "../args/job";
import { guardDeleteSeconds, guardDeployment, guardMetadata, guardRules } from "../kubernetes/guard";

interface Creation {
  parent: pulumi.Resource;
  name: string;
  args: Pick<FlinkJobArgs, "guard" | "guardPod" | "submitter" | "startTimeout">;
  cluster: pulumi.Output<FlinkConnection>;
  model: pulumi.Output<JobModel>;
  /** When the pods of a finished job are removed. */
  ttl?: JobModel["ttl"];
  /** `customTimeouts` of the component. */
  timeouts?: pulumi.CustomTimeouts;
}

/**
 * The guard of a job. It depends on the submission, so it always guards a revision that has run. It also
 * depends on everything that stopping the job needs: through the connection, that includes the cluster's
 * processes, policies and secrets. So it is deleted first.
 */
export function createGuard(creation: Creation, needed: pulumi.Resource[]): void {
  const { parent, name, args, cluster, model, ttl, timeouts } = creation;
  if (args.guard === false) return;
  const metadata = cluster.apply((connection) => guardMetadata(connection, name));
  const given = (args.guardPod ?? args.submitter)?.serviceAccount;
  const account: pulumi.Resource[] = [];
  if (given?.name === undefined) {
    const { annotations } = given ?? {};
    const annotated = annotations ? metadata.apply((it) => ({ ...it, annotations })) : metadata;
    account.push(
      new k8s.core.v1.ServiceAccount(
        `${name}-guard`,
        { metadata: annotated, automountServiceAccountToken: false },
        { parent },
      ),
    );
  }
  const role = new k8s.rbac.v1.Role(
    `${name}-guard`,
    { metadata, rules: cluster.apply((connection) => guardRules(connection, name, ttl)) },
    { parent },
  );
  const binding = new k8s.rbac.v1.RoleBinding(
    `${name}-guard`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
      subjects: [
        { kind: "ServiceAccount", name: given?.name ?? metadata.name, namespace: metadata.namespace },
      ],
    },
    { parent, dependsOn: [...account, role] },
  );
  const deployment = model.apply(guardDeployment);
  new k8s.apps.v1.Deployment(
    `${name}-guard`,
    { metadata: deployment.metadata, spec: deployment.spec },
    {
      parent,
      dependsOn: [...needed, ...account, role, binding],
      customTimeouts: {
        ...timeouts,
        delete: `${guardDeleteSeconds({ startTimeout: args.startTimeout ?? 300 })}s`,
      },
    },
  );
}
