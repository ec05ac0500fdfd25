import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createHash } from "node:crypto";
import { configSecret, renderSecretConfig, secretEnvironment } from "../kubernetes/configuration";
import { canonicalJson } from "../names";
import { child, type Creation } from "./context";

type RoleName = "jobmanager" | "taskmanager";

/**
 * The Secret, and for each role a public hash of its entries. The hash is on the pods, so that a change
 * restarts them.
 */
export interface HashedSecret {
  object: k8s.core.v1.Secret;
  hash: Record<RoleName, pulumi.Output<string>>;
}

/** Confidential options and environment variables. */
export function createConfigSecret(
  creation: Creation,
  namespace: pulumi.Resource[],
): HashedSecret | undefined {
  const { model } = creation;
  const options = model.secretOptions;
  const config: Record<string, pulumi.Output<string>> = Object.keys(options).length === 0
    ? {}
    : { "config.yaml": pulumi.secret(pulumi.all(options)).apply(renderSecretConfig) };
  const jobManager = secretEnvironment(model, "jobmanager");
  const taskManager = secretEnvironment(model, "taskmanager");
  const content = { ...config, ...asSecrets(jobManager), ...asSecrets(taskManager) };
  if (Object.keys(content).length === 0) return undefined;
  // The hash is public on the pods. The salt, which only the Secret contains, prevents conclusions about the
  // hashed values.
  const salt = new random.RandomPassword(
    `${model.name}-config-salt`,
    { length: 32, special: false },
    child(creation),
  );
  const object = new k8s.core.v1.Secret(
    `${model.name}-config`,
    configSecret(model, content, salt.result),
    child(creation, namespace),
  );
  const hash = (part: Record<string, pulumi.Input<string>>) =>
    saltedHash(salt.result, { ...config, ...part });
  return { object, hash: { jobmanager: hash(jobManager), taskmanager: hash(taskManager) } };
}

function asSecrets(values: Record<string, pulumi.Input<string>>): Record<string, pulumi.Output<string>> {
  const secrets = Object.entries(values).map(([key, value]) => [key, pulumi.secret(value)] as const);
  return Object.fromEntries(secrets);
}

export function saltedHash(
  salt: pulumi.Output<string>,
  content: Record<string, pulumi.Input<string>>,
): pulumi.Output<string> {
  const hash = pulumi.all([salt, pulumi.all(content)]).apply(([key, values]) =>
    // Mocks in a unit test return no generated values.
    createHash("sha256")
      .update((key as string | undefined) ?? "")
      .update("\0")
      .update(canonicalJson(values))
      .digest("hex")
      .slice(0, 16),
  );
  // Otherwise the annotation would make the whole Deployment secret.
  return pulumi.unsecret(hash);
}
