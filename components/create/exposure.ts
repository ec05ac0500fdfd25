import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exposedService, restIngress, restRoute } from "../kubernetes/exposure";
import { child, type Creation } from "./context";

/** Access to the REST API from outside, if wanted. */
export function createExposure(creation: Creation, rest: pulumi.Resource): void {
  const { model } = creation;
  const { exposure } = model;
  const options = child(creation, [rest]);
  if (exposure?.ingress) {
    const ingress = restIngress(model, exposure, exposure.ingress);
    new k8s.networking.v1.Ingress(`${model.name}-rest`, ingress, options);
  }
  if (exposure?.service) {
    const service = exposedService(model, exposure.service);
    new k8s.core.v1.Service(`${model.name}-rest-external`, service, options);
  }
  if (exposure?.httpRoute) {
    for (const [role, object] of Object.entries(restRoute(model, exposure, exposure.httpRoute))) {
      new k8s.apiextensions.CustomResource(`${model.name}-rest-${role}`, object, options);
    }
  }
}
