import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { checkConfig, type ConfigFinding, renderConfig } from "../../../components/flink/configuration";
import { loadCatalogue } from "../../../components/flink/catalogue";
import { baseConfig } from "../../../components/flink/defaults";
import { findRelease, supportedMinors, supportedVersions } from "../../../components/flink/versions";

const release = findRelease("2.2.1")!;

function only(findings: ConfigFinding[]): ConfigFinding {
  assert.equal(findings.length, 1, JSON.stringify(findings));
  return findings[0];
}

const check = (key: string, value: string, version = "2.2.1") =>
  checkConfig({ [key]: value }, findRelease(version)!);

describe("config.yaml", function () {
  this.timeout(120_000);

  it("is YAML 1.2 that says the same, whatever the values", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom(
        "true",
        "null",
        "~",
        "1e3",
        "0x1F",
        "007",
        "a: b",
        "a #b",
        "- a",
        "[a]",
        "yes",
        "",
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(text, text), (entries) => {
        const read = parse(renderConfig(entries), { strict: true, uniqueKeys: true }) ?? {};
        for (const [key, value] of Object.entries(entries)) {
          assert.equal(String(read[key]), value);
        }
        assert.equal(Object.keys(read).length, Object.keys(entries).length);
      }),
      { numRuns: 300 },
    );
  });

  it("is sorted and as plain as it can be", () => {
    const entries = {
      "rest.port": "8081",
      "a.dir": "s3://bucket/x",
      "b.opts": "-Da=b",
      "c.time": "10 s",
      "d.on": "true",
    };
    assert.equal(
      renderConfig(entries),
      'a.dir: s3://bucket/x\nb.opts: "-Da=b"\nc.time: "10 s"\nd.on: true\nrest.port: 8081\n',
    );
  });
});

