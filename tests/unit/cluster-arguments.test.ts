import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";

/** A mistake, where it is reported, and a word of what to do about it. */
type Mistake = [what: string, args: Record<string, unknown>, path: string, fix: RegExp];

const mistakes: Mistake[] = [
  ["no version", { flinkVersion: undefined }, "flinkVersion", /2\.2\.1/],
  ["an unsupported version", { flinkVersion: "1.17.0" }, "flinkVersion", /1\.20/],
  ["half a version", { flinkVersion: "2.2" }, "flinkVersion", /2\.2\.1/],
  ["a misspelt argument", { flinkVerison: "2.2.1" }, "flinkVerison", /"flinkVersion"/],
  ["a misspelt argument within", { taskManager: { slot: 2 } }, "taskManager.slot", /"slots"/],
  ["a string for a number", { taskManager: { slots: "two" } }, "taskManager.slots", /number/],
  ["a text for an object", { jobManager: "2g" }, "jobManager", /memory/],
  ["no slots", { taskManager: { slots: 0 } }, "taskManager.slots", /at least 1/],
  ["half a slot", { taskManager: { slots: 1.5 } }, "taskManager.slots", /whole number/],
  ["too little TaskManager memory", { taskManager: { memory: "300m" } }, "taskManager.memory", /982m/],
  [
    "too little JobManager memory",
    { jobManager: { memory: "576m" } },
    "jobManager.memory",
    /jobManager\.memory/,
  ],
  ["more memory than any node has", { taskManager: { memory: "1600000000m" } }, "taskManager.memory", /2g/],
  [
    "a process that is too large around a given Flink memory",
    { taskManager: { memory: "4g" }, config: { "taskmanager.memory.flink.size": "1280m" } },
    "taskManager.memory",
    /to 1728m at least and 2560m at most, or leave it out/,
  ],
  [
    "a heap that config makes too small",
    { config: { "taskmanager.memory.framework.heap.size": "5m", "taskmanager.memory.task.heap.size": "2m" } },
    "taskManager.memory",
    /config\["taskmanager\.memory\.task\.heap\.size"\] to 19m or more/,
  ],
  [
    "a smallest size above the largest",
    { config: { "taskmanager.memory.network.min": "1g", "taskmanager.memory.network.max": "512m" } },
    'config["taskmanager.memory.network.max"]',
    /write 1g or more/,
  ],
  [
    "a smallest size above Flink's own largest",
    { config: { "jobmanager.memory.jvm-overhead.min": "2g" } },
    'config["jobmanager.memory.jvm-overhead.min"]',
    /write 1g or less/,
  ],
  [
    "all memory for one part",
    { config: { "taskmanager.memory.managed.fraction": "1" } },
    'config["taskmanager.memory.managed.fraction"]',
    /0\.4/,
  ],
  [
    "a part of a memory that is larger than it",
    { config: { "taskmanager.memory.framework.off-heap.batch-shuffle.size": "128m" } },
    'config["taskmanager.memory.framework.off-heap.batch-shuffle.size"]',
    /write less/,
  ],
  [
    "no cores",
    { config: { "taskmanager.cpu.cores": "0" } },
    'config["taskmanager.cpu.cores"]',
    /leave it out/,
  ],
  [
    "a heap by a flag",
    { config: { "env.java.opts.taskmanager": "-Da=b -Xmx1g" } },
    'config["env.java.opts.taskmanager"]',
    /task\.heap\.size/,
  ],
  [
    "a metaspace by a flag",
    { config: { "env.java.opts.all": "'-XX:MaxMetaspaceSize=1g'" } },
    'config["env.java.opts.all"]',
    /jvm-metaspace\.size/,
  ],
  [
    "the heap of old",
    { flinkVersion: "1.20.4", config: { "jobmanager.heap.size": "1g" } },
    'config["jobmanager.heap.size"]',
    /memory of the role/,
  ],
  [
    "no parallelism",
    { config: { "parallelism.default": "0" } },
    'config["parallelism.default"]',
    /1 or more/,
  ],
  [
    "more key groups than there can be",
    { config: { "pipeline.max-parallelism": "40000" } },
    'config["pipeline.max-parallelism"]',
    /1 to 32768/,
  ],
  [
    "TLS by options",
    { config: { "security.ssl.rest.enabled": "true" } },
    'config["security.ssl.rest.enabled"]',
    /set tls/,
  ],
  [
    "no submissions",
    { config: { "web.submit.enable": "False" } },
    'config["web.submit.enable"]',
    /leave the option out/,
  ],
  [
    "a reporter on a port of Flink's own",
    { config: { "metrics.reporter.mine.port": "6123" } },
    'config["metrics.reporter.mine.port"]',
    /9250/,
  ],
  [
    "more TaskManagers than there can be",
    { taskManager: { replicas: 1e9 } },
    "taskManager.replicas",
    /10000000/,
  ],
  [
    "a pull secret that cannot be",
    { imagePullSecrets: ["a", "A b"] },
    "imagePullSecrets[1]",
    /name of a Secret/,
  ],
  ["an image of a Java that Flink does not run on", { image: "flink:2.2.1-java8" }, "image", /11, 17, 21/],
  ["memory as Kubernetes writes it", { taskManager: { memory: "2Gi" } }, "taskManager.memory", /2g/],
  ["CPU with a wrong unit", { taskManager: { cpu: { request: "1Gi" } } }, "taskManager.cpu.request", /500m/],
  ["no CPU", { jobManager: { cpu: { limit: "0" } } }, "jobManager.cpu.limit", /cores/],
  [
    "a CPU request above its limit",
    { jobManager: { cpu: { request: "2", limit: "1" } } },
    "jobManager.cpu.request",
    /at most 1/,
  ],
  ["milli-bytes of disk", { jobManager: { ephemeralStorage: "500m" } }, "jobManager.ephemeralStorage", /2Gi/],
  [
    "replicas and autoscaling",
    { taskManager: { replicas: 2 }, autoscaling: { maxReplicas: 4 } },
    "taskManager.replicas",
    /minReplicas/,
  ],
  ["autoscaling without a bound", { autoscaling: {} }, "autoscaling.maxReplicas", /largest number/],
  [
    "a minimum above the maximum",
    { autoscaling: { minReplicas: 5, maxReplicas: 3 } },
    "autoscaling.maxReplicas",
    /5 or more/,
  ],
  [
    "scaling to zero",
    { autoscaling: { minReplicas: 0, maxReplicas: 3 } },
    "autoscaling.minReplicas",
    /at least 1/,
  ],
  [
    "a window that Kubernetes refuses",
    { autoscaling: { maxReplicas: 3, scaleDownStabilizationSeconds: 7200 } },
    "autoscaling.scaleDownStabilizationSeconds",
    /3600/,
  ],
  [
    "autoscaling without the adaptive scheduler",
    { autoscaling: { maxReplicas: 3 }, config: { "jobmanager.scheduler": "default" } },
    'config["jobmanager.scheduler"]',
    /adaptive/,
  ],
  [
    "an option that an argument owns",
    { config: { "taskmanager.numberOfTaskSlots": "2" } },
    'config["taskmanager.numberOfTaskSlots"]',
    /taskManager\.slots/,
  ],
  [
    "the process size as an option",
    { config: { "jobmanager.memory.process.size": "2g" } },
    'config["jobmanager.memory.process.size"]',
    /jobManager\.memory/,
  ],
  ["a pinned port", { config: { "rest.port": "80" } }, 'config["rest.port"]', /leave/],
  [
    "high availability",
    { config: { "high-availability.type": "zookeeper" } },
    'config["high-availability.type"]',
    /leave/,
  ],
  ["reactive mode", { config: { "scheduler-mode": "reactive" } }, 'config["scheduler-mode"]', /adaptive/],
  ["no job submission", { config: { "web.submit.enable": "false" } }, 'config["web.submit.enable"]', /leave/],
  [
    "an option that is the beginning of another",
    { config: { "state.backend": "rocksdb", "state.backend.type": "rocksdb" } },
    'config["state.backend"]',
    /state\.backend\.type/,
  ],
  [
    "a secret option that is the beginning of another",
    { config: { "my.secret": "x", "my.secret.more": "y" } },
    'config["my.secret"]',
    /leave/,
  ],
  [
    "memory as an Output",
    { config: { "taskmanager.memory.managed.size": Promise.resolve("1g") } },
    'config["taskmanager.memory.managed.size"]',
    /plain/,
  ],
  ["an Output for a plain argument", { flinkVersion: Promise.resolve("2.2.1") }, "flinkVersion", /plain/],
  ["a namespace that is no label", { namespace: { name: "Prod_1" } }, "namespace.name", /lower-case/],
  ["creating the default namespace", { namespace: { name: "default" } }, "namespace.name", /create to false/],
  ["an image of another Flink", { image: "flink:1.20.4-java11" }, "image", /change one/],
  ["an image with capitals", { image: "registry.example.com/Orders/flink:1" }, "image", /repository/],
  [
    "an option's value that Flink cannot read",
    { config: { "execution.checkpointing.interval": "often" } },
    'config["execution.checkpointing.interval"]',
    /s/,
  ],
  [
    "a memory option that Flink cannot read, once",
    { config: { "taskmanager.memory.managed.size": "1Gi" } },
    'config["taskmanager.memory.managed.size"]',
    /1g/,
  ],
  ["no image", { image: "" }, "image", /repository/],
  ["a pull policy in small letters", { imagePullPolicy: "always" }, "imagePullPolicy", /^write Always$/],
  ["an unknown pull policy", { imagePullPolicy: "Sometimes" }, "imagePullPolicy", /IfNotPresent/],
  [
    "a reserved label",
    { jobManager: { podLabels: { "app.kubernetes.io/name": "x" } } },
    'jobManager.podLabels["app.kubernetes.io/name"]',
    /another/,
  ],
  [
    "a label that is none",
    { taskManager: { podLabels: { a: "no spaces" } } },
    "taskManager.podLabels.a",
    /63/,
  ],
  [
    "FLINK_PROPERTIES",
    { jobManager: { env: [{ name: "FLINK_PROPERTIES", value: "a: b" }] } },
    "jobManager.env[0].name",
    /config/,
  ],
  [
    "an egress host name",
    { network: { egress: [{ cidr: "kafka.example.com" }] } },
    "network.egress[0].cidr",
    /10\.20/,
  ],
  [
    "slots by the entrypoint's variable",
    { taskManager: { env: [{ name: "TASK_MANAGER_NUMBER_OF_TASK_SLOTS", value: "2" }] } },
    "taskManager.env[0].name",
    /taskManager\.slots/,
  ],
  [
    "Java options without those of Flink",
    { taskManager: { env: [{ name: "FLINK_ENV_JAVA_OPTS", value: "-Da=b" }] } },
    "taskManager.env[0].name",
    /env\.java\.opts\.all/,
  ],
  [
    "an exception outside of its block",
    { network: { egress: [{ cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "11.0.0.0/16"] }] } },
    "network.egress[0].except[1]",
    /within 10\.0\.0\.0\/8/,
  ],
  [
    "an exception of everything",
    { network: { egress: [{ cidr: "fd00::/8", except: ["fd00::/8"] }] } },
    "network.egress[0].except[0]",
    /smaller/,
  ],
  ["an egress rule to nobody", { network: { egress: [{ ports: [443] }] } }, "network.egress[0]", /cidr/],
  [
    "a port that is none",
    { network: { egress: [{ cidr: "10.0.0.0/8", ports: [70000] }] } },
    "network.egress[0].ports[0]",
    /65535/,
  ],
  [
    "labels and addresses in one rule",
    { network: { rest: [{ cidr: "10.0.0.0/8", podLabels: {} }] } },
    "network.rest[0]",
    /two rules/,
  ],
];

