import assert from "node:assert/strict";
import { parse } from "yaml";
import type { FlinkApplicationArgs } from "../../../components/args/application";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import { normaliseApplication } from "../../../components/args/normalise-application";
import { FlinkCluster } from "../../../components/cluster";
import { roleConfigMap } from "../../../components/kubernetes/configuration";
import { networkPolicies } from "../../../components/kubernetes/network";
import {
  sqlGatewayConfigMap,
  sqlGatewayDeployment,
  sqlGatewayService,
  sqlGatewayTemplate,
} from "../../../components/kubernetes/sql-gateway";
import { certificateObjects } from "../../../components/kubernetes/tls";
import { modelOf, storage } from "./arguments";
import { openName, record } from "./recorder";

function made(args: Partial<FlinkClusterArgs> = {}) {
  const model = modelOf({ sqlGateway: {}, ...args });
  const gateway = model.sqlGateway!;
  const configMap = sqlGatewayConfigMap(model, gateway);
  const template = sqlGatewayTemplate(model, gateway, configMap.metadata.name);
  return {
    model,
    configMap,
    config: parse(configMap.data["config.yaml"]) as Record<string, string>,
    pod: template.spec,
    labels: template.metadata.labels as Record<string, string>,
    annotations: template.metadata.annotations,
    container: template.spec.containers[0],
  };
}

/** What the container reads from Secrets, by the option that it becomes. */
function optionsFromSecrets({ pod }: ReturnType<typeof made>): Record<string, string> {
  const volume = pod.volumes.find(({ name }) => name === "options") as {
    projected: { sources: { secret: { name: string; items: { path: string }[] } }[] };
  };
  return Object.fromEntries(
    volume.projected.sources.map(({ secret }) => [secret.items[0]!.path, secret.name]),
  );
}

const mountsOf = ({ container }: ReturnType<typeof made>) =>
  container.volumeMounts.map(({ mountPath }) => mountPath as string);

const problemsOf = (args: object) => normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });

