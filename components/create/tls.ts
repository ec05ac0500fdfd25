import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { certificateObjects, storePassword } from "../kubernetes/tls";
import { child, type Creation } from "./context";

/** The certificates from cert-manager, and the password of their stores. Pods need them to start. */
export function createTls(creation: Creation, namespace: pulumi.Resource[]): pulumi.Resource[] {
  const { model } = creation;
  const purposes = certificateObjects(model).map((objects) => Object.entries(objects));
  if (purposes.flat().length === 0) return [];
  const password = new random.RandomPassword(
    `${model.name}-tls-password`,
    { length: 32, special: false },
    child(creation),
  );
  const secret = new k8s.core.v1.Secret(
    `${model.name}-tls-password`,
    storePassword(model, password.result),
    child(creation, namespace),
  );
  const made: pulumi.Resource[] = [secret];
  for (const objects of purposes) {
    // An authority must exist before certificates that it signs. The two purposes do not depend on each
    // other.
    let before: pulumi.Resource[] = [...namespace, secret];
    for (const [role, object] of objects) {
      const name = `${model.name}-${role}-tls`;
      const resource = new k8s.apiextensions.CustomResource(name, object, child(creation, before));
      made.push(resource);
      before = [...before, resource];
    }
  }
  return made;
}
