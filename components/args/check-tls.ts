import type { core } from "@pulumi/kubernetes/types/input";
import { dnsName, jobManagerHost, objectName } from "../names";
import {
  type Context,
  type Feature,
  type Findings,
  forBoth,
  type OptionSource,
  type RoleAdditions,
} from "./additions";
import { passesTlsThrough } from "./check-exposure";
import type { CertManagerArgs, InternalTlsArgs, IssuerArgs, KeyStoreSecretArgs, RestTlsArgs } from "./tls";

/** TLS after validation: the Secrets with the key stores, and their origin. */
export interface TlsModel {
  internal?: StoreModel;
  rest?: RestStoreModel;
}

/** A Secret with key stores, with cert-manager's entry names. */
export interface StoreModel {
  secretName: string;
  /** Present if cert-manager writes the Secret. */
  certificate?: CertificateModel;
}

export interface RestStoreModel extends StoreModel {
  /** Whether clients need a certificate too. */
  clientAuthentication: boolean;
  /** Names of the Secret's entries, and the place of its password. */
  source: Required<KeyStoreSecretArgs>;
}

export interface CertificateModel {
  /** Absent if a certificate authority is created for this purpose. */
  issuer?: { name: string; kind: string; group: string };
  duration: string;
  dnsNames: string[];
}

/**
 * Directories of the files in the pods. `client` contains the files for REST clients: ca.crt, tls.crt and
 * tls.key.
 */
export const tlsDirectories = {
  internal: "/opt/flink-kubernetes/tls/internal",
  rest: "/opt/flink-kubernetes/tls/rest",
  client: "/opt/flink-kubernetes/tls/client",
} as const;

/** Flink's current defaults, always set: older patch releases name ciphers that newer Java versions lack. */
const protocol = {
  "security.ssl.protocol": "TLSv1.2",
  "security.ssl.algorithms": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
};

/** Additions of `tls` to the cluster. */
export function checkTls(context: Context, findings: Findings): Feature<TlsModel> {
  const { tls } = context.args;
  if (!tls) return { additions: forBoth("tls", {}) };
  const internal = tls.internal && internalTls(context, tls.internal, findings);
  const rest = tls.rest && restTls(context, tls.rest, findings);
  if (!internal && !rest) {
    const reason = "this enables TLS for no connection";
    findings.problems.push({
      path: "tls",
      value: tls,
      reason,
      fix: "write tls.internal or tls.rest, or leave tls out",
    });
  }
  const annotations: Record<string, string> =
    tls.rotation === undefined ? {} : { "flink-kubernetes/tls-rotation": tls.rotation };
  const parts = [internal?.additions, rest?.additions].filter((part) => part !== undefined);
  const both = {
    optionsFrom: parts.flatMap(({ optionsFrom }) => optionsFrom),
    volumes: parts.flatMap(({ volumes }) => volumes),
    volumeMounts: parts.flatMap(({ volumeMounts }) => volumeMounts),
  };
  const client = rest && clientFiles(rest.model);
  return {
    additions: {
      argument: "tls",
      jobManager: {
        ...both,
        options: Object.assign({}, ...parts.map(({ options }) => options)) as Record<string, string>,
        defaults: protocol,
        annotations,
      },
      // A TaskManager has no REST API, but calls the JobManager's before it stops.
      taskManager: {
        options: internal?.additions.options,
        optionsFrom: internal?.additions.optionsFrom,
        volumes: [...(internal?.additions.volumes ?? []), ...(client ? [client.volume] : [])],
        volumeMounts: [...(internal?.additions.volumeMounts ?? []), ...(client ? [client.mount] : [])],
        defaults: internal ? protocol : {},
        annotations,
      },
    },
    model: { internal: internal?.model, rest: rest?.model },
  };
}

interface Part<Model> {
  model: Model;
  additions: {
    options: Record<string, string>;
    optionsFrom: OptionSource[];
    volumes: core.v1.Volume[];
    volumeMounts: core.v1.VolumeMount[];
  };
}

