import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { storageClaim } from "../kubernetes/storage";
import { child, type Creation } from "./context";

/** The created volume for state, if any. It is protected, so that no change deletes the state of all jobs. */
export function createStorage(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const claim = model.storage?.claim;
  if (!claim) return [];
  const options = { ...child(creation, namespace), protect: claim.protect };
  return [
    new k8s.core.v1.PersistentVolumeClaim(`${model.name}-storage`, storageClaim(model, claim), options),
  ];
}
