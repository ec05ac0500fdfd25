import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../kubernetes/access";
import { child, type Creation } from "./context";

/** Who the pods are to the Kubernetes API server, and what they may do there. */
export function createAccess(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const accounts = [
    { role: "jobmanager", pod: model.jobManager.pod },
    { role: "taskmanager", pod: model.taskManager.pod },
  ] as const;
  return accounts
    .filter(({ pod }) => pod.serviceAccount.create)
    .map(({ role }) => {
      const args = serviceAccount(model, role);
      return new k8s.core.v1.ServiceAccount(`${model.name}-${role}`, args, child(creation, namespace));
    });
}