function internalTls(context: Context, given: InternalTlsArgs, findings: Findings): Part<StoreModel> {
  const path = "tls.internal";
  const pinned = (given.fingerprints ?? []).length > 0;
  checkFingerprints(`${path}.fingerprints`, given.fingerprints, findings);
  checkIssuerName(`${path}.certManager.issuer`, given.certManager?.issuer, findings);
  if (!pinned) checkIssuer(`${path}.certManager.issuer`, given.certManager?.issuer, path, findings);
  const source = checkSource(path, given, context, findings);
  const dnsNames = [jobManagerHost(context.name, context.namespace.name)];
  const options: Record<string, string> = { "security.ssl.internal.enabled": "true" };
  if (pinned) options["security.ssl.internal.cert.fingerprint"] = given.fingerprints!.join(",");
  const part = stores("internal", source, true);
  return {
    model: {
      secretName: source.name,
      certificate: given.certManager && certificate(given.certManager, dnsNames),
    },
    additions: { ...part, options: { ...options, ...part.options } },
  };
}

function restTls(context: Context, given: RestTlsArgs, findings: Findings): Part<RestStoreModel> {
  const path = "tls.rest";
  const clientAuthentication = given.clientAuthentication ?? false;
  if (clientAuthentication)
    checkIssuer(
      `${path}.certManager.issuer`,
      given.certManager?.issuer,
      `${path}.clientAuthentication`,
      findings,
    );
  checkIssuerName(`${path}.certManager.issuer`, given.certManager?.issuer, findings);
  given.dnsNames?.forEach((name, index) => checkDnsName(`${path}.dnsNames[${index}]`, name, findings));
  if (given.secret && given.dnsNames) {
    const reason = "tls.rest.secret names an existing certificate, so this has no effect on its host names";
    findings.problems.push({
      path: `${path}.dnsNames`,
      value: given.dnsNames,
      reason,
      fix: "leave it out, or use tls.rest.certManager",
    });
  }
  const source = checkSource(path, given, context, findings);
  const part = stores("rest", source, clientAuthentication);
  return {
    model: {
      secretName: source.name,
      certificate: given.certManager && certificate(given.certManager, restNames(context, given)),
      clientAuthentication,
      source,
    },
    additions: {
      ...part,
      options: {
        "security.ssl.rest.enabled": "true",
        "security.ssl.rest.authentication-enabled": String(clientAuthentication),
        ...part.options,
      },
    },
  };
}

/**
 * The host names of the REST API's Services, in every form that DNS completes, and localhost for
 * port-forward.
 */
function restNames({ name, namespace, args }: Context, { dnsNames }: RestTlsArgs): string[] {
  const roles = ["jobmanager", "rest", ...(args.sqlGateway ? ["sql-gateway"] : [])];
  const services = roles
    .map((role) => objectName(name, role))
    .flatMap((service) =>
      ["", `.${namespace.name}`, `.${namespace.name}.svc`, `.${namespace.name}.svc.cluster.local`].map(
        (suffix) => service + suffix,
      ),
    );
  const { exposure } = args;
  const direct = exposure && (exposure.service !== undefined || passesTlsThrough(exposure));
  const outside = direct && exposure.host !== undefined ? [exposure.host] : [];
  return [...new Set([...services, "localhost", ...outside, ...(dnsNames ?? [])])];
}

function certificate({ issuer, duration }: CertManagerArgs, dnsNames: string[]): CertificateModel {
  return {
    ...(issuer
      ? {
          issuer: {
            name: issuer.name,
            kind: issuer.kind ?? "Issuer",
            group: issuer.group ?? "cert-manager.io",
          },
        }
      : {}),
    duration: duration ?? "8760h",
    dnsNames,
  };
}

/** Name of the Secret that cert-manager writes for a purpose. */
export function tlsSecretName(cluster: string, purpose: "internal" | "rest"): string {
  return objectName(cluster, purpose, "tls");
}

/** The Secret with the password of the stores that cert-manager creates. */
export function storePasswordSecret(cluster: string): { name: string; key: string } {
  return { name: objectName(cluster, "tls-password"), key: "password" };
}

