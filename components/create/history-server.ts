import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  historyServerConfigMap,
  historyServerDeployment,
  historyServerService,
  historyServerTemplate,
} from "../kubernetes/history-server";
import { createConfigMap } from "./config-map";
import { child, type Creation } from "./context";
import { withHash } from "./roles";
import type { HashedSecret } from "./secret";

/** The History Server, if wanted. Nothing in the cluster waits for it. */
export function createHistoryServer(
  creation: Creation,
  needed: pulumi.Resource[],
  secret: HashedSecret | undefined,
): void {
  const { model } = creation;
  const { name, historyServer } = model;
  if (!historyServer) return;
  const config = historyServerConfigMap(model, historyServer);
  const options = child(creation, needed);
  const configMap = createConfigMap(`${name}-historyserver-conf`, config, options);
  const template = historyServerTemplate(model, historyServer, config.metadata.name);
  new k8s.apps.v1.Deployment(
    `${name}-historyserver`,
    historyServerDeployment(model, withHash(template, "jobmanager", secret)),
    child(creation, [...needed, configMap]),
  );
  new k8s.core.v1.Service(`${name}-history`, historyServerService(model), options);
}
