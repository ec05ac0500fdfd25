import assert from "node:assert/strict";
import { parse } from "yaml";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import { FlinkCluster } from "../../../components/cluster";
import {
  historyServerConfigMap,
  historyServerDeployment,
  historyServerService,
  historyServerTemplate,
} from "../../../components/kubernetes/history-server";
import { networkPolicies } from "../../../components/kubernetes/network";
import { modelOf, storage } from "./arguments";
import { openName, record } from "./recorder";

function made(args: Partial<FlinkClusterArgs> = {}) {
  const model = modelOf({ storage, historyServer: {}, ...args });
  const server = model.historyServer!;
  const configMap = historyServerConfigMap(model, server);
  return {
    model,
    configMap,
    config: parse(configMap.data["config.yaml"]) as Record<string, string>,
    pod: historyServerTemplate(model, server, configMap.metadata.name).spec,
    labels: historyServerTemplate(model, server, configMap.metadata.name).metadata.labels,
  };
}

const problemsOf = (args: object) => normaliseCluster("orders", { flinkVersion: "2.2.1", ...args }).problems;

describe("History Server", () => {
  it("reads the directory that the JobManager archives to: below storage.directory, or where one says", () => {
    for (const [historyServer, directory] of [
      [{}, "s3://bucket/orders/archive"],
      [{ archiveDirectory: "s3://other/archive" }, "s3://other/archive"],
    ] as const) {
      const { model, config } = made({ historyServer });
      assert.equal(model.jobManager.options["jobmanager.archive.fs.dir"], directory);
      assert.equal(config["historyserver.archive.fs.dir"], directory);
      assert.ok(!("jobmanager.archive.fs.dir" in model.taskManager.options));
    }
  });

  it("reaches the storage as the other pods do: same options, keys and plugin", () => {
    const { model, config, configMap, pod } = made();
    assert.equal(config["s3.endpoint"], "http://s3:9000");
    const jobManagerPlugins = model.storage!.plugins.map(({ jar }) => jar);
    for (const jar of jobManagerPlugins) assert.ok(configMap.data["launch.sh"].includes(jar), jar);
    const options = pod.volumes.find(({ name }) => name === "options") as {
      projected: { sources: { secret: { name: string; items: { path: string }[] } }[] };
    };
    assert.deepEqual(
      options.projected.sources.map(({ secret }) => [secret.name, secret.items[0].path]),
      [
        ["s3", "s3.access-key"],
        ["s3", "s3.secret-key"],
      ],
    );
  });

  it("a volume for state is mounted in its pod too", () => {
    const { pod } = made({
      storage: { directory: "file:///state", volume: { claimName: "state" } },
      historyServer: {},
    });
    const mount = pod.containers[0].volumeMounts.find(({ mountPath }) => mountPath === "/state");
    assert.ok(pod.volumes.some(({ name }) => name === mount?.name));
  });

  it("is not restarted by what only the cluster's processes read", () => {
    const name = (args: Partial<FlinkClusterArgs>) => made(args).configMap.metadata.name;
    assert.equal(name({}), name({ jobManager: { memory: "3g" }, taskManager: { slots: 7 } }));
    assert.equal(
      name({}),
      name({ config: { "restart-strategy.type": "none", "execution.attached": "true" } }),
    );
    assert.notEqual(name({}), name({ historyServer: { refreshSeconds: 3 } }));
  });

  it("has what the arguments say of its memory, pace and keeping", () => {
    const { config, pod } = made({
      historyServer: { memory: "2g", refreshSeconds: 3, retainedJobs: 50 },
      config: { "env.java.opts.historyserver": "-XX:+UseZGC" },
    });
    assert.equal(config["historyserver.archive.fs.refresh-interval"], "3 s");
    assert.equal(String(config["historyserver.archive.retained-jobs"]), "50");
    assert.equal(config["env.java.opts.historyserver"], "-Xmx1600m -XX:MaxMetaspaceSize=256m -XX:+UseZGC");
    assert.equal(pod.containers[0].resources.limits.memory, "2Gi");
    assert.equal(pod.containers[0].resources.requests.memory, "2Gi");
  });

  it("is one pod behind a Service, found by labels of its own, restricted, without a token", () => {
    const { model, pod, labels } = made();
    const { spec } = historyServerDeployment(model, {});
    assert.equal(spec.replicas, 1);
    for (const selector of [spec.selector.matchLabels, historyServerService(model).spec.selector]) {
      for (const [label, value] of Object.entries(selector)) {
        assert.equal((labels as Record<string, string>)[label], value);
      }
      assert.equal(selector["app.kubernetes.io/component"], "historyserver");
    }
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.serviceAccountName, "orders-historyserver");
    assert.equal(pod.containers[0].securityContext.readOnlyRootFilesystem, true);
    const [port] = historyServerService(model).spec.ports;
    assert.ok(
      pod.containers[0].ports.some(
        ({ name, containerPort }) => name === port.targetPort && containerPort === 8082,
      ),
    );
  });

  it("can be opened by those that network.rest names, else by nobody", () => {
    const ingress = (args: Partial<FlinkClusterArgs>) =>
      networkPolicies(made(args).model).historyserver.spec.ingress;
    assert.deepEqual(ingress({}), []);
    assert.deepEqual(ingress({ network: { rest: [{ cidr: "10.1.0.0/16" }] } }), [
      { from: [{ ipBlock: { cidr: "10.1.0.0/16" } }], ports: [{ protocol: "TCP", port: 8082 }] },
    ]);
    assert.ok(!("historyserver" in networkPolicies(modelOf())));
  });

  it("takes what pods can be given", () => {
    const { pod } = made({
      historyServer: { env: [{ name: "TZ", value: "UTC" }], nodeSelector: { disk: "ssd" } },
    });
    assert.ok(pod.containers[0].env.some(({ name, value }) => name === "TZ" && value === "UTC"));
    assert.deepEqual(pod.nodeSelector, { disk: "ssd" });
  });

  for (const [name, args, path, says] of [
    ["nowhere to archive to", { historyServer: {} }, "historyServer.archiveDirectory", /no such directory/],
    [
      "a directory that only a pod sees",
      { historyServer: { archiveDirectory: "file:///tmp/archive" } },
      "historyServer.archiveDirectory",
      /only the JobManager's own pod/,
    ],
    [
      "a directory that is none",
      { storage, historyServer: { archiveDirectory: "archive" } },
      "historyServer.archiveDirectory",
      /./,
    ],
    [
      "a directory in another file system",
      { storage, historyServer: { archiveDirectory: "gs://bucket/archive" } },
      "historyServer.archiveDirectory",
      /only the file system of storage\.directory/,
    ],
    [
      "too little memory",
      { storage, historyServer: { memory: "400m" } },
      "historyServer.memory",
      /too little/,
    ],
    [
      "memory in Kubernetes' grammar",
      { storage, historyServer: { memory: "1Gi" } },
      "historyServer.memory",
      /Flink's notation/,
    ],
    [
      "a pace of nothing",
      { storage, historyServer: { refreshSeconds: 0 } },
      "historyServer.refreshSeconds",
      /at least 1/,
    ],
    [
      "a half job",
      { storage, historyServer: { retainedJobs: 1.5 } },
      "historyServer.retainedJobs",
      /at least 1/,
    ],
    [
      "its port in config",
      { storage, historyServer: {}, config: { "historyserver.web.port": "80" } },
      'config["historyserver.web.port"]',
      /the component sets this option/,
    ],
    [
      "its pace in config",
      { storage, historyServer: {}, config: { "historyserver.archive.fs.refresh-interval": "1 s" } },
      'config["historyserver.archive.fs.refresh-interval"]',
      /historyServer\.refreshSeconds/,
    ],
    [
      "JVM options that are only known later",
      { storage, historyServer: {}, config: { "env.java.opts.historyserver": Promise.resolve("-Da=b") } },
      'config["env.java.opts.historyserver"]',
      /known while the program runs/,
    ],
    [
      "a patch that takes its volumes away",
      { storage, historyServer: { podPatch: { spec: { volumes: [{ $patch: "replace" }] } } } },
      "historyServer.podPatch.spec.volumes[0].$patch",
      /remove its volumes/,
    ],
    [
      "its option in config too",
      { storage, historyServer: {}, config: { "jobmanager.archive.fs.dir": "s3://x/y" } },
      'config["jobmanager.archive.fs.dir"]',
      /the argument historyServer sets this option/,
    ],
  ] as const) {
    it(`refuses ${name}`, () => {
      const problems = problemsOf(args);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
        JSON.stringify(problems),
      );
      assert.match(problems[0].reason, says);
    });
  }

  it("is made with the cluster, when asked for", async () => {
    const names = async (args: Partial<FlinkClusterArgs>) => {
      const { recorded } = await record(() => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }));
      return recorded
        .filter(({ name }) => /history/.test(name))
        .map(({ type, name }) => `${type.split(":")[2]} ${openName(name)}`);
    };
    assert.deepEqual((await names({ storage, historyServer: {} })).sort(), [
      "ConfigMap orders-historyserver-conf-*",
      "Deployment orders-historyserver",
      "NetworkPolicy orders-historyserver-network",
      "Service orders-history",
      "ServiceAccount orders-historyserver",
    ]);
    assert.deepEqual(await names({ storage }), []);
  });
});
