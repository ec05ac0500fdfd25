import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../kubernetes/access";
import { highAvailabilityBinding, highAvailabilityRole } from "../kubernetes/high-availability";
import { child, type Creation } from "./context";

/** Service accounts of the pods, and their rights at the Kubernetes API server. */
export function createAccess(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const accounts = [
    { role: "jobmanager", pod: model.jobManager.pod },
    { role: "taskmanager", pod: model.taskManager.pod },
    ...(model.historyServer ? [{ role: "historyserver", pod: model.historyServer.pod } as const] : []),
    ...(model.sqlGateway ? [{ role: "sql-gateway", pod: model.sqlGateway.pod } as const] : []),
  ] as const;
  const made = accounts
    .filter(({ pod }) => pod.serviceAccount.create)
    .map(({ role, pod }) => {
      const args = serviceAccount(model, role, pod);
      return new k8s.core.v1.ServiceAccount(`${model.name}-${role}`, args, child(creation, namespace));
    });
  return [...made, ...(model.highAvailability ? createRights(creation, namespace) : [])];
}

/** Rights that high availability needs at the Kubernetes API server. */
function createRights(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const options = child(creation, namespace);
  return (["jobmanager", "taskmanager"] as const).flatMap((role) => {
    const name = `${model.name}-${role}-ha`;
    const rights = new k8s.rbac.v1.Role(name, highAvailabilityRole(model, role), options);
    const binding = new k8s.rbac.v1.RoleBinding(
      name,
      highAvailabilityBinding(model, role),
      child(creation, [rights]),
    );
    return [rights, binding];
  });
}