/** Checks that exactly one source of the stores is given. */
function checkSource(
  path: "tls.internal" | "tls.rest",
  given: { secret?: KeyStoreSecretArgs; certManager?: CertManagerArgs },
  { name, namespace }: Context,
  { problems }: Findings,
): Required<KeyStoreSecretArgs> {
  const { secret, certManager } = given;
  if ((secret === undefined) === (certManager === undefined)) {
    problems.push({
      path,
      reason: secret
        ? "the certificate comes from secret or from certManager, not from both"
        : "TLS needs a certificate",
      fix: secret
        ? "leave out one of the two"
        : "write secret (name of a Secret with key stores), or certManager: {} to have cert-manager make one",
    });
  }
  if (certManager) checkDuration(`${path}.certManager.duration`, certManager.duration, { problems });
  if (secret && !(secret.name && dnsName.test(secret.name))) {
    problems.push({
      path: `${path}.secret.name`,
      value: secret.name,
      reason: secret.name
        ? "Kubernetes refuses this name"
        : "the name of the Secret with the key stores is missing",
      fix: `write the name of a Secret in the namespace ${namespace.name}`,
    });
  }
  for (const field of ["name", "key"] as const) {
    if (!secret?.password || secret.password[field]) continue;
    const reason = `a reference to a password needs the Secret's name and a key, but ${field} is missing`;
    problems.push({ path: `${path}.secret.password.${field}`, reason, fix: `write ${field}` });
  }
  for (const field of ["keystore", "truststore"] as const) {
    const key = secret?.[field];
    if (key === undefined || /^[-._a-zA-Z0-9]{1,253}$/.test(key)) continue;
    const reason = "this must be the key of an entry in the Secret, and Kubernetes refuses this key";
    problems.push({
      path: `${path}.secret.${field}`,
      value: key,
      reason,
      fix: `write for example ${field}.p12`,
    });
  }
  const made = tlsSecretName(name, path === "tls.internal" ? "internal" : "rest");
  return {
    name: secret?.name ?? made,
    keystore: secret?.keystore ?? "keystore.p12",
    truststore: secret?.truststore ?? "truststore.p12",
    password: secret
      ? (secret.password ?? { name: secret.name, key: "password" })
      : storePasswordSecret(name),
  };
}

/**
 * Flink's options for the stores, and the store files. Each file is mounted with subPath and so stays as it
 * was at the container's start. A process thus never combines new certificates with old ones in memory.
 */
function stores(
  purpose: "internal" | "rest",
  { name, keystore, truststore, password }: Required<KeyStoreSecretArgs>,
  trusts: boolean,
): Part<unknown>["additions"] {
  const prefix = `security.ssl.${purpose}`;
  const file = (key: string) => `${tlsDirectories[purpose]}/${key}`;
  const passwords = ["keystore-password", "key-password", ...(trusts ? ["truststore-password"] : [])];
  const keys = [...new Set([keystore, ...(trusts ? [truststore] : [])])];
  const volume = `tls-${purpose}`;
  return {
    options: {
      [`${prefix}.keystore`]: file(keystore),
      [`${prefix}.keystore-type`]: "PKCS12",
      ...(trusts
        ? { [`${prefix}.truststore`]: file(truststore), [`${prefix}.truststore-type`]: "PKCS12" }
        : {}),
    },
    optionsFrom: passwords.map((option) => ({
      option: `${prefix}.${option}`,
      secretName: password.name,
      key: password.key,
    })),
    volumes: [secretVolume(volume, name, keys)],
    volumeMounts: keys.map((key) => ({ name: volume, mountPath: file(key), subPath: key, readOnly: true })),
  };
}

/**
 * Additions for a Flink process that calls the REST API and serves its own clients with the same certificate.
 * It always needs the trust store.
 */
export function restPeer({ rest }: TlsModel): RoleAdditions {
  return rest ? stores("rest", rest.source, true) : {};
}

/** Files that a REST client needs to verify the server and to authenticate. */
export function clientFiles({
  secretName,
  clientAuthentication,
}: Pick<RestStoreModel, "secretName" | "clientAuthentication">) {
  const keys = ["ca.crt", ...(clientAuthentication ? ["tls.crt", "tls.key"] : [])];
  return {
    volume: secretVolume("tls-client", secretName, keys),
    mount: { name: "tls-client", mountPath: tlsDirectories.client, readOnly: true },
  };
}

