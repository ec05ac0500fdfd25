import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FlinkCluster } from "../../../components/index";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import type { PodArgs } from "../../../components/args/pods";
import { roleConfigMap } from "../../../components/kubernetes/configuration";
import { deploymentsOf, modelOf } from "./arguments";
import { record, secretMark, unknownMark, valueOf } from "./recorder";

interface Pod {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> };
  spec: Record<string, unknown> & { containers: Record<string, unknown>[] };
}

/** The TaskManagers' pod with these arguments. */
function podOf(taskManager: PodArgs): Pod {
  const [, { deployment }] = deploymentsOf(modelOf({ taskManager }));
  return deployment.spec.template as unknown as Pod;
}

/** Problems of these arguments of the TaskManagers, on one line each. */
function problemsOf(taskManager: PodArgs, more: Partial<FlinkClusterArgs> = {}): string[] {
  const { problems } = normaliseCluster("orders", { flinkVersion: "2.2.1", taskManager, ...more });
  return problems.map(({ path, reason, fix }) => `${path}: ${reason}; ${fix}`);
}

const named = (list: unknown) => (list as { name: string }[]).map(({ name }) => name);

describe("what pods are given besides", () => {
  it("variables, volumes and mounts, after the cluster's own", () => {
    const { spec } = podOf({
      env: [
        { name: "REGION", value: "eu" },
        { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      ],
      envFrom: [{ configMapRef: { name: "settings" } }],
      volumes: [{ name: "models", configMap: { name: "models" } }],
      volumeMounts: [{ name: "models", mountPath: "/models" }],
    });
    const [container] = spec.containers;
    assert.deepEqual(named(container.env), ["POD_IP", "POD_NAME", "REGION", "NODE"]);
    assert.deepEqual(container.envFrom, [{ configMapRef: { name: "settings" } }]);
    assert.deepEqual(named(spec.volumes).at(-1), "models");
    assert.deepEqual((container.volumeMounts as unknown[]).at(-1), { name: "models", mountPath: "/models" });
  });

  it("init containers and sidecars, which pass `restricted` without saying so", () => {
    const { spec } = podOf({
      initContainers: [{ name: "fetch", image: "busybox" }],
      sidecars: [{ name: "proxy", image: "envoy", securityContext: { runAsUser: 101 } }],
    });
    const [fetch] = spec.initContainers as { securityContext: Record<string, unknown> }[];
    const [, proxy] = spec.containers as { securityContext: Record<string, unknown> }[];
    for (const { securityContext } of [fetch, proxy]) {
      assert.equal(securityContext.allowPrivilegeEscalation, false);
      assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
      assert.equal(securityContext.runAsNonRoot, true);
    }
    assert.equal(proxy.securityContext.runAsUser, 101);
    assert.equal(spec.containers[0].name, "taskmanager");
  });

  it("places to run", () => {
    const tolerations = [{ key: "batch", operator: "Exists" }];
    const { spec } = podOf({
      nodeSelector: { disk: "ssd" },
      tolerations,
      priorityClassName: "high",
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
      ],
    });
    assert.deepEqual(spec.nodeSelector, { disk: "ssd" });
    assert.deepEqual(spec.tolerations, tolerations);
    assert.equal(spec.priorityClassName, "high");
    const [constraint] = spec.topologySpreadConstraints as { labelSelector: { matchLabels: object } }[];
    const [, { deployment }] = deploymentsOf(modelOf());
    assert.deepEqual(constraint.labelSelector.matchLabels, deployment.spec.selector.matchLabels);
  });

  it("less memory requested than the process takes, with a warning; the limit stays", () => {
    const warned = (memoryRequest: string) => {
      const given = { flinkVersion: "2.2.1", taskManager: { memory: "8g", memoryRequest } };
      const { model, warnings, problems } = normaliseCluster("orders", given);
      const resources =
        model && (deploymentsOf(model)[1].deployment.spec.template.spec.containers[0].resources as unknown);
      return {
        resources,
        said: [...problems, ...warnings].map(({ path, reason }) => `${path}: ${reason}`).join("\n"),
      };
    };
    const { resources, said } = warned("6g");
    const { requests, limits } = resources as Record<string, { memory: string }>;
    assert.deepEqual([requests!.memory, limits!.memory], ["6Gi", "8Gi"]);
    assert.match(said, /^taskManager\.memoryRequest: Flink uses all of its 8Gi/);
    assert.equal(warned("8g").said, "");
    assert.match(warned("9g").said, /more than the size of the Flink process, 8Gi/);
    assert.match(warned("6 Gy").said, /not a memory size/);
    assert.match(warned("0").said, /not a memory size/);
  });

  it("a patch, at the very end", () => {
    const { spec, metadata } = podOf({
      podPatch: {
        metadata: { annotations: { "example.com/owner": "orders" } },
        spec: { hostAliases: [{ ip: "10.0.0.1", hostnames: ["db"] }] },
      },
    });
    assert.deepEqual(spec.hostAliases, [{ ip: "10.0.0.1", hostnames: ["db"] }]);
    assert.equal(metadata.annotations["example.com/owner"], "orders");
    assert.equal(spec.containers[0].name, "taskmanager");
  });

  it("texts of which YAML has made whole numbers, true or false, in every place", () => {
    const { metadata, spec } = podOf({
      podLabels: { "cost-center": 1234, "sidecar.istio.io/inject": false },
      podAnnotations: { answer: true },
      nodeSelector: { gpu: true },
      env: [{ name: "PORT", value: 9092 }],
      tolerations: [{ key: "gpu", operator: "Equal", value: true }],
      sidecars: [{ name: "proxy", image: "proxy", args: ["--port", 80], env: [{ name: "ON", value: true }] }],
      podPatch: { metadata: { labels: { team: 7 } } },
    } as never);
    assert.deepEqual(metadata.annotations, { answer: "true" });
    assert.equal(metadata.labels["cost-center"], "1234");
    assert.equal(metadata.labels["sidecar.istio.io/inject"], "false");
    assert.equal(metadata.labels.team, "7");
    assert.deepEqual(spec.nodeSelector, { gpu: "true" });
    assert.deepEqual(spec.tolerations, [{ key: "gpu", operator: "Equal", value: "true" }]);
    const [container, proxy] = spec.containers;
    assert.deepEqual((container.env as unknown[]).at(-1), { name: "PORT", value: "9092" });
    assert.deepEqual(proxy.args, ["--port", "80"]);
    assert.deepEqual(proxy.env, [{ name: "ON", value: "true" }]);
  });

  it("no text of which YAML has lost digits, in any place", () => {
    const version = 1.1;
    const problems = problemsOf(
      {
        podLabels: { version },
        podAnnotations: { version, long: 2 ** 60 },
        nodeSelector: { version },
        env: [{ name: "VERSION", value: version }],
        podPatch: { metadata: { labels: { version } } },
        extraJars: [version],
      } as never,
      {
        pods: { podLabels: { version } },
        monitoring: { podMonitor: { labels: { version } } },
        namespace: { quota: { "limits.cpu": 7.5 } },
      } as never,
    );
    const quoted = problems.filter((text) => /write it in quotes/.test(text));
    assert.deepEqual(
      quoted.map((text) => text.split(":")[0]).sort(),
      [
        ...["monitoring.podMonitor.labels.version", "pods.podLabels.version", "taskManager.env[0].value"],
        ...[
          "taskManager.extraJars[0]",
          "taskManager.nodeSelector.version",
          "taskManager.podAnnotations.long",
        ],
        ...["taskManager.podAnnotations.version", "taskManager.podLabels.version"],
        "taskManager.podPatch.metadata.labels.version",
      ].sort(),
    );
    assert.ok(!problems.some((text) => /quota.*string/.test(text)));
  });

  it("only the pods of the role they are given to", () => {
    const [jobManager] = deploymentsOf(modelOf({ taskManager: { nodeSelector: { disk: "ssd" } } }));
    assert.ok(!JSON.stringify(jobManager.deployment).includes("ssd"));
  });

  it("jars on the class path, and the launcher says which one is missing", () => {
    const model = modelOf({ taskManager: { extraJars: ["/jars/udf.jar"] } });
    assert.match(roleConfigMap(model, "taskmanager").data["launch.sh"], /for jar in '\/jars\/udf\.jar'/);
    assert.ok(!roleConfigMap(model, "jobmanager").data["launch.sh"].includes("udf.jar"));
  });
});

