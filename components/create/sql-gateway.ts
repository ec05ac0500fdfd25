import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import {
  sqlGatewayConfigMap,
  sqlGatewayDeployment,
  sqlGatewayService,
  sqlGatewayTemplate,
} from "../kubernetes/sql-gateway";
import { createConfigMap } from "./config-map";
import { child, type Creation } from "./context";
import { withHash } from "./roles";
import type { HashedSecret } from "./secret";

/** The SQL Gateway, if wanted. Nothing in the cluster waits for it. */
export function createSqlGateway(
  creation: Creation,
  needed: pulumi.Resource[],
  secret: HashedSecret | undefined,
): void {
  const { model } = creation;
  const { name, sqlGateway } = model;
  if (!sqlGateway) return;
  const config = sqlGatewayConfigMap(model, sqlGateway);
  const options = child(creation, needed);
  const configMap = createConfigMap(`${name}-sql-gateway-conf`, config, options);
  const template = sqlGatewayTemplate(model, sqlGateway, config.metadata.name);
  new k8s.apps.v1.Deployment(
    `${name}-sql-gateway`,
    sqlGatewayDeployment(model, withHash(template, "jobmanager", secret)),
    child(creation, [...needed, configMap]),
  );
  new k8s.core.v1.Service(`${name}-sql-gateway`, sqlGatewayService(model), options);
}
