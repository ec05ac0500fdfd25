import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { checkJob, jobModel } from "../../components/args/check-job";
import { checkOnCluster } from "../../components/args/check-job-config";
import { clusterShape } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";
import { normaliseApplication } from "../../components/args/normalise-application";
import { joinPath } from "../../components/args/shape";
import { loadCatalogue } from "../../components/flink/catalogue";
import { withoutEffect } from "../../components/flink/without-effect";
import { describeWarning } from "../../components/problems";
import { productionArgs } from "../support/production";
import { jobArgs } from "./job/connection";

const secretKey = { name: "options", key: "value" };

function found(args: Partial<FlinkClusterArgs>): { problems: string[]; warnings: string[] } {
  const { problems, warnings } = normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });
  return { problems: problems.map(describeWarning), warnings: warnings.map(describeWarning) };
}

describe("options whose values are not in the program", () => {
  for (const [option, says] of [
    ["taskmanager.numberOfTaskSlots", /the argument taskManager\.slots sets this option/],
    ["rest.port", /the cluster's objects depend on it/],
    ["high-availability.type", /set highAvailability/],
    ["security.ssl.rest.enabled", /set tls/],
    ["taskmanager.memory.task.heap.size", /must be known while the program runs/],
    ["env.java.opts.all", /must be known while the program runs/],
  ] as const) {
    it(`${option} is refused like one in config`, () => {
      const { problems } = found({ configFrom: { [option]: secretKey } });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0], /^configFrom/);
      assert.match(problems[0], says);
    });
  }

  it("are held against the catalogue by name, as those in config are", () => {
    const { problems, warnings } = found({
      configFrom: { "heartbeat.timout": secretKey },
      config: { "history-server.archive.fs.refresh-intervall": pulumi.secret("x") },
    });
    assert.deepEqual(problems, []);
    assert.match(
      warnings.join("\n"),
      /configFrom\["heartbeat\.timout"\]: .*did you mean 'heartbeat\.timeout'/,
    );
    assert.match(
      warnings.join("\n"),
      /config\["history-server\.archive.*: Flink 2\.2 does not know this option/,
    );
  });

  it("that Flink masks are held against their form without being shown", () => {
    const { problems } = found({
      config: { "security.delegation.tokens.renewal.retry.backoff": "s3cr3t" },
    });
    assert.match(problems.join(), /security\.delegation\.tokens.*Flink expects a duration/);
    assert.ok(!problems.join().includes("s3cr3t"));
  });

  it("come from a Secret that Kubernetes could have", () => {
    const { problems } = found({ configFrom: { "s3.secret-key": { name: "A_b", key: "c d" } } });
    assert.deepEqual(
      problems.map((text) => text.split(" = ")[0]),
      ['configFrom["s3.secret-key"].name', 'configFrom["s3.secret-key"].key'],
    );
    // People put the secret itself where its name belongs.
    assert.doesNotMatch(problems.join(), /A_b|c d/);
  });

  it("are given once", () => {
    const { problems } = found({
      config: { "s3.secret-key": "x" },
      configFrom: { "s3.secret-key": secretKey },
    });
    assert.equal(problems.length, 1);
    assert.match(problems[0], /config sets this option too/);
  });
});

describe("an option that begins with another", () => {
  const begins = /begins with this name|starts with this key|begins with "/;
  const cases: [what: string, args: Partial<FlinkClusterArgs>, path: string][] = [
    [
      "both plain",
      { config: { "metrics.reporters": "a", "metrics.reporters.x": "b" } },
      'config["metrics.reporters"]',
    ],
    [
      "the longer secret",
      { config: { "metrics.reporters": "a", "metrics.reporters.x": pulumi.secret("b") } },
      'config["metrics.reporters"]',
    ],
    [
      "the shorter in a Secret",
      { config: { "metrics.reporters.x": "b" }, configFrom: { "metrics.reporters": secretKey } },
      'configFrom["metrics.reporters"]',
    ],
    ["one of the component's own within it", { config: { rest: "a" } }, "config.rest"],
    ["one of the component's own, it secret", { config: { rest: pulumi.secret("a") } }, "config.rest"],
    ["it within one of the component's own", { config: { "rest.port.a": "b" } }, 'config["rest.port.a"]'],
    [
      "it, from a Secret, within one of an argument's",
      {
        checkpointing: { interval: "1 min" },
        configFrom: { "execution.checkpointing.interval.a": secretKey },
      },
      'configFrom["execution.checkpointing.interval.a"]',
    ],
  ];
  for (const [what, args, path] of cases) {
    it(`is refused: ${what}`, () => {
      const { problems } = found(args);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.ok(problems[0].startsWith(path), problems[0]);
      assert.match(problems[0], begins);
    });
  }
});

