import assert from "node:assert/strict";
import { parse } from "yaml";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import type { TlsArgs } from "../../../components/args/tls";
import { FlinkCluster } from "../../../components/cluster";
import { roleConfigMap } from "../../../components/kubernetes/configuration";
import { certificateObjects, type CustomObject } from "../../../components/kubernetes/tls";
import { checkConfig } from "../../../components/flink/configuration";
import { supportedMinors } from "../../../components/flink/versions";
import { deploymentsOf, modelOf } from "./arguments";
import { record, secretMark, valueOf } from "./recorder";

type Role = "jobmanager" | "taskmanager";

const secret = { name: "stores" };
const versions = ["1.20.4", "2.0.2", "2.1.2", "2.2.1", "2.3.0"];

/** Every way in which TLS can be had. */
const choices: Record<string, TlsArgs> = {
  "internal, from a Secret": { internal: { secret } },
  "internal, from cert-manager": { internal: { certManager: {} } },
  "REST, from a Secret": { rest: { secret } },
  "REST, from cert-manager": { rest: { certManager: {} } },
  "REST with client certificates": { rest: { secret, clientAuthentication: true } },
  both: { internal: { secret }, rest: { certManager: {}, clientAuthentication: true } },
};

const ssl = (tls: TlsArgs | undefined, role: Role, flinkVersion = "2.2.1") =>
  Object.fromEntries(
    Object.entries(
      parse(roleConfigMap(modelOf({ tls, flinkVersion }), role).data["config.yaml"]) as Record<
        string,
        unknown
      >,
    )
      .filter(([option]) => option.startsWith("security.ssl."))
      .map(([option, value]) => [option.slice("security.ssl.".length), String(value)]),
  );

const protocol = {
  protocol: "TLSv1.2",
  algorithms: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
};

const internal = {
  "internal.enabled": "true",
  "internal.keystore": "/opt/flink-kubernetes/tls/internal/keystore.p12",
  "internal.keystore-type": "PKCS12",
  "internal.truststore": "/opt/flink-kubernetes/tls/internal/truststore.p12",
  "internal.truststore-type": "PKCS12",
};

const rest = {
  "rest.enabled": "true",
  "rest.authentication-enabled": "false",
  "rest.keystore": "/opt/flink-kubernetes/tls/rest/keystore.p12",
  "rest.keystore-type": "PKCS12",
};

const restTruststore = {
  "rest.authentication-enabled": "true",
  "rest.truststore": "/opt/flink-kubernetes/tls/rest/truststore.p12",
  "rest.truststore-type": "PKCS12",
};

const passwords = (purpose: string, ...stores: string[]) =>
  stores.map((store) => `security.ssl.${purpose}.${store}-password`);

/** Containers and their pods, of both roles. */
function podsOf(args: Partial<FlinkClusterArgs>) {
  const [jobmanager, taskmanager] = deploymentsOf(modelOf(args)).map(({ deployment }) => {
    const { metadata, spec } = deployment.spec.template;
    return { metadata, spec, container: spec.containers[0] };
  });
  return { jobmanager, taskmanager };
}

const problemsOf = (args: Partial<FlinkClusterArgs>) =>
  normaliseCluster("orders", { flinkVersion: "2.2.1", ...args }).problems;