function secretVolume(name: string, secretName: string, keys: string[]) {
  const items = keys.map((key) => ({ key, path: key }));
  return { name, secret: { secretName, items, defaultMode: 0o440 } };
}

/** If Flink accepts every certificate of an authority, the authority must sign only for this cluster. */
function checkIssuer(
  path: string,
  issuer: IssuerArgs | undefined,
  owner: string,
  { problems }: Findings,
): void {
  if (!issuer || (issuer.exclusive && issuer.kind !== "ClusterIssuer")) return;
  const reason =
    issuer.kind === "ClusterIssuer"
      ? "Flink does not check host names here, so it would trust every certificate of this issuer, and every namespace can get one from a ClusterIssuer"
      : "Flink does not check host names here, so it would trust every certificate of this issuer as one of this cluster";
  problems.push({
    path,
    value: issuer,
    reason,
    fix: `leave the issuer out to get a certificate authority for ${owner} alone${issuer.kind === "ClusterIssuer" ? "" : "; or set exclusive: true if the issuer signs for nobody else"}`,
  });
}

function checkIssuerName(path: string, issuer: IssuerArgs | undefined, { problems }: Findings): void {
  if (!issuer) return;
  if (!(issuer.name && dnsName.test(issuer.name))) {
    const reason = issuer.name ? "Kubernetes refuses this name" : "the name of the issuer is missing";
    problems.push({ path: `${path}.name`, value: issuer.name, reason, fix: "write the name of the issuer" });
  }
  const own = issuer.group === undefined || issuer.group === "cert-manager.io";
  if (own && ![undefined, "Issuer", "ClusterIssuer"].includes(issuer.kind)) {
    const reason = "cert-manager has no issuer of this kind";
    problems.push({ path: `${path}.kind`, value: issuer.kind, reason, fix: "write Issuer or ClusterIssuer" });
  }
}

function checkFingerprints(path: string, list: string[] | undefined, { problems }: Findings): void {
  if (list?.length === 0) {
    const reason = "an empty list pins no certificate";
    problems.push({ path, value: list, reason, fix: "list a fingerprint, or leave it out" });
  }
  list?.forEach((fingerprint, index) => {
    if (/^([0-9a-f]{2}:?){19}[0-9a-f]{2}$/i.test(fingerprint)) return;
    const sha256 = /^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i.test(fingerprint);
    problems.push({
      path: `${path}[${index}]`,
      value: fingerprint,
      reason: sha256
        ? "this is a SHA-256 fingerprint, but Flink compares SHA-1 fingerprints"
        : "this is not a SHA-1 fingerprint of 20 bytes in hexadecimal digits",
      fix: "write the fingerprint that `openssl x509 -noout -fingerprint -sha1` prints after the equals sign",
    });
  });
}

/** Checks a Go duration. cert-manager requires at least an hour. */
function checkDuration(path: string, duration: string | undefined, { problems }: Pick<Findings, "problems">) {
  if (duration === undefined) return;
  const parts = /^(\d+h)?(\d+m)?(\d+s)?$/.exec(duration);
  const [hours, minutes, seconds] = (parts ?? []).slice(1).map((part) => parseInt(part ?? "0", 10));
  if (parts && hours! + minutes! / 60 + seconds! / 3600 >= 1) return;
  const reason = parts
    ? "cert-manager does not issue certificates for less than an hour"
    : "cert-manager cannot read this duration: it accepts hours, minutes and seconds";
  problems.push({ path, value: duration, reason, fix: "write hours, for example 8760h for a year" });
}

function checkDnsName(path: string, name: string, { problems }: Findings): void {
  const host = name.replace(/^\*\./, "");
  if (dnsName.test(host) && !/^[\d.]+$/.test(host)) return;
  const reason = "this is not a valid host name";
  problems.push({ path, value: name, reason, fix: "write a DNS name, such as flink.example.com" });
}
