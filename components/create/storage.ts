import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { storageClaim } from "../kubernetes/storage";
import { child, type Creation } from "./context";

/** The volume for state, if it is ours. It is protected, so that no change takes the state of all jobs with it. */
export function createStorage(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const claim = model.storage?.claim;
  if (!claim) return [];
  const options = { ...child(creation, namespace), protect: claim.protect };
  return [
    new k8s.core.v1.PersistentVolumeClaim(`${model.name}-storage`, storageClaim(model, claim), options),
  ];
}