describe("TLS: Flink's options", () => {
  it("are none without it", () => {
    assert.deepEqual([ssl(undefined, "jobmanager"), ssl(undefined, "taskmanager")], [{}, {}]);
  });

  for (const version of versions) {
    it(`are those of each choice, for Flink ${version}`, () => {
      const both = { internal: { secret }, rest: { secret, clientAuthentication: true } };
      assert.deepEqual(ssl({ internal: { secret } }, "jobmanager", version), { ...protocol, ...internal });
      assert.deepEqual(ssl({ internal: { secret } }, "taskmanager", version), { ...protocol, ...internal });
      assert.deepEqual(ssl({ rest: { secret } }, "jobmanager", version), { ...protocol, ...rest });
      assert.deepEqual(ssl({ rest: { secret } }, "taskmanager", version), {});
      assert.deepEqual(ssl(both, "jobmanager", version), {
        ...protocol,
        ...internal,
        ...rest,
        ...restTruststore,
      });
      assert.deepEqual(ssl(both, "taskmanager", version), { ...protocol, ...internal });
    });
  }

  it("are known to every version, none of them by an old name", () => {
    assert.equal(supportedMinors.length, versions.length);
    for (const flinkVersion of versions) {
      for (const tls of Object.values(choices)) {
        const { jobManager, release } = modelOf({ flinkVersion, tls });
        const named = jobManager.optionsFrom.map(({ option }) => [option, "x"]);
        const options = { ...jobManager.options, ...Object.fromEntries(named) } as Record<string, string>;
        assert.ok(Object.keys(options).filter((option) => option.startsWith("security.ssl.")).length > 5);
        assert.deepEqual(
          checkConfig(options, release).filter(({ key }) => key.startsWith("security.")),
          [],
        );
      }
    }
  });

  it("have no password among them: the launcher reads each from its Secret", () => {
    const tls = { internal: { secret: { name: "a", password: { name: "b", key: "c" } } }, rest: { secret } };
    const { jobManager, taskManager } = modelOf({ tls });
    const sources = (role: typeof jobManager | typeof taskManager) =>
      role.optionsFrom.map(({ option, secretName, key }) => `${option} ${secretName}/${key}`);
    const ofInternal = passwords("internal", "keystore", "key", "truststore").map(
      (option) => `${option} b/c`,
    );
    const ofRest = passwords("rest", "keystore", "key").map((option) => `${option} stores/password`);
    assert.deepEqual(sources(jobManager), [...ofInternal, ...ofRest]);
    assert.deepEqual(sources(taskManager), ofInternal);
    for (const role of ["jobmanager", "taskmanager"] as const) {
      assert.ok(!/password:/.test(roleConfigMap(modelOf({ tls }), role).data["config.yaml"]));
    }
  });

  it("pin certificates by their fingerprints", () => {
    const fingerprints = [Array(20).fill("AB").join(":"), "cd".repeat(20)];
    const options = ssl({ internal: { secret, fingerprints } }, "taskmanager");
    assert.equal(options["internal.cert.fingerprint"], fingerprints.join(","));
  });

  it("belong to the argument, but for protocol and ciphers", () => {
    const tls = choices.both;
    for (const option of [
      "internal.enabled",
      "internal.keystore",
      "rest.key-password",
      "rest.keystore-type",
    ]) {
      const [problem] = problemsOf({ tls, config: { [`security.ssl.${option}`]: "x" } });
      assert.match(problem?.reason ?? "", /argument tls/, option);
    }
    const config = {
      "security.ssl.protocol": "TLSv1.3",
      "security.ssl.algorithms": "TLS_AES_128_GCM_SHA256",
    };
    assert.deepEqual(problemsOf({ tls, config }), []);
    const rendered = parse(
      roleConfigMap(modelOf({ tls, config }), "taskmanager").data["config.yaml"],
    ) as object;
    assert.equal((rendered as Record<string, string>)["security.ssl.protocol"], "TLSv1.3");
  });
});

