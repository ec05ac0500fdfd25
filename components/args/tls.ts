import type { SecretKeyArgs } from "./cluster";
import { secretKeyShape } from "./secret-key";
import type { ShapeOf } from "./shape";

/**
 * Encryption between the processes of a cluster, and of its REST API. A process reads its keys and certificates once, when it
 * starts: what has been renewed since is used after a restart, for which there is `rotation`.
 */
export interface TlsArgs {
  /**
   * Mutual TLS between JobManagers and TaskManagers: RPC, records, jars (Flink's `security.ssl.internal.*`). Whoever has a certificate
   * that the trust store knows is one of them, whatever host name it is for. Default: off. Changing it restarts the cluster.
   */
  internal?: InternalTlsArgs;

  /** TLS of the REST API and the web UI (Flink's `security.ssl.rest.*`). Default: off. Changing it restarts the JobManager. */
  rest?: RestTlsArgs;

  /**
   * Any text, such as `2026-11`. Changing it restarts JobManager and TaskManagers together, so that they read the certificates
   * anew. Default: none.
   */
  rotation?: string;
}

/** Where the certificate of the traffic between the processes comes from: a Secret, or cert-manager. Give one of them. */
export interface InternalTlsArgs {
  /** A Secret with a PKCS#12 key store and trust store. */
  secret?: KeyStoreSecretArgs;

  /** cert-manager makes the certificate. Without an issuer it first makes a certificate authority of this cluster alone. */
  certManager?: CertManagerArgs;

  /**
   * SHA-1 fingerprints (`AB:CD:...`) of the only certificates that are accepted, in place of all that the trust store's authority
   * signs (Flink's `security.ssl.internal.cert.fingerprint`). Needed where that authority also signs for others. To change the
   * certificate without a gap, list the old and the new one. Default: what the trust store says.
   */
  fingerprints?: string[];
}

/** Where the certificate of the REST API comes from: a Secret, or cert-manager. Give one of them. */
export interface RestTlsArgs {
  /**
   * A Secret with a PKCS#12 key store, and `ca.crt` (PEM), which those who submit jobs verify the REST API with. Its certificate must
   * name the host `<cluster>-jobmanager.<namespace>.svc`, and for the web UI `<cluster>-rest.<namespace>.svc`. With a `sqlGateway` it needs `truststore.p12`
   * besides, and the certificate is that of `<cluster>-sql-gateway.<namespace>.svc` too.
   */
  secret?: KeyStoreSecretArgs;

  /**
   * cert-manager makes the certificate, for the host names of the cluster's Services. The issuer may be shared, but must sign such
   * names: a public one (ACME) does not. Without an issuer it first makes a certificate authority of this REST API alone.
   */
  certManager?: CertManagerArgs;

  /**
   * Whether clients need a certificate too (Flink's `security.ssl.rest.authentication-enabled`). The Secret then needs
   * `truststore.p12`, `tls.crt` and `tls.key` (PEM) besides; jobs are submitted with these. Default: false.
   */
  clientAuthentication?: boolean;

  /** Further host names for the certificate that cert-manager makes. Default: the names of the Services, and localhost. */
  dnsNames?: string[];
}

/** A Secret of the cluster's namespace with key stores, as cert-manager writes it. The program does not read it. */
export interface KeyStoreSecretArgs {
  /** Name of the Secret. */
  name: string;

  /** Key of the PKCS#12 key store, with an RSA key. Default: `keystore.p12`. */
  keystore?: string;

  /**
   * Key of the PKCS#12 trust store. Default: `truststore.p12`. Written `keystore.p12`, the one certificate trusts itself and no
   * other: that is how a self-signed one is used.
   */
  truststore?: string;

  /** Where the password of the stores and of the key stands, one for all. Default: the key `password` of the same Secret. */
  password?: SecretKeyArgs;
}

/** What cert-manager is asked for. */
export interface CertManagerArgs {
  /** Who signs. Default: a certificate authority that is made for this purpose, with an Issuer in the cluster's namespace. */
  issuer?: IssuerArgs;

  /**
   * How long the certificate is valid, as cert-manager writes it (Go's durations, `2160h`). It is renewed after two thirds of that time, and
   * the cluster must be restarted (`rotation`) before it ends. Default: 8760h, a year.
   */
  duration?: string;
}

/** An issuer that cert-manager knows. */
export interface IssuerArgs {
  /** Its name. */
  name: string;

  /** `Issuer` (of the cluster's namespace) or `ClusterIssuer`. Default: Issuer. */
  kind?: string;

  /** API group, for issuers of others. Default: cert-manager.io. */
  group?: string;

  /**
   * Says that this issuer signs for this cluster alone. It must where Flink takes any certificate of the issuer as proof (`internal`,
   * `clientAuthentication`), for there Flink does not look at host names. Default: false.
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