function problemsOf(args: Record<string, unknown>, name = "orders") {
  return normaliseCluster(name, { flinkVersion: "2.2.1", ...args } as unknown as FlinkClusterArgs).problems;
}

describe("arguments of FlinkCluster", () => {
  for (const [what, args, path, fix] of mistakes) {
    it(`refuses ${what}, saying where, why and what to write`, () => {
      const problems = problemsOf(args);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
        JSON.stringify(problems),
      );
      assert.ok(problems[0].reason.length > 10);
      assert.match(problems[0].fix, fix);
    });
  }

  for (const name of ["Orders", "1st", "a_b", "x".repeat(46), "ends-", ""]) {
    it(`refuses the name "${name}"`, () => {
      assert.deepEqual(
        problemsOf({}, name).map(({ path }) => path),
        ["name"],
      );
    });
  }

  it("reports six mistakes at once, also those that depend on the version, which is wrong", () => {
    const problems = problemsOf({
      flinkVersion: "9.9.9",
      taskManger: {},
      taskManager: { slots: 0, replicas: -1 },
      config: { "rest.port": "1", "high-availability": "zookeeper" },
    });
    assert.deepEqual(problems.map(({ path }) => path).sort(), [
      'config["high-availability"]',
      'config["rest.port"]',
      "flinkVersion",
      "taskManager.replicas",
      "taskManager.slots",
      "taskManger",
    ]);
  });

  for (const [what, flinkVersion] of [
    ["is wrong", "2.2"],
    ["is not there", undefined],
    ["is an Output", Promise.resolve("2.2.1")],
  ] as const) {
    it(`holds everything else against the nearest version when the version ${what}`, () => {
      const problems = problemsOf({
        flinkVersion,
        checkpointing: { interval: "1 minutee" },
        taskManager: { memory: "10m" },
        config: { "heartbeat.timeout": "5 sx" },
      });
      assert.deepEqual(problems.map(({ path }) => path).sort(), [
        "checkpointing.interval",
        'config["heartbeat.timeout"]',
        "flinkVersion",
        "taskManager.memory",
      ]);
    });
  }

  it("warns of a release that nobody knew when this package was made", () => {
    const warned = (flinkVersion: string) =>
      normaliseCluster("orders", { flinkVersion }).warnings.filter(({ reason }) =>
        /does not know this release/.test(reason),
      );
    assert.match(warned("2.2.99")[0].fix, /^write 2\.2\.1, unless 2\.2\.99/);
    assert.deepEqual(warned("2.2.1"), []);
    assert.deepEqual(warned("2.2.0"), []);
    assert.deepEqual(problemsOf({ flinkVersion: "2.2.01" })[0].path, "flinkVersion");
  });

  it("warns of a parallelism in config, which no FlinkJob takes", () => {
    const { warnings } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      config: { "parallelism.default": "3" },
    });
    assert.deepEqual(
      warnings.map(({ path }) => path),
      ['config["parallelism.default"]'],
    );
    assert.match(warnings[0].fix, /set parallelism of each FlinkJob/);
  });

  for (const image of [
    "registry.example.com/mirror/flink:1.20.4-scala_2.12-java17",
    "registry.example.com/orders:7-flink1.20",
    "registry.example.com/flink-2.1:7",
    "localhost:5000/team/flink:1.20",
  ]) {
    it(`refuses ${image}, which says that it holds another Flink`, () => {
      const [problem] = problemsOf({ image });
      assert.match(problem.reason, /^the image contains Flink (1\.20|2\.1)/);
      assert.equal(problem.path, "image");
    });
  }

  it("warns of a tag that begins like another Flink, unless it is most likely the program's own version", () => {
    const warned = (image: string) =>
      normaliseCluster("orders", { flinkVersion: "2.2.1", image }).warnings.map(({ reason }) => reason);
    assert.match(warned("registry.example.com/orders:1.20.4-7")[0], /looks like Flink 1\.20\.4/);
    for (const own of ["orders:2.2.1-7", "orders:2.0.1", "orders:1.4.2-7", "orders:7", "flinkorders:1.20"])
      assert.deepEqual(warned(`registry.example.com/${own}`), []);
  });

  it("warns of images that have Flink in another directory", () => {
    const warned = (image: string) =>
      normaliseCluster("orders", { flinkVersion: "2.2.1", image }).warnings.map(({ reason }) => reason);
    for (const image of [
      "bitnami/flink:2.2.1",
      "mirror.example.com/hub/bitnamilegacy/flink:2.2.1-debian-12-r0",
    ])
      assert.match(warned(image)[0] ?? "", /has Flink in \/opt\/bitnami\/flink/, image);
    assert.deepEqual(warned("registry.example.com/flink:2.2.1"), []);
  });

  it("takes numbers and booleans of YAML where Flink wants text, and empty sections", () => {
    const args = {
      config: { "rest.retry.max-attempts": 3, "web.cancel.enable": false },
      network: null,
      image: undefined,
    };
    const { model, problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      ...args,
    } as unknown as FlinkClusterArgs);
    assert.deepEqual(problems, []);
    assert.equal(model?.jobManager.options["rest.retry.max-attempts"], "3");
    assert.equal(model?.jobManager.options["web.cancel.enable"], "false");
  });

  for (const image of [
    "flink:2.2.1-scala_2.12-java17",
    "apache/flink:2.2",
    "flink",
    "localhost:5000/team/flink:2.2",
    "REGISTRY.example.com/orders/flink:2.2.1-2026.11",
    `flink:2.2.1@sha256:${"0".repeat(64)}`,
  ]) {
    it(`takes the image ${image.slice(0, 40)}`, () => {
      assert.deepEqual(problemsOf({ image }), []);
    });
  }

  it("warns of options that Flink does not know, and goes on", () => {
    const { model, warnings } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      config: { "execution.checkpointing.intervall": "10s" },
    });
    assert.ok(model);
    assert.deepEqual(
      warnings.map(({ path }) => path),
      ['config["execution.checkpointing.intervall"]'],
    );
    assert.match(warnings[0].fix, /execution\.checkpointing\.interval/);
  });

  it("refuses a heap that no process starts with, and warns of one that Flink warns of, with the size that works", () => {
    const check = (args: Partial<FlinkClusterArgs>) =>
      normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });
    const [problem] = check({ jobManager: { memory: "590m" } }).problems;
    assert.match(problem.reason, /leaves 14 MiB of heap/);
    assert.equal(problem.fix, "set jobManager.memory to 600m or more");
    assert.deepEqual(check({ jobManager: { memory: "600m" } }).problems, []);
    const [warning] = check({ jobManager: { memory: "600m" } }).warnings;
    assert.equal(warning.fix, "set jobManager.memory to 704m or more");
    assert.deepEqual(check({ jobManager: { memory: "704m" } }).warnings, []);
    const heap = {
      "taskmanager.memory.framework.heap.size": "8m",
      "taskmanager.memory.task.heap.size": "8m",
    };
    const config = { ...heap, "taskmanager.memory.managed.size": "64m" };
    assert.match(check({ config }).problems[0].reason, /leaves 16 MiB of heap/);
  });

  it("fills in the documented defaults", () => {
    const { model } = normaliseCluster("orders", { flinkVersion: "2.2.1" });
    assert.deepEqual(model?.namespace, { name: "orders", create: true, protect: true, retain: false });
    assert.equal(model?.image, "flink:2.2.1-java17");
    assert.equal(model?.jobManager.memory.processSize, 1600 * 2 ** 20);
    assert.equal(model?.taskManager.memory.processSize, 1728 * 2 ** 20);
    assert.deepEqual(model?.scaling, { replicas: 1, given: false });
    assert.deepEqual(model?.jobManager.cpu, { request: 500, limit: 1000 });
    assert.equal(model?.network.policies, true);
  });

  it("gives TaskManagers one core per slot, half of it requested", () => {
    const { model } = normaliseCluster("orders", { flinkVersion: "2.2.1", taskManager: { slots: 4 } });
    assert.deepEqual(model?.taskManager.cpu, { request: 2000, limit: 4000 });
  });

  it("does not show secrets in what it reports", () => {
    const problems = problemsOf({
      config: { "my.password": "hunter2", "my.password.again": "hunter3", "s3.secret-key": "hunter4" },
    });
    assert.ok(problems.length > 0);
    assert.ok(!JSON.stringify(problems).includes("hunter"));
  });
});