describe("TLS: pods", () => {
  it("mount each store by itself, so that a process never sees half of a renewal", () => {
    const { jobmanager, taskmanager } = podsOf({ tls: { internal: { secret } } });
    for (const { container, spec } of [jobmanager, taskmanager]) {
      const mounts = container.volumeMounts.filter(({ name }) => name === "tls-internal");
      assert.deepEqual(
        mounts.map((mount) => [mount.mountPath, (mount as { subPath?: string }).subPath]),
        [
          ["/opt/flink-kubernetes/tls/internal/keystore.p12", "keystore.p12"],
          ["/opt/flink-kubernetes/tls/internal/truststore.p12", "truststore.p12"],
        ],
      );
      const volume = spec.volumes.find(({ name }) => name === "tls-internal") as {
        secret: { secretName: string };
      };
      assert.equal(volume.secret.secretName, "stores");
    }
  });

  it("mount one file when a self-signed certificate trusts itself", () => {
    const self = { name: "self", keystore: "key.p12", truststore: "key.p12" };
    const { container } = podsOf({ tls: { internal: { secret: self } } }).taskmanager;
    assert.equal(container.volumeMounts.filter(({ name }) => name === "tls-internal").length, 1);
    const options = ssl({ internal: { secret: self } }, "taskmanager");
    assert.equal(options["internal.truststore"], options["internal.keystore"]);
  });

  it("give TaskManagers what opens the REST API, and no key of it unless clients need one", () => {
    const keys = (tls: TlsArgs) => {
      const { spec } = podsOf({ tls }).taskmanager;
      const volume = spec.volumes.find(({ name }) => name === "tls-client") as
        { secret: { items: { key: string }[] } } | undefined;
      return volume?.secret.items.map(({ key }) => key);
    };
    assert.equal(keys({ internal: { secret } }), undefined);
    assert.deepEqual(keys({ rest: { secret } }), ["ca.crt"]);
    assert.deepEqual(keys({ rest: { secret, clientAuthentication: true } }), [
      "ca.crt",
      "tls.crt",
      "tls.key",
    ]);
  });

  it("restart together when `rotation` changes, and the jobs' revisions with them", () => {
    const tls = { internal: { secret } };
    const before = podsOf({ tls });
    const after = podsOf({ tls: { ...tls, rotation: "2026-11" } });
    for (const role of ["jobmanager", "taskmanager"] as const) {
      assert.deepEqual(after[role].metadata.annotations, {
        ...before[role].metadata.annotations,
        "flink-kubernetes/tls-rotation": "2026-11",
      });
      assert.deepEqual(after[role].spec, before[role].spec);
    }
  });
});

describe("TLS: probes", () => {
  const plain = { httpGet: { path: "/overview", port: "rest" } };
  const https = { httpGet: { path: "/overview", port: "rest", scheme: "HTTPS" } };
  const rest = { tcpSocket: { port: "rest" } };
  const rpc = { tcpSocket: { port: "rpc" } };
  const cases: [string, TlsArgs | undefined, object][] = [
    ["without TLS", undefined, plain],
    ["with internal TLS", { internal: { secret } }, plain],
    ["with REST TLS", { rest: { secret } }, https],
    [
      "with client certificates, which the kubelet has not",
      { rest: { secret, clientAuthentication: true } },
      rest,
    ],
    ["with both", choices.both!, rest],
  ];
  for (const [what, tls, expected] of cases) {
    it(`ask for what they can see: ${what}`, () => {
      const { jobmanager, taskmanager } = podsOf({ tls });
      const handler = (probe: object) =>
        Object.fromEntries(Object.entries(probe).filter(([key]) => /^(httpGet|tcpSocket)$/.test(key)));
      assert.deepEqual(handler(jobmanager.container.readinessProbe), expected);
      assert.deepEqual(handler(jobmanager.container.startupProbe), expected);
      assert.deepEqual(handler(jobmanager.container.livenessProbe), rpc);
      for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
        assert.deepEqual(handler(taskmanager.container[probe]), rpc);
      }
    });
  }
});

describe("probes with high availability", () => {
  it("ask for the open port only: a standby that the leader does not understand must replace it all the same", () => {
    const high = { storage: { directory: "s3://bucket/flink" }, highAvailability: {} };
    for (const tls of [undefined, ...Object.values(choices)]) {
      const { container } = podsOf({ ...high, tls }).jobmanager;
      for (const probe of [container.startupProbe, container.readinessProbe]) {
        assert.deepEqual((probe as { tcpSocket?: object }).tcpSocket, { port: "rest" });
        assert.ok(!("httpGet" in probe));
      }
    }
  });
});

