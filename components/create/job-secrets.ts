import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { saltedHash } from "./secret";

/** The Secret with the confidential arguments and options of a job, and a hash of them that may be public. */
export interface JobSecrets {
  objects: pulumi.Resource[];
  hash: pulumi.Output<string>;
}

export function createJobSecrets(
  parent: pulumi.Resource,
  name: string,
  metadata: pulumi.Input<{ name: string; namespace: string }>,
  entries: Record<string, pulumi.Input<string>>,
): JobSecrets | undefined {
  if (Object.keys(entries).length === 0) return undefined;
  // The hash is public in the job's revision. The salt, which only the Secret contains, prevents conclusions
  // about the hashed values.
  const salt = new random.RandomPassword(`${name}-secrets-salt`, { length: 32, special: false }, { parent });
  const content = Object.fromEntries(
    Object.entries(entries).map(([entry, value]) => [entry, pulumi.secret(value).apply(String)]),
  );
  const object = new k8s.core.v1.Secret(
    `${name}-secrets`,
    { metadata, type: "Opaque", stringData: { ...content, salt: salt.result } },
    { parent },
  );
  return { objects: [object], hash: saltedHash(salt.result, content) };
}