describe("service accounts", () => {
  const accountsOf = async (args: Partial<FlinkClusterArgs>) => {
    const { recorded } = await record(() => {
      new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args });
    });
    return recorded.filter(({ type }) => type.endsWith(":ServiceAccount"));
  };

  it("of one's own are used, and none is made for that role", async () => {
    const serviceAccount = { name: "flink-worker" };
    assert.deepEqual(
      (await accountsOf({ taskManager: { serviceAccount } })).map(({ name }) => name),
      ["orders-jobmanager", "orders-prepare"],
    );
    assert.equal(podOf({ serviceAccount }).spec.serviceAccountName, "flink-worker");
  });

  it("carry the annotations of a cloud's workload identity", async () => {
    const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/flink" };
    const accounts = await accountsOf({ taskManager: { serviceAccount: { annotations } } });
    const account = accounts.find(({ name }) => name === "orders-taskmanager");
    assert.deepEqual((account?.inputs.metadata as { annotations: object }).annotations, annotations);
  });
});

describe("values of variables that are secret or not known yet", () => {
  const env = [
    { name: "API_TOKEN", value: "hunter2" },
    { name: "DATABASE", value: pulumi.secret("postgres://hunter3") },
    { name: "PLAIN", value: "x" },
  ];
  const make = (taskManager: PodArgs) => () =>
    new FlinkCluster("orders", { flinkVersion: "2.2.1", taskManager });

  it("are in the Secret and nowhere else, and the pods are not secret", async () => {
    const { recorded } = await record(make({ env }));
    const secret = recorded.find(({ type }) => type.endsWith(":Secret"));
    assert.match(JSON.stringify(secret?.inputs), /taskmanager\.env\.API_TOKEN.*hunter2/);
    assert.ok((secret?.inputs.stringData as Record<string, unknown>)[secretMark] !== undefined);
    for (const other of recorded.filter((one) => one !== secret && !one.type.startsWith("random:"))) {
      assert.ok(!/hunter\d/.test(JSON.stringify(other.inputs)), other.name);
      assert.ok(!JSON.stringify(other.inputs).includes(secretMark), other.name);
    }
    const pod = JSON.stringify(
      recorded.find(({ type, name }) => /Deployment/.test(type) && /task/.test(name)),
    );
    assert.match(pod, /"secretKeyRef":\{"key":"taskmanager\.env\.API_TOKEN","name":"orders-config"\}/);
    assert.match(pod, /"name":"PLAIN","value":"x"/);
  });

  it("roll the role that reads them, and not the other", async () => {
    const hashes = async (token: string) => {
      const { recorded, result } = await record(make({ env: [{ name: "API_TOKEN", value: token }] }));
      const annotation = (role: string) => {
        const found = recorded.find(({ type, name }) => /Deployment/.test(type) && name.endsWith(role));
        const { template } = found!.inputs.spec as { template: Pod };
        return template.metadata.annotations["flink-kubernetes/config-hash"];
      };
      const connection = await valueOf(result.connection);
      return [annotation("jobmanager"), annotation("taskmanager"), connection?.restartHash];
    };
    const [before, after] = [await hashes("a"), await hashes("b")];
    assert.equal(before[0], after[0]);
    assert.notEqual(before[1], after[1]);
    assert.equal(before[2], after[2]);
  });

  it("leave names and the rest of the pods known in a preview, wherever they stand", async () => {
    const options = { preview: true, unknown: ["random:index/randomPassword:RandomPassword"] };
    const { recorded, result } = await record(make({ env }), options);
    for (const { name, type, inputs } of recorded.filter((one) => /Deployment/.test(one.type))) {
      assert.equal(JSON.stringify(inputs).split(unknownMark).length - 1, 1, `${type} ${name}`);
    }
    assert.match((await valueOf(result.connection))?.restartHash ?? "", /^[0-9a-f]{8}$/);
  });

  it("may be Outputs inside volumes, tolerations and containers: only that leaf is an Output", async () => {
    const claim = pulumi.output("models-claim");
    const { recorded, result } = await record(() =>
      make({
        volumes: [{ name: "models", persistentVolumeClaim: { claimName: claim } }],
        sidecars: [{ name: "proxy", image: pulumi.output("envoy:1") }],
      })(),
    );
    const pod = JSON.stringify(
      recorded.find(({ type, name }) => /Deployment/.test(type) && /task/.test(name)),
    );
    assert.match(pod, /"claimName":"models-claim"/);
    assert.match(pod, /"image":"envoy:1"/);
    assert.match((await valueOf(result.connection))?.restartHash ?? "", /^[0-9a-f]{8}$/);
  });
});