describe("TLS: certificates of cert-manager", () => {
  const objects = (tls: TlsArgs, name = "orders"): Record<string, CustomObject> =>
    Object.assign({}, ...certificateObjects(modelOf({ tls, namespace: { name: "prod" } }, name)));
  const names = (tls: TlsArgs) =>
    Object.values(objects(tls)).map(({ kind, metadata }) => `${kind} ${metadata.name}`);

  it("are none when Secrets are given", () => {
    assert.deepEqual(names({ internal: { secret }, rest: { secret } }), []);
  });

  it("come from an authority of their own, one for each purpose", () => {
    assert.deepEqual(names({ internal: { certManager: {} }, rest: { certManager: {} } }), [
      "Issuer orders-internal-root",
      "Certificate orders-internal-authority",
      "Issuer orders-internal-issuer",
      "Certificate orders-internal",
      "Issuer orders-rest-root",
      "Certificate orders-rest-authority",
      "Issuer orders-rest-issuer",
      "Certificate orders-rest",
    ]);
    const made = objects({ internal: { certManager: {} } });
    assert.deepEqual(made["internal-root"]!.spec, { selfSigned: {} });
    assert.equal(made["internal-authority"]!.spec.isCA, true);
    assert.deepEqual(made["internal-issuer"]!.spec, {
      ca: { secretName: made["internal-authority"]!.spec.secretName },
    });
    assert.equal((made.internal!.spec.issuerRef as { name: string }).name, "orders-internal-issuer");
    assert.ok(!("isCA" in made.internal!.spec));
  });

  it("have RSA keys in PKCS#12 stores that Java reads, with a password from a Secret", () => {
    const { spec } = objects({ internal: { certManager: {} } }).internal!;
    const { algorithm, encoding } = spec.privateKey as Record<string, unknown>;
    assert.deepEqual([algorithm, encoding], ["RSA", "PKCS8"]);
    assert.deepEqual(spec.keystores, {
      pkcs12: {
        create: true,
        profile: "Modern2023",
        passwordSecretRef: { name: "orders-tls-password", key: "password" },
      },
    });
    const { jobManager } = modelOf({ tls: { internal: { certManager: {} } } });
    assert.ok(jobManager.optionsFrom.length === 3);
    for (const { secretName, key } of jobManager.optionsFrom) {
      assert.deepEqual([secretName, key], ["orders-tls-password", "password"]);
    }
  });

  it("are for every name of the REST API: what is dialled, what people write, and more if asked", () => {
    const { spec } = objects({ rest: { certManager: {}, dnsNames: ["flink.example.com"] } }).rest!;
    const dnsNames = spec.dnsNames as string[];
    for (const name of [
      "orders-jobmanager.prod.svc",
      "orders-rest.prod.svc",
      "orders-rest.prod.svc.cluster.local",
      "orders-rest",
      "localhost",
      "flink.example.com",
    ]) {
      assert.ok(dnsNames.includes(name), name);
    }
  });

  it("may be of a shared issuer for the REST API, whose host names are verified", () => {
    const issuer = { name: "company", kind: "ClusterIssuer" };
    const made = objects({ rest: { certManager: { issuer, duration: "2160h" } } });
    assert.deepEqual(Object.keys(made), ["rest"]);
    assert.deepEqual(made.rest!.spec.issuerRef, { ...issuer, group: "cert-manager.io" });
    assert.equal(made.rest!.spec.duration, "2160h");
  });

  it("are written into the Secrets that the pods mount", () => {
    const tls = { internal: { certManager: {} }, rest: { certManager: {} } };
    const { spec } = podsOf({ tls }).jobmanager;
    const mounted = spec.volumes.flatMap((volume) =>
      "secret" in volume && String(volume.name).startsWith("tls-")
        ? [(volume.secret as { secretName: string }).secretName]
        : [],
    );
    const written = [objects(tls).internal, objects(tls).rest].map((made) => made!.spec.secretName);
    assert.deepEqual(mounted, written);
  });

  it("keep the names of all objects within what Kubernetes takes", () => {
    const tls = { internal: { certManager: {} }, rest: { certManager: {} } };
    for (const { metadata, spec } of Object.values(objects(tls, `a${"b".repeat(44)}`))) {
      assert.ok(metadata.name.length <= 63);
      assert.ok(String(spec.commonName ?? "").length <= 64, "X.509's longest common name");
    }
  });
});

