import type { SecretKeyArgs } from "./cluster";
import { secretKeyShape } from "./secret-key";
import type { ShapeOf } from "./shape";

/**
 * Encryption between the processes of a cluster, and of its REST API. A process reads its keys and
 * certificates only when it starts, so renewed ones take effect after a restart. `rotation` causes that
 * restart.
 */
export interface TlsArgs {
  /**
   * Mutual TLS between JobManagers and TaskManagers for RPC, records and jars (Flink's
   * `security.ssl.internal.*`). Any certificate that the trust store accepts makes its holder a member of the
   * cluster, whatever host name it carries. Default: off. A change restarts the cluster.
   */
  internal?: InternalTlsArgs;

  /**
   * TLS of the REST API and the web UI (Flink's `security.ssl.rest.*`). Default: off. A change restarts the
   * JobManager.
   */
  rest?: RestTlsArgs;

  /**
   * Any text, such as `2026-11`. A change restarts JobManager and TaskManagers together, so that they read
   * the certificates again. Default: none.
   */
  rotation?: string;
}

/**
 * Source of the certificate for traffic between the processes: a Secret or cert-manager. Give one of them.
 */
export interface InternalTlsArgs {
  /** A Secret with a PKCS#12 key store and trust store. */
  secret?: KeyStoreSecretArgs;

  /**
   * Lets cert-manager issue the certificate. Without an issuer, a certificate authority for this cluster
   * alone is created first.
   */
  certManager?: CertManagerArgs;

  /**
   * SHA-1 fingerprints (`AB:CD:...`) of the only certificates that are accepted (Flink's
   * `security.ssl.internal.cert.fingerprint`). Needed if the trust store's authority also signs certificates
   * for others. To replace the certificate without downtime, list the old and the new one. Default: all
   * certificates that the trust store accepts.
   */
  fingerprints?: string[];
}

/** Source of the certificate of the REST API: a Secret or cert-manager. Give one of them. */
export interface RestTlsArgs {
  /**
   * A Secret with a PKCS#12 key store, and `ca.crt` (PEM), with which submissions verify the REST API. The
   * certificate must name the host `<cluster>-jobmanager.<namespace>.svc`, and for the web UI
   * `<cluster>-rest.<namespace>.svc`. With a `sqlGateway`, the Secret also needs `truststore.p12`, and the
   * certificate must also name `<cluster>-sql-gateway.<namespace>.svc`.
   */
  secret?: KeyStoreSecretArgs;

  /**
   * Lets cert-manager issue the certificate for the host names of the cluster's Services. The issuer may be
   * shared, but must be able to sign such names; a public one (ACME) cannot. Without an issuer, a certificate
   * authority for this REST API alone is created first.
   */
  certManager?: CertManagerArgs;

  /**
   * Whether clients need a certificate too (Flink's `security.ssl.rest.authentication-enabled`). The Secret
   * then also needs `truststore.p12`, `tls.crt` and `tls.key` (PEM), with which jobs are submitted. Default:
   * false.
   */
  clientAuthentication?: boolean;

  /**
   * Additional host names for the certificate that cert-manager issues. Default: only the names of the
   * Services, and localhost.
   */
  dnsNames?: string[];
}

/**
 * A Secret in the cluster's namespace with key stores, as cert-manager writes it. The program does not read
 * it.
 */
export interface KeyStoreSecretArgs {
  /** Name of the Secret. */
  name: string;

  /** Key of the PKCS#12 key store, with an RSA key. Default: `keystore.p12`. */
  keystore?: string;

  /**
   * Key of the PKCS#12 trust store. Default: `truststore.p12`. With `keystore.p12`, the one certificate
   * trusts only itself; use this for a self-signed certificate.
   */
  truststore?: string;

  /**
   * Password of the stores and of the key; all have the same one. Default: the key `password` of the same
   * Secret.
   */
  password?: SecretKeyArgs;
}

/** Request to cert-manager. */
export interface CertManagerArgs {
  /**
   * The issuer that signs. Default: a certificate authority that is created for this purpose, with an Issuer
   * in the cluster's namespace.
   */
  issuer?: IssuerArgs;

  /**
   * Validity of the certificate in cert-manager's notation (Go durations, `2160h`). It is renewed after two
   * thirds of that time. The cluster must be restarted (`rotation`) before the old certificate expires.
   * Default: 8760h, a year.
   */
  duration?: string;
}

/** An issuer known to cert-manager. */
export interface IssuerArgs {
  /** Name of the issuer. */
  name: string;

  /** `Issuer` (in the cluster's namespace) or `ClusterIssuer`. Default: Issuer. */
  kind?: string;

  /** API group, for external issuers. Default: cert-manager.io. */
  group?: string;

  /**
   * Confirms that this issuer signs only for this cluster. Required if Flink accepts any certificate of the
   * issuer as proof (`internal`, `clientAuthentication`), because Flink does not check host names there.
   * Default: false.
   */
  exclusive?: boolean;
}

const keyStoreSecret: ShapeOf<KeyStoreSecretArgs> = {
  name: "text",
  keystore: "text",
  truststore: "text",
  password: { object: secretKeyShape },
};

const issuer: ShapeOf<IssuerArgs> = { name: "text", kind: "text", group: "text", exclusive: "boolean" };

const certManager: ShapeOf<CertManagerArgs> = { issuer: { object: issuer }, duration: "text" };

const internal: ShapeOf<InternalTlsArgs> = {
  secret: { object: keyStoreSecret },
  certManager: { object: certManager },
  fingerprints: "textList",
};

const rest: ShapeOf<RestTlsArgs> = {
  secret: { object: keyStoreSecret },
  certManager: { object: certManager },
  clientAuthentication: "boolean",
  dnsNames: "textList",
};

export const tlsShape: ShapeOf<TlsArgs> = {
  internal: { object: internal },
  rest: { object: rest },
  rotation: "text",
};
