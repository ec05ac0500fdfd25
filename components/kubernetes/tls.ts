import type { CertificateModel, StoreModel } from "../args/check-tls";
import { storePasswordSecret } from "../args/check-tls";
import type { ClusterModel } from "../args/model";
import { objectLabels, objectName } from "../names";

/** An object of a custom resource definition. */
export interface CustomObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
}

/**
 * An authority outlives its certificates by far: a new one would separate the processes that trust the old
 * one.
 */
const authorityDuration = "87600h";

/**
 * Objects for cert-manager, for each purpose separately, in order of their dependencies and by the suffixes
 * of the resources' names.
 */
export function certificateObjects(model: ClusterModel): Record<string, CustomObject>[] {
  const { internal, rest } = model.tls ?? {};
  return [objectsOf(model, "internal", internal), objectsOf(model, "rest", rest)];
}

function objectsOf(
  model: ClusterModel,
  purpose: "internal" | "rest",
  store: StoreModel | undefined,
): Record<string, CustomObject> {
  const certificate = store?.certificate;
  if (!certificate) return {};
  const named = (ending: string) => objectName(model.name, purpose, ending);
  const leaf = (issuerRef: object) =>
    object(model, "Certificate", objectName(model.name, purpose), {
      ...leafSpec(model, purpose, certificate),
      secretName: store.secretName,
      issuerRef,
    });
  if (certificate.issuer) return { [purpose]: leaf(certificate.issuer) };
  return {
    [`${purpose}-root`]: object(model, "Issuer", named("root"), { selfSigned: {} }),
    [`${purpose}-authority`]: object(model, "Certificate", named("authority"), {
      isCA: true,
      // Appears in cert-manager's logs; nothing trusts it by this name.
      commonName: named("authority"),
      secretName: named("authority"),
      duration: authorityDuration,
      privateKey: { algorithm: "RSA", size: 3072, encoding: "PKCS8", rotationPolicy: "Never" },
      issuerRef: own(named("root")),
    }),
    [`${purpose}-issuer`]: object(model, "Issuer", named("issuer"), {
      ca: { secretName: named("authority") },
    }),
    [purpose]: leaf(own(named("issuer"))),
  };
}

function leafSpec(model: ClusterModel, purpose: string, { duration, dnsNames }: CertificateModel) {
  return {
    commonName: objectName(model.name, purpose),
    dnsNames,
    duration,
    // Both sides: the processes are clients of each other, and submissions use the REST API's own
    // certificate.
    usages: ["digital signature", "key encipherment", "server auth", "client auth"],
    // Flink's ciphers need RSA keys.
    privateKey: { algorithm: "RSA", size: 3072, encoding: "PKCS8", rotationPolicy: "Always" },
    keystores: {
      pkcs12: { create: true, profile: "Modern2023", passwordSecretRef: storePasswordSecret(model.name) },
    },
  };
}

const own = (name: string) => ({ name, kind: "Issuer", group: "cert-manager.io" });

function object(
  model: ClusterModel,
  kind: "Certificate" | "Issuer",
  name: string,
  spec: Record<string, unknown>,
): CustomObject {
  return {
    apiVersion: "cert-manager.io/v1",
    kind,
    metadata: {
      name,
      namespace: model.namespace.name,
      labels: objectLabels(model.name),
      // A failed update then names the unsigned certificate, and not the pods that wait for it.
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec,
  };
}

/**
 * The Secret with the password of the stores that cert-manager creates. It is random; cert-manager and the
 * launcher read it.
 */
export function storePassword<Password>(model: ClusterModel, password: Password) {
  const { name, key } = storePasswordSecret(model.name);
  return {
    metadata: { name, namespace: model.namespace.name, labels: objectLabels(model.name) },
    type: "Opaque",
    stringData: { [key]: password },
  };
}