describe("TLS: FlinkCluster", function () {
  this.timeout(60_000);
  const cluster = (tls: TlsArgs) => new FlinkCluster("orders", { flinkVersion: "2.2.1", tls });

  it("makes the password, keeps it secret, and starts pods after the certificates", async () => {
    const { recorded } = await record(() => cluster({ internal: { certManager: {} } }));
    const password = recorded.find(
      ({ type, name }) => type.endsWith(":Secret") && name === "orders-tls-password",
    );
    const { stringData } = password!.inputs as { stringData: Record<string, unknown> };
    assert.ok(JSON.stringify(stringData).includes(secretMark));
    for (const role of ["jobmanager", "taskmanager"]) {
      const deployment = recorded.find(
        ({ type, name }) => type.endsWith(":Deployment") && name === `orders-${role}`,
      );
      for (const needed of ["Certificate::orders-internal-tls", "Secret::orders-tls-password"]) {
        assert.ok(
          deployment!.dependencies.some((urn) => urn.endsWith(needed)),
          `${role} waits for ${needed}`,
        );
      }
      assert.ok(!JSON.stringify(deployment!.inputs).includes(secretMark));
    }
  });

  it("asks for the certificates of both purposes at once, and for each after the authority that signs it", async () => {
    const { recorded } = await record(() =>
      cluster({ internal: { certManager: {} }, rest: { certManager: {} } }),
    );
    const custom = recorded.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
    for (const purpose of ["internal", "rest"]) {
      const chain = ["-root", "-authority", "-issuer", ""].map((end) => `orders-${purpose}${end}-tls`);
      chain.forEach((name, index) => {
        const { dependencies } = custom.find((one) => one.name === name)!;
        const waitsFor = custom
          .map((one) => one.name)
          .filter((one) => dependencies.some((urn) => urn.endsWith(`::${one}`)));
        assert.deepEqual(waitsFor.sort(), chain.slice(0, index).sort(), name);
      });
    }
  });

  it("makes no password where none is needed", async () => {
    const { recorded } = await record(() => cluster({ internal: { secret }, rest: { secret } }));
    assert.deepEqual(
      recorded.filter(({ type }) => /Secret|Random|Certificate|Issuer/.test(type)).map(({ name }) => name),
      [],
    );
  });

  it("tells jobs how to reach the REST API", async () => {
    const { result } = await record(() => cluster({ rest: { secret, clientAuthentication: true } }));
    const connection = await valueOf(result.connection);
    assert.equal(connection?.restUrl, "https://orders-rest.orders.svc:8081");
    assert.equal(await valueOf(result.restUrl), "https://orders-rest.orders.svc:8081");
    assert.equal(connection?.restTlsSecret, "stores");
    assert.equal(connection?.restClientAuthentication, true);
    const plain = await record(() => cluster({ internal: { secret } }));
    const without = await valueOf(plain.result.connection);
    assert.equal(without?.restUrl, "http://orders-rest.orders.svc:8081");
    assert.ok(!("restTlsSecret" in without!));
  });
});

