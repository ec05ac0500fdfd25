import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { networkPolicies } from "../kubernetes/network";
import { jobManagerService, restService } from "../kubernetes/services";
import { child, type Creation } from "./context";

/** NetworkPolicies for the pods, and the Services in front of them. */
export function createNetwork(creation: Creation, namespace: pulumi.Resource[]) {
  const { model } = creation;
  const { name } = model;
  const options = child(creation, namespace);
  const policies = model.network.policies
    ? Object.entries(networkPolicies(model)).map(
        ([role, policy]) => new k8s.networking.v1.NetworkPolicy(`${name}-${role}-network`, policy, options),
      )
    : [];
  const service = new k8s.core.v1.Service(`${name}-jobmanager`, jobManagerService(model), options);
  const rest = new k8s.core.v1.Service(`${name}-rest`, restService(model), options);
  return { needed: [...policies, service], rest };
}
