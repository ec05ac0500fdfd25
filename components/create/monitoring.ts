import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { dashboardConfigMap, podMonitor, prometheusRule } from "../kubernetes/monitoring";
import { child, type Creation } from "./context";

/** Objects for the Prometheus operator and Grafana. Nothing in the cluster waits for them. */
export function createMonitoring(creation: Creation, namespace: pulumi.Resource[]): void {
  const { model } = creation;
  const { name, monitoring } = model;
  const options = child(creation, namespace);
  if (monitoring?.podMonitor) {
    const object = podMonitor(model, monitoring.podMonitor);
    new k8s.apiextensions.CustomResource(`${name}-metrics`, object, options);
  }
  if (monitoring?.alerts) {
    const object = prometheusRule(model, monitoring.alerts);
    new k8s.apiextensions.CustomResource(`${name}-alerts`, object, options);
  }
  if (monitoring?.dashboard) {
    const object = dashboardConfigMap(model, monitoring.dashboard);
    new k8s.core.v1.ConfigMap(`${name}-dashboard`, object, options);
  }
}
