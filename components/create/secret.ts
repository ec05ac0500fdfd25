import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import { configSecret, renderSecretConfig } from "../kubernetes/configuration";
import { child, type Creation } from "./context";

/** A Secret, and a hash of its content that may stand in clear on the pods, to roll them when it changes. */
export interface HashedSecret {
  object: k8s.core.v1.Secret;
  hash: pulumi.Output<string>;
}

/** The options that may not be read by everybody, and a hash that rolls the pods when they change. */
export function createConfigSecret(
  creation: Creation,
  namespace: pulumi.Resource[],
): HashedSecret | undefined {
  const { model } = creation;
  if (Object.keys(model.secretOptions).length === 0) return undefined;
  // The hash stands in clear in the pods. The salt, which only the Secret holds, keeps it from telling what was hashed.
  const salt = new random.RandomPassword(
    `${model.name}-config-salt`,
    { length: 32, special: false },
    child(creation),
  );
  const config = pulumi.secret(pulumi.all(model.secretOptions)).apply(renderSecretConfig);
  const object = new k8s.core.v1.Secret(
    `${model.name}-config`,
    configSecret(model, config, salt.result),
    child(creation, namespace),
  );
  const hash = pulumi
    .all([salt.result, config])
    .apply(([key, text]) =>
      createHash("sha256").update(key).update("\0").update(text).digest("hex").slice(0, 16),
    );
  // Without this, the annotation would make the whole Deployment secret.
  return { object, hash: pulumi.unsecret(hash) };
}