describe("SQL Gateway", () => {
  for (const flinkVersion of ["1.20.4", "2.2.1"]) {
    it(`of ${flinkVersion} finds the cluster by the REST API's Service, and listens where its own is`, () => {
      const { config, configMap, container } = made({ flinkVersion });
      assert.equal(config["rest.address"], "orders-rest.orders.svc");
      assert.equal(config["jobmanager.rpc.address"], "orders-jobmanager.orders.svc");
      assert.equal(String(config["rest.port"]), "8081");
      assert.equal(config["sql-gateway.endpoint.rest.address"], "orders-sql-gateway.orders.svc");
      assert.equal(config["sql-gateway.endpoint.rest.bind-address"], "0.0.0.0");
      for (const port of ["port", "bind-port"])
        assert.equal(String(config[`sql-gateway.endpoint.rest.${port}`]), "8083");
      // They would be taken for its own.
      assert.ok(!("rest.bind-port" in config) && !("rest.bind-address" in config));
      assert.match(configMap.data["launch.sh"], /org\.apache\.flink\.table\.gateway\.SqlGateway/);
      assert.deepEqual(container.readinessProbe, {
        httpGet: { path: "/v1/info", port: "sql-gateway" },
        periodSeconds: 5,
        failureThreshold: 3,
        timeoutSeconds: 5,
      });
    });
  }

  it("plans jobs with the cluster's options, and reaches its storage", () => {
    const gateway = made({
      storage,
      checkpointing: { interval: "30 s" },
      config: { "table.exec.state.ttl": "1 d", "sql-gateway.session.idle-timeout": "1 h" },
    });
    const { config, configMap, model } = gateway;
    assert.equal(config["table.exec.state.ttl"], "1 d");
    assert.equal(config["execution.checkpointing.interval"], "30 s");
    assert.equal(config["sql-gateway.session.idle-timeout"], "1 h");
    assert.equal(config["jobmanager.scheduler"], "adaptive");
    assert.equal(config["s3.endpoint"], "http://s3:9000");
    for (const { jar } of model.storage!.plugins) assert.ok(configMap.data["launch.sh"].includes(jar), jar);
    assert.deepEqual(optionsFromSecrets(gateway), { "s3.access-key": "s3", "s3.secret-key": "s3" });
  });

  it("has no token and no rights, with high availability either", async () => {
    const { config, pod } = made({ storage, highAvailability: {} });
    const highAvailability = /^(high-availability|kubernetes)\b/;
    assert.deepEqual(
      Object.keys(config).filter((option) => highAvailability.test(option)),
      [],
    );
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.serviceAccountName, "orders-sql-gateway");
    const { recorded } = await record(
      () =>
        new FlinkCluster("orders", { flinkVersion: "2.2.1", storage, highAvailability: {}, sqlGateway: {} }),
    );
    const bindings = recorded.filter(({ type }) => type.endsWith(":RoleBinding"));
    assert.ok(bindings.length > 0);
    assert.ok(!JSON.stringify(bindings.map(({ inputs }) => inputs)).includes("orders-sql-gateway"));
  });

  it("changes nothing of JobManager and TaskManagers", () => {
    const [without, withIt] = [modelOf({ storage }), modelOf({ storage, sqlGateway: {} })];
    for (const role of ["jobmanager", "taskmanager"] as const)
      assert.deepEqual(roleConfigMap(withIt, role), roleConfigMap(without, role));
    assert.deepEqual(withIt.jobManager, without.jobManager);
    assert.deepEqual(withIt.taskManager, without.taskManager);
  });

  it("is not restarted by what only the cluster's processes read", () => {
    const name = (args: Partial<FlinkClusterArgs>) => made(args).configMap.metadata.name;
    assert.equal(name({}), name({ jobManager: { memory: "3g" }, taskManager: { slots: 7 } }));
    assert.equal(name({}), name({ config: { "web.refresh-interval": "1 s", "heartbeat.timeout": "50 s" } }));
    assert.notEqual(name({}), name({ sqlGateway: { memory: "2g" } }));
  });

  it("is one pod behind a Service, ended before the next begins, found by labels of its own, restricted", () => {
    const { model, pod, labels, container } = made();
    const { spec } = sqlGatewayDeployment(model, {});
    assert.equal(spec.replicas, 1);
    assert.deepEqual(spec.strategy, { type: "Recreate" });
    const service = sqlGatewayService(model);
    assert.equal(service.metadata.name, "orders-sql-gateway");
    assert.equal(service.spec.type, "ClusterIP");
    for (const selector of [spec.selector.matchLabels, service.spec.selector]) {
      for (const [label, value] of Object.entries(selector)) assert.equal(labels[label], value);
      assert.equal(selector["app.kubernetes.io/component"], "sql-gateway");
    }
    const [port] = service.spec.ports;
    assert.equal(port!.port, 8083);
    assert.ok(
      container.ports.some(({ name, containerPort }) => name === port!.targetPort && containerPort === 8083),
    );
    assert.equal(pod.securityContext.runAsNonRoot, true);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  });

  it("has the memory that is asked for, and 1g of it when none is", () => {
    const { config, container } = made({
      sqlGateway: { memory: "2g" },
      config: { "env.java.opts.sql-gateway": "-XX:+UseZGC" },
    });
    assert.equal(config["env.java.opts.sql-gateway"], "-Xmx1600m -XX:MaxMetaspaceSize=256m -XX:+UseZGC");
    assert.equal(container.resources.limits.memory, "2Gi");
    assert.equal(made().container.resources.requests.memory, "1Gi");
  });

  describe("where the REST API speaks TLS", () => {
    const rest = { certManager: {} };

    it("speaks it too, and trusts the REST API's authority", () => {
      const gateway = made({ tls: { rest, rotation: "1" } });
      const { config, container, annotations } = gateway;
      assert.equal(String(config["security.ssl.rest.enabled"]), "true");
      const directory = "/opt/flink-kubernetes/tls/rest";
      assert.equal(config["security.ssl.rest.keystore"], `${directory}/keystore.p12`);
      assert.equal(config["security.ssl.rest.truststore"], `${directory}/truststore.p12`);
      for (const file of ["keystore.p12", "truststore.p12"])
        assert.ok(mountsOf(gateway).includes(`${directory}/${file}`), file);
      assert.ok("security.ssl.rest.truststore-password" in optionsFromSecrets(gateway));
      assert.equal((container.readinessProbe as { httpGet: { scheme?: string } }).httpGet.scheme, "HTTPS");
      assert.equal((annotations as Record<string, string>)["flink-kubernetes/tls-rotation"], "1");
    });

    it("has its name in the certificate that cert-manager makes, and only then", () => {
      const named = (args: Partial<FlinkClusterArgs>) =>
        JSON.stringify(certificateObjects(modelOf({ tls: { rest }, ...args }))).includes(
          '"orders-sql-gateway.orders.svc"',
        );
      assert.equal(named({ sqlGateway: {} }), true);
      assert.equal(named({}), false);
    });

    it("is probed by its port where clients need a certificate, which the kubelet has not", () => {
      const { config, container } = made({ tls: { rest: { ...rest, clientAuthentication: true } } });
      assert.equal(String(config["security.ssl.rest.authentication-enabled"]), "true");
      assert.ok("tcpSocket" in container.readinessProbe && "tcpSocket" in container.startupProbe);
    });

    it("has nothing of the traffic between the processes", () => {
      const gateway = made({ tls: { rest, internal: { certManager: {} } } });
      assert.ok(!Object.keys(gateway.config).some((option) => option.startsWith("security.ssl.internal")));
      assert.ok(!mountsOf(gateway).some((path) => path.includes("internal")));
    });
  });

  it("can be opened by those that network.sqlGateway names, else by nobody", () => {
    const ingress = (args: Partial<FlinkClusterArgs>) =>
      networkPolicies(made(args).model)["sql-gateway"]!.spec.ingress;
    assert.deepEqual(ingress({}), []);
    assert.deepEqual(ingress({ network: { rest: [{ podLabels: { app: "web" } }] } }), []);
    assert.deepEqual(ingress({ network: { sqlGateway: [{ podLabels: { app: "notebook" } }] } }), [
      {
        from: [{ podSelector: { matchLabels: { app: "notebook" } } }],
        ports: [{ protocol: "TCP", port: 8083 }],
      },
    ]);
    assert.ok(!("sql-gateway" in networkPolicies(modelOf())));
  });

  it("says when nobody could reach what is not there", () => {
    const { problems, warnings } = problemsOf({ network: { sqlGateway: [{ podLabels: { app: "x" } }] } });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      warnings.map(({ path }) => path),
      ["network.sqlGateway"],
    );
  });

  for (const [name, args, path, says] of [
    [
      "too little memory",
      { sqlGateway: { memory: "400m" } },
      "sqlGateway.memory",
      /leaves too little for the heap/,
    ],
    ["no memory size", { sqlGateway: { memory: "1Gi" } }, "sqlGateway.memory", /Flink's notation/],
    [
      "its port in config",
      { sqlGateway: {}, config: { "sql-gateway.endpoint.rest.port": "80" } },
      'config["sql-gateway.endpoint.rest.port"]',
      /the component sets this option/,
    ],
    [
      "another endpoint, from a Secret",
      { sqlGateway: {}, configFrom: { "sql-gateway.endpoint.type": { name: "a", key: "b" } } },
      'configFrom["sql-gateway.endpoint.type"]',
      /the component sets this option/,
    ],
    [
      "a reader that is none",
      { sqlGateway: {}, network: { sqlGateway: [{}] } },
      "network.sqlGateway[0]",
      /selects no peer/,
    ],
    [
      "a quota without room for it",
      { sqlGateway: {}, namespace: { quota: { pods: "3" } } },
      "namespace.quota.pods",
      /needs 4/,
    ],
    [
      "a patch that takes its volumes away",
      { sqlGateway: { podPatch: { spec: { volumes: [{ $patch: "replace" }] } } } },
      "sqlGateway.podPatch.spec.volumes[0].$patch",
      /remove its volumes/,
    ],
    [
      "a variable whose value is known only later",
      { sqlGateway: { env: [{ name: "A", value: Promise.resolve("b") }] } },
      "sqlGateway.env[0].value",
      /could read the value of the Output/,
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      const { problems } = problemsOf(args);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
        JSON.stringify(problems),
      );
      assert.match(problems[0]!.reason, says);
    });
  }

  it("is refused in an application, which runs one job", () => {
    const args: FlinkApplicationArgs = { flinkVersion: "2.2.1", sqlGateway: {}, upgradeMode: "stateless" };
    const { problems } = normaliseApplication("orders", args);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["sqlGateway"],
      JSON.stringify(problems),
    );
  });

  it("is made with the cluster, when asked for", async () => {
    const names = async (args: Partial<FlinkClusterArgs>) => {
      const { recorded } = await record(() => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }));
      return recorded
        .filter(({ name }) => /sql/.test(name))
        .map(({ type, name }) => `${type.split(":")[2]} ${openName(name)}`);
    };
    assert.deepEqual((await names({ sqlGateway: {} })).sort(), [
      "ConfigMap orders-sql-gateway-conf-*",
      "Deployment orders-sql-gateway",
      "NetworkPolicy orders-sql-gateway-network",
      "Service orders-sql-gateway",
      "ServiceAccount orders-sql-gateway",
    ]);
    assert.deepEqual(await names({}), []);
  });
});