describe("TLS: mistakes", () => {
  const issuer = { name: "company" };
  const shared = { name: "company", kind: "ClusterIssuer", exclusive: true };
  const mistakes: [what: string, tls: unknown, path: string, reason: RegExp, fix: RegExp][] = [
    ["nothing turned on", { rotation: "1" }, "tls", /for no connection/, /tls\.internal/],
    ["no certificate", { internal: {} }, "tls.internal", /needs a certificate/, /certManager: \{\}/],
    [
      "two certificates",
      { rest: { secret, certManager: {} } },
      "tls.rest",
      /from secret or from certManager/,
      /leave/,
    ],
    [
      "a Secret without a name",
      { rest: { secret: {} } },
      "tls.rest.secret.name",
      /name of the Secret with the key stores is missing/,
      /namespace orders/,
    ],
    [
      "a Secret's name that is none",
      { rest: { secret: { name: "A_b" } } },
      "tls.rest.secret.name",
      /name/,
      /name/,
    ],
    [
      "a password without a key",
      { internal: { secret: { name: "a", password: { name: "b" } } } },
      "tls.internal.secret.password.key",
      /key is missing/,
      /key/,
    ],
    [
      "a path in place of a key",
      { internal: { secret: { name: "a", keystore: "/etc/a.p12" } } },
      "tls.internal.secret.keystore",
      /key of an entry/,
      /keystore\.p12/,
    ],
    [
      "an issuer of who knows whom, for the inside",
      { internal: { certManager: { issuer } } },
      "tls.internal.certManager.issuer",
      /does not check host names/,
      /exclusive: true/,
    ],
    [
      "a ClusterIssuer, whatever is said of it",
      { internal: { certManager: { issuer: shared } } },
      "tls.internal.certManager.issuer",
      /every namespace/,
      /leave the issuer out/,
    ],
    [
      "client certificates of a shared issuer",
      { rest: { clientAuthentication: true, certManager: { issuer } } },
      "tls.rest.certManager.issuer",
      /does not check host names/,
      /tls\.rest\.clientAuthentication/,
    ],
    [
      "an issuer of no kind",
      { rest: { certManager: { issuer: { name: "a", kind: "Clusterissuer" } } } },
      "tls.rest.certManager.issuer.kind",
      /no issuer of this kind/,
      /ClusterIssuer/,
    ],
    [
      "an issuer without a name",
      { rest: { certManager: { issuer: {} } } },
      "tls.rest.certManager.issuer.name",
      /name/,
      /name/,
    ],
    [
      "days",
      { rest: { certManager: { duration: "90d" } } },
      "tls.rest.certManager.duration",
      /hours/,
      /8760h/,
    ],
    [
      "minutes",
      { rest: { certManager: { duration: "30m" } } },
      "tls.rest.certManager.duration",
      /hour/,
      /8760h/,
    ],
    [
      "an empty duration",
      { rest: { certManager: { duration: "" } } },
      "tls.rest.certManager.duration",
      /hour/,
      /h/,
    ],
    [
      "a SHA-256 fingerprint",
      { internal: { secret, fingerprints: ["ab".repeat(32)] } },
      "tls.internal.fingerprints[0]",
      /SHA-256/,
      /-sha1/,
    ],
    [
      "no fingerprints",
      { internal: { secret, fingerprints: [] } },
      "tls.internal.fingerprints",
      /pins no certificate/,
      /leave/,
    ],
    [
      "host names for a certificate that is there",
      { rest: { secret, dnsNames: ["a.example.com"] } },
      "tls.rest.dnsNames",
      /names an existing certificate/,
      /certManager/,
    ],
    [
      "an address for a host name",
      { rest: { certManager: {}, dnsNames: ["10.0.0.1"] } },
      "tls.rest.dnsNames[0]",
      /not a valid host name/,
      /DNS/,
    ],
    [
      "a misspelt argument",
      { internal: { secert: secret } },
      "tls.internal.secert",
      /no argument/,
      /"secret"/,
    ],
  ];
  for (const [what, tls, path, reason, fix] of mistakes) {
    it(`are refused: ${what}`, () => {
      const found = problemsOf({ tls: tls as TlsArgs }).filter((problem) => problem.path === path);
      assert.equal(found.length, 1, JSON.stringify(problemsOf({ tls: tls as TlsArgs })));
      assert.match(found[0]!.reason, reason);
      assert.match(found[0]!.fix, fix);
    });
  }

  it("are not: an issuer that signs for this cluster alone, or certificates that are pinned", () => {
    const exclusive = { internal: { certManager: { issuer: { ...issuer, exclusive: true } } } };
    const pinned = { internal: { certManager: { issuer: shared }, fingerprints: ["ab".repeat(20)] } };
    for (const tls of [exclusive, pinned, ...Object.values(choices)])
      assert.deepEqual(problemsOf({ tls }), []);
  });
});