describe("directories that processes write to", () => {
  const warningsOf = (args: Partial<FlinkClusterArgs>) =>
    found(args).warnings.filter((text) => text.includes("root file system is read-only"));
  const config = { "state.backend.rocksdb.localdir": "/tmp/rocks,/data/rocks" };

  it("lie in a volume, or there is a warning that names the role and the directory", () => {
    const [only, ...others] = warningsOf({ config });
    assert.match(only, /rocksdb\.localdir.*taskManager's process writes to \/data\/rocks/);
    assert.deepEqual(others, []);
    const both = { "io.tmp.dirs": "/data:/tmp", "web.upload.dir": "file:///jars" };
    assert.equal(warningsOf({ config: both }).length, 2);
  });

  it("are separated by commas or colons, and each is looked at", () => {
    assert.match(warningsOf({ config: { "io.tmp.dirs": "/tmp:/data" } }).join(), /process writes to \/data,/);
    assert.deepEqual(warningsOf({ config: { "io.tmp.dirs": "/tmp/a:/tmp/b,file:///tmp/c" } }), []);
  });

  for (const [flags, outside] of [
    [
      "-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=/opt/flink/dumps",
      ["/opt/flink/dumps, so Java would write nothing"],
    ],
    ["-XX:+HeapDumpOnOutOfMemoryError", ["/opt/flink, so Java would write nothing"]],
    ["-XX:HeapDumpPath=/opt/flink/log/$HOSTNAME.hprof -XX:+HeapDumpOnOutOfMemoryError", []],
    ["-XX:ErrorFile=/data/%p.log", ["/data, so Java would write nothing"]],
    [
      "-Xlog:gc*:file=/opt/flink/gc/gc.log:time,uptime:filecount=5",
      ["/opt/flink/gc/gc.log, so Java would not start"],
    ],
    ["-Xlog:gc:gc.log -Xlog:safepoint:stderr -Xlog:gc", ["/opt/flink/gc.log, so Java would not start"]],
    ["-Xloggc:/var/log/gc.log", ["/var/log/gc.log, so Java would not start"]],
    ["-Xlog:gc*:file=/tmp/gc.log -XX:StartFlightRecording=dumponexit=true,filename=/opt/flink/log/a.jfr", []],
    ["-XX:StartFlightRecording:filename=/jfr/a.jfr", ["/jfr/a.jfr, so Java would not start"]],
  ] as const) {
    it(`so do the files that Java is told to write: ${flags}`, () => {
      const warnings = warningsOf({ config: { "env.java.opts.taskmanager": flags } });
      assert.equal(warnings.length, outside.length, warnings.join("\n"));
      outside.forEach((one, index) =>
        assert.ok(warnings[index]!.includes(`mounted at ${one}`), warnings[index]),
      );
      const volumes = [{ name: "all", emptyDir: {} }];
      const volumeMounts = ["/opt/flink/dumps", "/data", "/opt/flink/gc", "/var/log", "/jfr"].map(
        (mountPath) => ({
          name: "all",
          mountPath,
        }),
      );
      const mounted = warningsOf({
        config: { "env.java.opts.taskmanager": flags },
        taskManager: { volumes, volumeMounts },
      });
      assert.equal(
        mounted.length,
        outside.filter((one) => /^\/opt\/flink\/gc\.log,|^\/opt\/flink,/.test(one)).length,
      );
    });
  }

  it("is said once of options that both roles read, for each file", () => {
    const flags = "-XX:HeapDumpPath=/dumps -XX:ErrorFile=/dumps/e.log";
    assert.equal(warningsOf({ config: { "env.java.opts.all": flags } }).length, 2);
    const history = { historyServer: { archiveDirectory: "s3://archive/x" } };
    assert.equal(warningsOf({ config: { "env.java.opts.historyserver": flags }, ...history }).length, 2);
  });

  it("may be a volume's, or anywhere where a patch makes the root file system writable", () => {
    const volumes = [{ name: "data", emptyDir: {} }];
    const mount = (readOnly?: boolean) => [{ name: "data", mountPath: "/data", readOnly }];
    assert.deepEqual(warningsOf({ config, taskManager: { volumes, volumeMounts: mount() } }), []);
    assert.equal(warningsOf({ config, taskManager: { volumes, volumeMounts: mount(true) } }).length, 1);
    const containers = [{ name: "taskmanager", securityContext: { readOnlyRootFilesystem: false } }];
    assert.deepEqual(warningsOf({ config, taskManager: { podPatch: { spec: { containers } } } }), []);
  });
});

describe("names that every object has in JavaScript", () => {
  it("are options that Flink does not know", () => {
    const { problems, warnings } = found({ config: { constructor: "a", toString: "b" } as never });
    assert.deepEqual(problems, []);
    assert.equal(warnings.filter((text) => text.includes("does not know this option")).length, 2);
  });
});

describe("all mistakes at once", () => {
  it("those of a patch, a quota, memory, options and the network beside each other", () => {
    const { problems } = found({
      namespace: { quota: { pods: "1" } },
      config: { "heartbeat.timeout": "50 secnds" },
      taskManager: { podPatch: { spec: { hostNetwork: true } } },
      network: { egress: [{ cidr: "kafka" }] },
    });
    assert.equal(problems.length, 4, problems.join("\n"));
    const unsized = found({
      jobManager: { memory: "5m" },
      taskManager: { memory: "5m", podPatch: { spec: { hostNetwork: true } } },
    });
    assert.equal(unsized.problems.length, 3, unsized.problems.join("\n"));
  });

  it("whatever stands in whatever place: never an exception", () => {
    type Path = (string | number)[];
    const places = (value: unknown, path: Path = []): Path[] => {
      const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
      return [
        ...(path.length > 0 ? [path] : []),
        ...inner.flatMap(([key, one]) => places(one, [...path, Array.isArray(value) ? Number(key) : key])),
      ];
    };
    const all = places(productionArgs());
    const wrong = fc.oneof(
      fc.constantFrom<unknown>(null, "", " ", -1, 0, 1e20, NaN, true, "\n", [], {}, [null], [{}], {
        name: null,
      }),
      fc.constantFrom<unknown>(pulumi.secret("x"), () => 1, 10n, { $patch: "delete" }, "9".repeat(400)),
      fc.anything(),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...all), wrong), { minLength: 1, maxLength: 3 }),
        (list) => {
          const args = productionArgs();
          for (const [path, value] of list) {
            let at: unknown = args;
            for (const key of path.slice(0, -1))
              at = (at as Record<string | number, unknown> | undefined)?.[key];
            if (typeof at === "object" && at !== null)
              (at as Record<string | number, unknown>)[path.at(-1)!] = value;
          }
          normaliseCluster("orders", args);
        },
      ),
      { numRuns: 1000 },
    );
  }).timeout(120_000);
});