describe("checks of a free configuration", () => {
  for (const [key, value, fix] of [
    ["parallelism.default", "two", /whole number/],
    ["parallelism.default", "2.0", /^write 2$/],
    ["rest.flamegraph.enabled", "yes", /true or false/],
    ["heartbeat.timeout", "50 secondes", /^write '50 s'$/],
    ["heartbeat.timeout", "1.5 min", /'5 min'/],
    ["execution.checkpointing.interval", "60", /'60 s', or '60 ms'/],
    ["heartbeat.timeout", "50000", /: '50000 ms' if milliseconds/],
    ["akka.ask.timeout", "10", /'10 s'/],
    ["metrics.reporter.graphite.interval", "60", /'60 s'/],
    ["state.backend.type", "rocksb", /one of hashmap, rocksdb, forst,/],
    ["state.backend.type", "filesystem", /one of hashmap, rocksdb, forst,/],
    ["state.checkpoint-storage", "s3", /filesystem, jobmanager/],
    ["classloader.resolve-order", "parent-last", /child-first or parent-first/],
    ["taskmanager.memory.process.size", "4Gi", /^write 4g$/],
    ["taskmanager.memory.managed.fraction", "half", /such as 0\.5/],
    ["jobmanager.scheduler", "adaptiv", /Default, Adaptive, AdaptiveBatch/],
    ["execution.checkpointing.mode", "exactly-once", /EXACTLY_ONCE, AT_LEAST_ONCE/],
    ["scheduler-mode", "reactive", /jobmanager\.scheduler: adaptive/],
    ["restart-strategy.type", "exponential", /exponential-delay/],
    ["taskmanager.memory.segment-size", "33kb", /32kb/],
    ["taskmanager.numberOfTaskSlots", "0", /1 or more/],
    ["env.java.opts.all", "-Da='b", /close it/],
    ["env.java.opts.taskmanager", "-Durl=http://a/?b&c", /single quotes/],
    // An old name is checked as the option that it is.
    ["akka.ask.timeout", "soon", /'500 ms'/],
  ] as const) {
    it(`refuses ${key}: ${value}`, () => {
      const errors = check(key, value).filter(({ severity }) => severity === "error");
      const finding = only(errors);
      assert.equal(finding.key, key);
      assert.equal(finding.value, value);
      assert.match(finding.fix, fix);
    });
  }

  for (const [key, value] of [
    ["execution.checkpointing.interval", "10 s"],
    ["execution.checkpointing.mode", "exactly_once"],
    ["heartbeat.timeout", "PT50S"],
    ["heartbeat.timeout", "50000 ms"],
    ["execution.checkpointing.min-pause", "0"],
    ["taskmanager.memory.process.size", "4 gb"],
    ["metrics.reporter.prom.factory.class", "org.apache.flink.metrics.prometheus.PrometheusReporterFactory"],
    ["metrics.reporter.prom.port", "9249"],
    ["s3.endpoint", "http://minio:9000"],
    ["kubernetes.client.user-agent", "x"],
    ["pipeline.global-job-parameters.my.key", "x"],
    ["external-resource.gpu.amount", "1"],
    ["env.java.opts.all", "-Da='b;c' -Dd=\"e\" -Df=$HOME"],
    ["$internal.pipeline.job-id", "00000000000000000000000000000000"],
    ["restart-strategy.type", "failure-rate"],
  ]) {
    it(`accepts ${key}: ${value}`, () => assert.deepEqual(check(key, value), []));
  }

  for (const [value, says] of [
    ["-Da='b c'", /even at white space in quotes/],
    ['-Da="b\tc"', /even at white space in quotes/],
    ["-Da=b\\ c", /even at white space in quotes/],
    ["-Da='b c", /is not closed/],
    [
      "-Dx=1 -Dlog4j.configurationFile=file:/etc/log4j2.properties",
      /-Dlog4j.configurationFile has no effect/,
    ],
    ["-Dlogback.configurationFile=/etc/logback.xml", /-Dlogback.configurationFile has no effect/],
  ] as const) {
    it(`refuses env.java.opts.all: ${value}`, () => {
      const finding = only(check("env.java.opts.all", value));
      assert.equal(finding.severity, "error");
      assert.match(finding.reason, says);
    });
  }

  it("takes the state backends that the version has, and classes of one's own", () => {
    assert.deepEqual(check("state.backend.type", "forst", "2.0.2"), []);
    assert.deepEqual(check("state.backend.type", "Filesystem", "1.20.5"), []);
    assert.match(only(check("state.backend.type", "forst", "1.20.5")).fix, /hashmap, rocksdb, filesystem/);
    assert.deepEqual(check("state.backend.type", "com.example.BackendFactory"), []);
  });

  it("refuses ISO durations with Flink 1, which cannot read them", () => {
    assert.equal(only(check("heartbeat.timeout", "PT50S", "1.20.5")).severity, "error");
  });

  it("warns of an unknown key and names the nearest", () => {
    for (const [typed, meant] of [
      ["taskmanager.numberOfTaskSlot", "taskmanager.numberOfTaskSlots"],
      ["taskmanager.numberoftaskslots", "taskmanager.numberOfTaskSlots"],
      ["execution.checkpoint.interval", "execution.checkpointing.interval"],
      ["high-availability.storage-dir", "high-availability.storageDir"],
      ["state.checkpoint.dir", "execution.checkpointing.dir"],
    ]) {
      const finding = only(check(typed, "1"));
      assert.equal(finding.severity, "warning");
      assert.equal(finding.fix, `did you mean '${meant}'?`);
    }
    assert.match(only(check("completely.unrelated.thing.of.mine", "1")).fix, /plugin or your job/);
  });

  it("says which version knows an option that this one does not", () => {
    assert.match(
      only(check("cluster.evenly-spread-out-slots", "true")).reason,
      /Flink 2\.2 .* Flink 1\.20 does/,
    );
    assert.match(only(check("application-result-store.delete-on-commit", "true")).reason, /Flink 2\.3 does/);
  });

  it("warns of an old name and gives the new one", () => {
    for (const [old, current, value] of [
      ["state.backend", "state.backend.type", "rocksdb"],
      ["state.checkpoints.dir", "execution.checkpointing.dir", "s3://a/b"],
      ["restart-strategy", "restart-strategy.type", "fixed-delay"],
      ["high-availability", "high-availability.type", "kubernetes"],
      ["taskmanager.network.memory.min", "taskmanager.memory.network.min", "64m"],
    ]) {
      const finding = only(check(old, value));
      assert.equal(finding.severity, "warning");
      assert.equal(finding.fix, `write '${current}'`);
    }
  });

  it("uses the names of the version", () => {
    const scaling = "jobmanager.adaptive-scheduler.scaling-interval.min";
    assert.deepEqual(check(scaling, "30 s", "1.20.5"), []);
    const cooldown = "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling";
    assert.equal(only(check(scaling, "30 s")).fix, `write '${cooldown}'`);
    assert.match(
      only(check(cooldown, "30 s", "1.20.5")).reason,
      /Flink 1\.20 does not know .* Flink 2\.0, 2\.1, 2\.2, 2\.3 does/,
    );
  });

  it("refuses a key that is the beginning of another, and says how to write it", () => {
    const entries = { "high-availability": "kubernetes", "high-availability.storageDir": "s3://a/b" };
    const errors = checkConfig(entries, release).filter(({ severity }) => severity === "error");
    const finding = only(errors);
    assert.equal(finding.key, "high-availability");
    assert.match(finding.fix, /'high-availability\.type'/);
    const similar = { "rest.port": "8081", "rest.ports": "1" };
    assert.deepEqual(
      checkConfig(similar, release).filter(({ severity }) => severity === "error"),
      [],
    );
  });

  it("refuses what an argument owns, naming the argument", () => {
    const owned = { "taskmanager.numberOfTaskSlots": "taskManager.slots" };
    const finding = only(checkConfig({ "taskmanager.numberOfTaskSlots": "2" }, release, owned));
    assert.equal(finding.severity, "error");
    assert.match(finding.fix, /use taskManager\.slots/);
  });

  it("finds everything at once", () => {
    const entries = {
      "parallelism.default": "two",
      "rest.prot": "1",
      "state.backend": "rocksdb",
      "heartbeat.timeout": "x",
    };
    const findings = checkConfig(entries, release);
    assert.deepEqual(
      findings.map(({ key }) => key),
      Object.keys(entries),
    );
  });

  for (const version of supportedVersions) {
    it(`finds nothing wrong with the defaults of this package for ${version}`, () => {
      const known = findRelease(version)!;
      const config = baseConfig(known, {
        rpcAddress: "hello-jobmanager.flink.svc",
        slots: 2,
        parallelism: 4,
      });
      assert.deepEqual(checkConfig(config, known), []);
    });
  }
});

describe("option catalogue", () => {
  for (const minor of supportedMinors) {
    it(`of ${minor} has every option once, and new names that it knows`, () => {
      const { types, deprecated } = loadCatalogue(minor);
      assert.ok(types.size > 800);
      for (const names of deprecated.values()) {
        for (const name of names.split(" or ").filter(Boolean)) {
          assert.ok(types.has(name), name);
        }
      }
      assert.equal(types.get("rest.bind-port"), "String");
      assert.equal(types.get("taskmanager.memory.managed.size"), "MemorySize");
    });
  }
});