describe("what pods cannot be given", () => {
  const cases: [string, PodArgs, RegExp][] = [
    [
      "a misspelt field",
      { volumes: [{ name: "a", secrt: { secretName: "x" } } as never] },
      /volumes\[0\]\.secrt: .*write "secret"/,
    ],
    [
      "two volumes of a name",
      {
        volumes: [
          { name: "a", emptyDir: {} },
          { name: "a", emptyDir: {} },
        ],
      },
      /volumes\[1\]/,
    ],
    [
      "a volume named like the cluster's",
      { volumes: [{ name: "tmp", emptyDir: {} }] },
      /volumes\[0\]\.name: the component already has a volume of this name/,
    ],
    [
      "a mount of no volume",
      { volumeMounts: [{ name: "a", mountPath: "/a" }] },
      /volumeMounts\[0\]\.name: the pod has no volume/,
    ],
    [
      "a sidecar's mount of no volume",
      {
        sidecars: [{ name: "logs", image: "fluent-bit", volumeMounts: [{ name: "logs", mountPath: "/in" }] }],
      },
      /sidecars\[0\]\.volumeMounts\[0\]\.name: the pod has no volume/,
    ],
    [
      "an init container's mount of no volume",
      {
        volumes: [{ name: "jars", emptyDir: {} }],
        initContainers: [{ name: "a", image: "a", volumeMounts: [{ name: "jar", mountPath: "/out" }] }],
      },
      /initContainers\[0\]\.volumeMounts\[0\]\.name: the pod has no volume.*use one of: jars/,
    ],
    [
      "a mount over the log",
      { volumes: [{ name: "a", emptyDir: {} }], volumeMounts: [{ name: "a", mountPath: "/opt/flink/log" }] },
      /mountPath: the component already mounts a volume here; .*env\.log\.dir/,
    ],
    [
      "Hadoop's configuration among Flink's",
      {
        volumes: [{ name: "a", configMap: { name: "hadoop" } }],
        volumeMounts: [{ name: "a", mountPath: "/opt/flink/conf/core-site.xml", subPath: "core-site.xml" }],
      },
      /volumeMounts\[0\]\.mountPath: .*env\.hadoop\.conf\.dir/,
    ],
    [
      "a mount where the cluster has one",
      { volumes: [{ name: "a", emptyDir: {} }], volumeMounts: [{ name: "a", mountPath: "/tmp/" }] },
      /mountPath: the component already mounts a volume/,
    ],
    [
      "a mount that hides Flink's plugins",
      {
        volumes: [{ name: "a", emptyDir: {} }],
        volumeMounts: [{ name: "a", mountPath: "/opt/flink/plugins" }],
      },
      /would hide files of the image/,
    ],
    [
      "a configuration of one's own",
      {
        volumes: [{ name: "a", configMap: { name: "a" } }],
        volumeMounts: [{ name: "a", mountPath: "/opt/flink/conf" }],
      },
      /put options into config/,
    ],
    [
      "a sidecar named like the container",
      { sidecars: [{ name: "taskmanager", image: "x" }] },
      /sidecars\[0\]\.name: the pod already has a container of this name/,
    ],
    [
      "a sidecar on Flink's port",
      { sidecars: [{ name: "x", image: "x", ports: [{ containerPort: 6122 }] }] },
      /ports\[0\]\.containerPort: another container/,
    ],
    [
      "a sidecar on the port of an init container that stays",
      {
        initContainers: [
          { name: "proxy", image: "x", restartPolicy: "Always", ports: [{ containerPort: 15020 }] },
        ],
        sidecars: [{ name: "x", image: "x", ports: [{ containerPort: 15020 }] }],
      },
      /sidecars\[0\]\.ports\[0\]\.containerPort: another container/,
    ],
    [
      "a privileged sidecar, under restricted",
      { sidecars: [{ name: "x", image: "x", securityContext: { privileged: true } }] },
      /sidecars\[0\]\.securityContext\.privileged/,
    ],
    [
      "a path of the node, under restricted",
      { volumes: [{ name: "a", hostPath: { path: "/etc" } }] },
      /volumes\[0\]\.hostPath/,
    ],
    ["a container without a name", { initContainers: [{ image: "x" }] }, /initContainers\[0\]\.name/],
    [
      "a jar that is none",
      { extraJars: ["lib/udf.zip"] },
      /extraJars\[0\]: this must be the absolute path of a jar/,
    ],
    [
      "a label that selects pods",
      { podLabels: { "app.kubernetes.io/name": "x" } },
      /find the pods by this label/,
    ],
    [
      "a service account that exists, and annotations for it",
      { serviceAccount: { name: "a", annotations: { "a/b": "c" } } },
      /does not change an existing ServiceAccount/,
    ],
    [
      "a toleration that is none",
      { tolerations: [{ key: "a", operator: "Exist" }] },
      /tolerations\[0\]\.operator/,
    ],
    [
      "a patch of the command",
      { podPatch: { spec: { containers: [{ name: "taskmanager", command: ["x"] }] } } },
      /podPatch\.spec\.containers\[0\]\.command/,
    ],
    [
      "a patch for a container that is not there",
      { podPatch: { spec: { containers: [{ name: "taskmanagr", tty: true }] } } },
      /podPatch\.spec\.containers\[0\]/,
    ],
    [
      "a patch of the memory under the process size",
      {
        podPatch: {
          spec: { containers: [{ name: "taskmanager", resources: { limits: { memory: "1Gi" } } }] },
        },
      },
      /1728Mi/,
    ],
  ];
  for (const [what, args, expected] of cases) {
    it(what, () => {
      const found = problemsOf(args);
      assert.match(found.join("\n"), expected);
      assert.ok(found.every((one) => one.startsWith("taskManager.")));
    });
  }

  it("containers may mount the cluster's volumes, and those that a patch adds", () => {
    const mounts = (...names: string[]) => names.map((name) => ({ name, mountPath: `/in/${name}` }));
    const found = problemsOf({
      volumes: [{ name: "cache", emptyDir: {} }],
      sidecars: [{ name: "logs", image: "fluent-bit", volumeMounts: mounts("log", "cache", "more") }],
      podPatch: { spec: { volumes: [{ name: "more", emptyDir: {} }] } },
    });
    assert.deepEqual(found, []);
  });

  it("jars of a file system on the class path are warned of: Flink has it only as a plugin", () => {
    const warned = (jar: string) =>
      normaliseCluster("orders", { flinkVersion: "2.2.1", taskManager: { extraJars: [jar] } }).warnings;
    const [warning] = warned("/opt/flink/opt/flink-s3-fs-hadoop-2.2.1.jar");
    assert.equal(warning?.path, "taskManager.extraJars[0]");
    assert.match(warning.fix, /storage\.directory makes it a plugin/);
    assert.deepEqual(warned("/jars/flink-s3-fs-helper.jar"), []);
  });

  it("the node's network without the cluster's DNS is warned of", () => {
    const warned = (spec: object) =>
      normaliseCluster("orders", {
        flinkVersion: "2.2.1",
        namespace: { create: false },
        taskManager: { podPatch: { spec } },
      }).warnings.filter(({ path, fix }) => path.endsWith(".hostNetwork") && /dnsPolicy/.test(fix));
    assert.match(warned({ hostNetwork: true })[0]?.fix ?? "", /ClusterFirstWithHostNet/);
    assert.deepEqual(warned({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" }), []);
  });

  it("an existing namespace may be less strict: there it is a warning", () => {
    const sidecars = [{ name: "x", image: "x", securityContext: { privileged: true } }];
    const { problems, warnings } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      namespace: { name: "shared", create: false },
      taskManager: { sidecars },
    });
    assert.deepEqual(problems, []);
    assert.match(warnings[0].path, /^taskManager\.sidecars\[0\]/);
  });
});