describe("libraries of jobs", () => {
  it("are named as URLs", () => {
    const named = (paths: string) => found({ config: { "pipeline.classpaths": paths } }).problems;
    assert.match(named("/opt/flink/usrlib/a.jar")[0] ?? "", /write them like file:\/\/\//);
    assert.deepEqual(named("file:///opt/a.jar;file:///opt/b.jar"), []);
    assert.deepEqual(named("['file:///opt/a.jar', 'file:///opt/b.jar']"), []);
  });
});

describe("the directory of the log", () => {
  it("named by a variable is held against the volumes, too", () => {
    const env = [{ name: "FLINK_LOG_DIR", value: "/var/log/flink" }];
    const volumes = [{ name: "logs", emptyDir: {} }];
    const volumeMounts = [{ name: "logs", mountPath: "/var/log" }];
    assert.match(
      found({ taskManager: { env } }).warnings.join(),
      /taskManager\.env: .*no volume.*\/var\/log\/flink/,
    );
    assert.deepEqual(found({ taskManager: { env, volumes, volumeMounts } }).warnings, []);
  });
});

describe("GPUs", () => {
  const config = {
    "external-resources": "gpu",
    "external-resource.gpu.amount": "1",
    "external-resource.gpu.driver-factory.class": "org.apache.flink.externalresource.gpu.GPUDriverFactory",
  };
  const patch = (spec: object) => ({ podPatch: { spec } });
  const limits = (resource: string) =>
    patch({ containers: [{ name: "taskmanager", resources: { limits: { [resource]: 1 } } }] });

  it("that Flink looks for and Kubernetes is not asked for are warned of", () => {
    const [warning, ...more] = found({ config }).warnings;
    assert.match(warning ?? "", /external-resource\.gpu\.amount.*not asked for any; .*nvidia\.com\/gpu: 1/);
    assert.deepEqual(more, []);
  });

  it("that the container gets are right, in whatever way", () => {
    for (const taskManager of [limits("nvidia.com/gpu"), patch({ runtimeClassName: "nvidia" })])
      assert.deepEqual(found({ config, taskManager }), { problems: [], warnings: [] });
  });
});

describe("options that Flink knows and that mean nothing here", () => {
  const warningsOf = (flinkVersion: string, option: string) => {
    const { warnings } = normaliseCluster("orders", { flinkVersion, config: { [option]: "x" } });
    return warnings.filter(({ path }) => path === joinPath("config", option));
  };
  /** Read by the Kubernetes client of high availability, or refused. */
  const others =
    /^kubernetes\.(cluster-id|namespace|context|config\.file|client\..*|transactional-operation\..*)$/;

  it("warn, in every version, each naming what to do", () => {
    for (const flinkVersion of ["1.20.4", "2.0.2", "2.1.2", "2.2.1", "2.3.0"]) {
      const { types, deprecated } = loadCatalogue(flinkVersion.replace(/\.\d+$/, ""));
      const native = [...types.keys(), ...deprecated.keys()].filter((key) =>
        /^(kubernetes|yarn)\./.test(key),
      );
      assert.ok(native.length > 50);
      for (const option of native.filter((key) => !others.test(key))) {
        const [warning, ...more] = warningsOf(flinkVersion, option);
        assert.match(warning?.reason ?? "", /native Kubernetes mode|on YARN/, option);
        assert.deepEqual(more, [], option);
      }
    }
  });

  it("warn when the file of Kerberos would be copied by a client that is not there", () => {
    for (const version of ["1.20.4", "2.2.1"]) {
      const [warning] = warningsOf(version, "security.kerberos.krb5-conf.path");
      assert.match(warning!.fix, /\/etc\/krb5\.conf .*-Djava\.security\.krb5\.conf=PATH/);
    }
  });

  it("name arguments that there are", () => {
    const { types, deprecated } = loadCatalogue("2.2");
    for (const option of [...types.keys(), ...deprecated.keys(), "containerized.taskmanager.env.A"]) {
      const { fix = "" } = withoutEffect(option) ?? {};
      for (const [, role, field] of fix.matchAll(/\b(jobManager|taskManager)\.(\w+)/g)) {
        const shape = clusterShape[role as "jobManager"] as { object: Record<string, unknown> };
        assert.ok(field! in shape.object, `${option}: ${role}.${field}`);
      }
      for (const [, argument] of fix.matchAll(/set (image\w*|exposure)/g))
        assert.ok(argument! in clusterShape, fix);
    }
    const [cpu] = warningsOf("2.2.1", "kubernetes.taskmanager.cpu.amount");
    assert.match(cpu!.fix, /set taskManager\.cpu$/);
    const [nodes] = warningsOf("2.2.1", "kubernetes.jobmanager.node-selector");
    assert.match(nodes!.fix, /set jobManager\.nodeSelector$/);
  });

  for (const [option, says] of [
    ["slotmanager.number-of-slots.max", /taskManager\.replicas or autoscaling/],
    ["containerized.master.env.REGION", /set jobManager\.env/],
    ["kubernetes.jobmanager.labels.team", /set jobManager\.podLabels/],
    ["env.pid.dir", /leave it out/],
  ] as const) {
    it(`${option} too`, () => assert.match(warningsOf("2.2.1", option)[0]?.fix ?? "", says));
  }

  it("those that high availability's client reads are taken", () => {
    for (const option of ["kubernetes.context", "kubernetes.client.user-agent"]) {
      assert.deepEqual(warningsOf("2.2.1", option), [], option);
    }
  });

  it("say it in the config of a job, too, and do not send people to the cluster's config", () => {
    const [problem] = checkJob("totals", {
      ...jobArgs,
      config: { "kubernetes.taskmanager.cpu.amount": "4" },
    });
    assert.match(problem!.fix, /set taskManager\.cpu of the FlinkCluster/);
  });
});

describe("variables that nobody replaces", () => {
  const paths = (config: Record<string, string>) =>
    normaliseCluster("orders", { flinkVersion: "2.2.1", config }).warnings.map(({ path }) => path);

  for (const [option, value] of [
    ["s3.access-key", "${AWS_ACCESS_KEY_ID}"],
    ["s3.secret-key", "$(SECRET_KEY)"],
    ["metrics.reporter.dghttp.apikey", "$DD_API_KEY"],
    ["metrics.reporter.dghttp.tags", "env:${STAGE:-dev}"],
  ] as const) {
    it(`${option}: ${value} warns, without what is secret`, () => {
      const { warnings } = found({ config: { [option]: value } });
      const [warning] = warnings.filter((text) => text.startsWith(`config["${option}"]`));
      assert.match(warning ?? "", /nothing replaces this variable .* configFrom/);
      if (/secret|apikey/.test(option)) assert.ok(!warning!.includes(value));
    });
  }

  for (const [option, value] of [
    ["env.java.opts.all", "-XX:HeapDumpPath=/opt/flink/log/${HOSTNAME}.hprof -Dx=$POD_NAME"],
    ["fs.s3a.buffer.dir", "${hadoop.tmp.dir}/s3a"],
    ["s3.secret-key", "pa$$WORD(1)$"],
    ["metrics.scope.jm", "<host>.jobmanager"],
  ] as const) {
    it(`${option}: ${value} is taken: it is replaced, or is none`, () => {
      assert.ok(!paths({ [option]: value }).includes(joinPath("config", option)));
    });
  }

  it("in arguments and options of a job and in its script, and in those of an application", () => {
    const given = { arguments: ["--topic", "$(TOPIC)", "--group", "${GROUP}", "$.path", "a$(b c)", "$X"] };
    const resolved = { ...jobArgs, ...given, upgradeMode: "stateless", config: { "my.option": "${STAGE}" } };
    const { warnings } = checkOnCluster(jobModel("totals", resolved as never), resolved as never);
    const replaced = warnings
      .filter(({ reason }) => /replaces this variable/.test(reason))
      .map(({ path }) => path);
    assert.deepEqual(replaced, ["arguments[1]", "arguments[3]", 'config["my.option"]']);
    const sql = { cluster: jobArgs.cluster, sql: { script: "INSERT INTO ${TABLE} SELECT 1;" } };
    const { warnings: ofScript } = checkOnCluster(jobModel("totals", sql as never), sql as never);
    assert.ok(ofScript.some(({ path }) => path === "sql.script"));
    const application = normaliseApplication("orders", { flinkVersion: "2.2.1", ...given });
    assert.deepEqual(
      application.warnings
        .filter(({ reason }) => /replaces this variable/.test(reason))
        .map(({ path }) => path),
      ["arguments[1]", "arguments[3]"],
    );
  });
});
