import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { normaliseCluster } from "../../components/args/normalise";
import { type FileSystemPlugin, linkPlugins, parseLocation } from "../../components/flink/file-systems";
import { roleConfigMap } from "../../components/kubernetes/configuration";
import { storageClaim } from "../../components/kubernetes/storage";
import { deploymentsOf, modelOf } from "./kubernetes/arguments";

const keys = { accessKey: { name: "s3", key: "access" }, secretKey: { name: "s3", key: "secret" } };

describe("storage", () => {
  describe("on S3", () => {
    const model = modelOf({
      storage: {
        directory: "s3://bucket/flink/",
        s3: { endpoint: "http://s3:9000", region: "eu-1", ...keys },
      },
    });

    it("puts checkpoints and savepoints below its directory, for both roles", () => {
      for (const { role } of deploymentsOf(model)) {
        assert.equal(role.options["execution.checkpointing.dir"], "s3://bucket/flink/checkpoints");
        assert.equal(role.options["execution.checkpointing.savepoint-dir"], "s3://bucket/flink/savepoints");
        assert.equal(role.options["s3.endpoint"], "http://s3:9000");
        assert.equal(role.options["s3.endpoint.region"], "eu-1");
        assert.equal(role.options["s3.path.style.access"], "true");
        assert.equal(role.options["s3.directory.marker.retention"], "keep");
      }
    });

    describe("a default gives way to what the user says of it", () => {
      const key = { name: "options", key: "value" };
      const directory = "s3://bucket/flink";
      const endpoint = "http://s3:9000";
      const same: Record<string, string[]> = {
        "s3.aws.credentials.provider": ["s3.", "s3a.", "fs.s3a."].map(
          (to) => `${to}aws.credentials.provider`,
        ),
        "s3.directory.marker.retention": ["s3.", "s3a.", "fs.s3a."].map(
          (to) => `${to}directory.marker.retention`,
        ),
        "s3.path.style.access": [
          ...["s3.path.style.access", "s3.path-style-access", "s3a.path.style.access"],
          ...["fs.s3a.path.style.access", "fs.s3a.path-style-access"],
        ],
      };
      for (const [standard, names] of Object.entries(same))
        for (const option of names) {
          it(`under the name ${option}, in the program or in a Secret`, () => {
            const plain = modelOf({ storage: { directory, s3: { endpoint } }, config: { [option]: "mine" } });
            const later = modelOf({
              storage: { directory, s3: { endpoint } },
              config: { [option]: pulumi.secret("mine") },
            });
            const stored = modelOf({
              storage: { directory, s3: { endpoint } },
              configFrom: { [option]: key },
            });
            for (const one of ["jobManager", "taskManager"] as const) {
              const options = (of: typeof plain) =>
                Object.keys(of[one].options).filter((name) => Object.values(same).flat().includes(name));
              const others = Object.keys(same).filter((name) => name !== standard);
              assert.deepEqual(options(plain).sort(), [...others, option].sort());
              assert.equal(plain[one].options[option], "mine");
              assert.deepEqual(options(later).sort(), others.sort());
              assert.deepEqual(options(stored).sort(), others.sort());
            }
          });
        }

      it("as do those of other features, for options that stand in a Secret", () => {
        const options = { "restart-strategy.type": key, "execution.checkpointing.mode": key };
        const { jobManager } = modelOf({
          storage: { directory },
          checkpointing: { interval: "1min" },
          configFrom: options,
        });
        for (const option of Object.keys(options))
          assert.equal(jobManager.options[option], undefined, option);
      });

      it("and an argument is not said twice, in a Secret either", () => {
        const { problems } = normaliseCluster("orders", {
          flinkVersion: "2.2.1",
          storage: { directory, s3: { ...keys, pathStyleAccess: true } },
          configFrom: { "fs.s3a.secret.key": key, "s3a.path.style.access": key },
        });
        assert.deepEqual(problems.map(({ path }) => path).sort(), [
          'configFrom["fs.s3a.secret.key"]',
          'configFrom["s3a.path.style.access"]',
        ]);
        const { problems: azure } = normaliseCluster("orders", {
          flinkVersion: "2.2.1",
          storage: {
            directory: "abfss://state@account.dfs.core.windows.net/flink",
            azure: { accountKey: key },
          },
          config: { "azure.account.key.account.dfs.core.windows.net": "x" },
        });
        assert.deepEqual(
          azure.map(({ path }) => path),
          ['config["azure.account.key.account.dfs.core.windows.net"]'],
        );
      });
    });

    it("takes the keys from the Secret when a process starts, and shows them nowhere", () => {
      for (const { deployment } of deploymentsOf(model)) {
        const volume = deployment.spec.template.spec.volumes.find(({ name }) => name === "options");
        assert.deepEqual((volume as { projected: { sources: unknown[] } }).projected.sources, [
          { secret: { name: "s3", items: [{ key: "access", path: "s3.access-key" }] } },
          { secret: { name: "s3", items: [{ key: "secret", path: "s3.secret-key" }] } },
        ]);
      }
      assert.equal(modelOf({ storage: { directory: "s3://bucket" } }).jobManager.optionsFrom.length, 0);
    });

    it("uses the identity that Kubernetes gives to pods when there are no keys", () => {
      const chain = ({ options }: { options: Record<string, string> }) =>
        options["s3.aws.credentials.provider"];
      assert.match(chain(modelOf({ storage: { directory: "s3://bucket" } }).taskManager)!, /Default.*Chain$/);
      assert.equal(chain(model.taskManager), undefined);
      const config = { "s3.access-key": "a", "s3.secret-key": "b" };
      assert.equal(chain(modelOf({ storage: { directory: "s3://bucket" }, config }).taskManager), undefined);
    });

    it("gives way to options that config sets otherwise", () => {
      const { jobManager } = modelOf({
        storage: { directory: "s3://bucket" },
        config: { "s3.directory.marker.retention": "delete" },
      });
      assert.equal(jobManager.options["s3.directory.marker.retention"], "delete");
    });

    for (const [directory, plugin, name] of [
      ["s3://b-b", undefined, "s3-fs-hadoop"],
      ["s3a://b-b", "hadoop", "s3-fs-hadoop"],
      ["s3p://b-b", undefined, "s3-fs-presto"],
      ["s3://b-b", "native", "s3-fs-native"],
      ["gs://b-b", undefined, "gs-fs-hadoop"],
      ["abfss://c@account.dfs.core.windows.net", undefined, "azure-fs-hadoop"],
    ] as const) {
      it(`${directory}${plugin ? ` by ${plugin}` : ""} is served by ${name}`, () => {
        const storage = { directory, ...(plugin ? { s3: { plugin } } : {}) };
        const made = modelOf({ flinkVersion: "2.3.0", storage });
        assert.equal(made.storage?.plugins[0]?.name, name);
        for (const role of ["jobmanager", "taskmanager"] as const) {
          assert.match(
            roleConfigMap(made, role).data["launch.sh"],
            new RegExp(`^plugin ${name} flink-${name}$`, "m"),
          );
        }
      });
    }
  });

  it("gives Google's key to both roles as a file", () => {
    const model = modelOf({
      storage: { directory: "gs://bucket", gcs: { serviceAccountKey: { name: "g", key: "k" } } },
    });
    for (const { deployment } of deploymentsOf(model)) {
      const [container] = deployment.spec.template.spec.containers;
      const file = container.env.find(({ name }) => name === "GOOGLE_APPLICATION_CREDENTIALS") as {
        value: string;
      };
      const mount = container.volumeMounts.find(({ name }) => name === "storage-key")!;
      assert.equal(path.dirname(file.value), mount.mountPath);
    }
  });

  it("names Azure's key after the account's host", () => {
    const directory = "abfss://state@orders.dfs.core.windows.net/flink";
    const model = modelOf({ storage: { directory, azure: { accountKey: { name: "a", key: "k" } } } });
    assert.equal(model.jobManager.optionsFrom[0]?.option, "fs.azure.account.key.orders.dfs.core.windows.net");
  });

  describe("on Azure", () => {
    const hadoop = "org.apache.hadoop.fs.azurebfs.oauth2.";
    const wrong = (flinkVersion: string, provider: string, more = {}, suffix = "") => {
      const option = `fs.azure.account.oauth.provider.type${suffix}`;
      const directory = "abfss://state@account.dfs.core.windows.net/flink";
      const storage = { directory, ...more };
      const { problems } = normaliseCluster("orders", {
        flinkVersion,
        storage,
        config: { [option]: provider },
      });
      return problems.map(({ path, reason, fix }) => `${path}: ${reason}; ${fix}`).join("\n");
    };

    it("takes the classes that get tokens in Flink's plugin, in every version", () => {
      for (const version of ["1.20.4", "2.0.2", "2.2.1", "2.3.0"]) {
        for (const name of ["MsiTokenProvider", "ClientCredsTokenProvider", "UserPasswordTokenProvider"]) {
          assert.equal(wrong(version, hadoop + name), "");
        }
        assert.equal(wrong(version, "com.example.OurTokens"), "");
      }
    });

    it("refuses the names that they had before Flink 1.18, and says the right one", () => {
      const old = `org.apache.flink.fs.shaded.hadoop3.${hadoop}ClientCredsTokenProvider`;
      const host = ".account.dfs.core.windows.net";
      assert.match(
        wrong("2.3.0", old),
        /does not have this class.*write org\.apache\.hadoop\.\S*ClientCredsTokenProvider$/,
      );
      assert.match(
        wrong("1.20.4", old, {}, host),
        /windows\.net"\]: the plugin of Flink 1\.20 does not have this class/,
      );
      assert.match(wrong("2.2.1", "MsiTokenProvider"), /write org\.apache\.hadoop\.\S*MsiTokenProvider$/);
    });

    it("refuses those of a newer Hadoop, unless the plugin is one's own or its Hadoop is not known", () => {
      const workload = `${hadoop}WorkloadIdentityTokenProvider`;
      assert.match(wrong("2.2.1", workload), /contains Hadoop 3\.3\.4.*since 3\.4\.1.*storage\.pluginJar/);
      assert.equal(wrong("2.2.1", workload, { pluginJar: "/opt/azure.jar" }), "");
      assert.equal(wrong("2.3.0", workload), "");
    });
  });

  describe("on a volume", () => {
    const storage = { directory: "file:///flink-storage", volume: { size: "10Gi", storageClass: "nfs" } };

    it("mounts it at its directory in both roles", () => {
      for (const { deployment } of deploymentsOf(modelOf({ storage }))) {
        const { containers, volumes } = deployment.spec.template.spec;
        const mount = containers[0].volumeMounts.find(({ mountPath }) => mountPath === "/flink-storage");
        const volume = volumes.find(({ name }) => name === mount?.name);
        assert.deepEqual(volume, { name: "storage", persistentVolumeClaim: { claimName: "orders-storage" } });
      }
    });

    it("makes a claim that several nodes can write to, protected unless said otherwise", () => {
      const model = modelOf({ storage });
      const claim = model.storage!.claim!;
      assert.deepEqual(storageClaim(model, claim).spec, {
        accessModes: ["ReadWriteMany"],
        storageClassName: "nfs",
        resources: { requests: { storage: "10Gi" } },
      });
      assert.equal(claim.protect, true);
      const open = modelOf({ storage: { ...storage, volume: { ...storage.volume, protect: false } } });
      assert.equal(open.storage!.claim!.protect, false);
    });

    it("makes none when there is one", () => {
      const model = modelOf({ storage: { directory: "file:///data", volume: { claimName: "shared" } } });
      assert.equal(model.storage?.claim, undefined);
      assert.match(JSON.stringify(deploymentsOf(model)), /"claimName":"shared"/);
    });
  });

  describe("mistakes", () => {
    const s3 = (more: object) => ({ storage: { directory: "s3://bucket", s3: more } });
    const file = (volume?: object) => ({
      storage: { directory: "file:///data", ...(volume ? { volume } : {}) },
    });
    const mistakes: [what: string, args: object, path: string, fix: RegExp][] = [
      ["no directory", { storage: {} }, "storage.directory", /s3:\/\//],
      ["a path", { storage: { directory: "/data" } }, "storage.directory", /file:\/\//],
      ["another scheme", { storage: { directory: "ftp://host/x" } }, "storage.directory", /s3/],
      [
        "a web server",
        { storage: { directory: "https://minio:9000/bucket" } },
        "storage.directory",
        /s3\.endpoint/,
      ],
      ["Alibaba's store", { storage: { directory: "oss://bucket/x" } }, "storage.directory", /S3-compatible/],
      [
        "a bucket with an underscore",
        { storage: { directory: "s3://my_bucket" } },
        "storage.directory",
        /s3:\/\//,
      ],
      ["no bucket", { storage: { directory: "s3:///flink" } }, "storage.directory", /bucket/],
      ["a password", { storage: { directory: "s3://key:word@bucket/x" } }, "storage.directory", /Secret/],
      [
        "half an Azure URI",
        { storage: { directory: "abfss://container/x" } },
        "storage.directory",
        /@account/,
      ],
      [
        "a path with two slashes",
        { storage: { directory: "file://data" } },
        "storage.directory",
        /file:\/\/\//,
      ],
      ["a path that one pod sees", file(), "storage.volume", /claim/],
      [
        "a claim for one node",
        file({ size: "1Gi", accessMode: "ReadWriteOnce" }),
        "storage.volume.accessMode",
        /ReadWriteMany/,
      ],
      ["no size", file({}), "storage.volume.size", /100Gi/],
      ["milli-bytes", file({ size: "500m" }), "storage.volume.size", /100Gi/],
      [
        "a size of a claim that is there",
        file({ claimName: "a", size: "1Gi" }),
        "storage.volume.size",
        /leave/,
      ],
      [
        "a volume over the image",
        { storage: { directory: "file:///opt/flink/lib", volume: { claimName: "a" } } },
        "storage.directory",
        /flink-storage/,
      ],
      [
        "savepoints in another file system",
        { storage: { directory: "s3://bucket", savepointDirectory: "gs://bucket" } },
        "storage.savepointDirectory",
        /s3:\/\//,
      ],
      [
        "checkpoints beside the volume",
        {
          storage: { directory: "file:///a", checkpointDirectory: "file:///ab", volume: { claimName: "c" } },
        },
        "storage.checkpointDirectory",
        /below/,
      ],
      ["one key of two", s3({ accessKey: keys.accessKey }), "storage.s3.secretKey", /Secret/],
      ["half a key", s3({ ...keys, secretKey: { name: "s3" } }), "storage.s3.secretKey.key", /key/],
      ["an endpoint with a path", s3({ endpoint: "http://s3:9000/bucket" }), "storage.s3.endpoint", /https/],
      ["a plugin that is none", s3({ plugin: "minio" }), "storage.s3.plugin", /hadoop/],
      ["a plugin of a later Flink", s3({ plugin: "native" }), "storage.s3.plugin", /hadoop/],
      [
        "S3's settings for another store",
        { storage: { directory: "gs://bucket", s3: {} } },
        "storage.s3",
        /leave/,
      ],
      [
        "a plugin that is no jar",
        { storage: { directory: "gs://bb-b", pluginJar: "gs.zip" } },
        "storage.pluginJar",
        /jar/,
      ],
      [
        "HDFS in the official image",
        { storage: { directory: "hdfs://n:8020/x" } },
        "storage.directory",
        /image/,
      ],
      [
        "an option that storage sets, by its old name",
        { storage: { directory: "s3://bucket" }, config: { "state.checkpoints.dir": "s3://other/x" } },
        'config["state.checkpoints.dir"]',
        /storage/,
      ],
      [
        "another name for an option that storage sets",
        { ...s3({ endpoint: "http://s3" }), config: { "fs.s3a.endpoint": "http://other" } },
        'config["fs.s3a.endpoint"]',
        /leave/,
      ],
      [
        "checkpoints in a pod, by config",
        { config: { "execution.checkpointing.dir": "file:///tmp/checkpoints" } },
        'config["execution.checkpointing.dir"]',
        /storage/,
      ],
      [
        "savepoints in an emptyDir",
        {
          jobManager: {
            volumes: [{ name: "a", emptyDir: {} }],
            volumeMounts: [{ name: "a", mountPath: "/a" }],
          },
          taskManager: {
            volumes: [{ name: "a", emptyDir: {} }],
            volumeMounts: [{ name: "a", mountPath: "/a" }],
          },
          config: { "state.savepoints.dir": "/a/savepoints" },
        },
        'config["state.savepoints.dir"]',
        /claim/,
      ],
      [
        "a file system without its plugin",
        { config: { "execution.checkpointing.savepoint-dir": "s3://bucket/savepoints" } },
        'config["execution.checkpointing.savepoint-dir"]',
        /storage\.directory/,
      ],
    ];

    for (const [what, args, at, fix] of mistakes) {
      it(`${what}: reported once, at ${at}`, () => {
        const given = { flinkVersion: "2.2.1", ...args } as never;
        const { problems, model } = normaliseCluster("orders", given);
        assert.equal(model, undefined);
        const found = problems.filter((problem) => problem.path === at);
        assert.equal(found.length, 1, JSON.stringify(problems));
        assert.match(found[0]!.fix, fix);
        assert.equal(problems.length, 1, JSON.stringify(problems));
      });
    }

    it("a password in a URI is not said again", () => {
      const storage = { directory: "s3://key:word@bucket/x" };
      const { problems } = normaliseCluster("orders", { flinkVersion: "2.2.1", storage });
      assert.doesNotMatch(JSON.stringify(problems), /word@/);
    });

    it("a volume of one's own that both roles mount may hold checkpoints", () => {
      const pod = {
        volumes: [{ name: "a", persistentVolumeClaim: { claimName: "a" } }],
        volumeMounts: [{ name: "a", mountPath: "/a" }],
      };
      modelOf({
        jobManager: pod,
        taskManager: pod,
        config: { "execution.checkpointing.dir": "file:///a/b" },
      });
    });

    it("an image of one's own may have a plugin: only a warning", () => {
      const config = { "execution.checkpointing.dir": "s3://bucket/x" };
      const { problems, warnings } = normaliseCluster("orders", {
        flinkVersion: "2.2.1",
        image: "registry.example.com/flink:1",
        config,
      });
      assert.deepEqual(problems, []);
      assert.equal(warnings[0]?.path, 'config["execution.checkpointing.dir"]');
    });

    it("HDFS is taken with an image of one's own", () => {
      modelOf({ image: "registry.example.com/flink-hadoop:1", storage: { directory: "hdfs:///flink" } });
    });
  });

  it("no text whatever makes the reading of a directory fail, and what is taken has a form that Flink reads", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((rest) => `s3://${rest}`),
      fc.webUrl().map((url) => url.replace(/^https?/, "gs")),
    );
    fc.assert(
      fc.property(text, (uri) => {
        const location = parseLocation(uri);
        if (!("uri" in location)) return location.reason !== "" && location.fix !== "";
        return /^[a-z0-9]+:\/\/[^\s?#]*[^/\s?#]$/.test(location.uri) && "uri" in parseLocation(location.uri);
      }),
    );
  });
});

/** What the launcher does with plugins, in a directory that stands for an image. */
describe("plugins of file systems", () => {
  let root = "";
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), "flink-plugins-"));
    write("flink/plugins/metrics-prometheus/flink-metrics-prometheus-2.2.1.jar");
    write("flink/plugins/README.txt");
    write("flink/opt/flink-s3-fs-presto-2.2.1.jar");
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  const hadoop = { name: "s3-fs-hadoop", jar: "flink-s3-fs-hadoop" };

  function write(file: string): void {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), file);
  }

  /** Runs that part of the launcher, twice as after a restart of the container; gives the jars that Flink finds, and what was said. */
  function link(plugin: FileSystemPlugin): {
    found: Record<string, string>;
    status: number | null;
    said: string;
  } {
    const script = [
      "set -euo pipefail",
      `FLINK_PLUGINS_DIR=${root}/flink/plugins FLINK_OPT_DIR=${root}/flink/opt here=${root}/mounts/conf`,
      linkPlugins([plugin], (text) => `'${text}'`),
      'echo "$FLINK_PLUGINS_DIR"',
    ].join("\n");
    spawnSync("bash", ["-c", script]);
    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
    const folder = stdout.trim().split("\n").at(-1)!;
    const found: Record<string, string> = {};
    if (status === 0) {
      for (const name of fs.readdirSync(folder)) {
        for (const jar of fs.readdirSync(path.join(folder, name))) {
          found[`${name}/${jar}`] = fs.readFileSync(path.join(folder, name, jar), "utf8");
        }
      }
    }
    return { found, status, said: stderr };
  }

  const bundled = {
    "metrics-prometheus/flink-metrics-prometheus-2.2.1.jar":
      "flink/plugins/metrics-prometheus/flink-metrics-prometheus-2.2.1.jar",
  };

  it("come from where the official images have them, beside the bundled ones", () => {
    write("flink/opt/flink-s3-fs-hadoop-2.2.1.jar");
    assert.deepEqual(link(hadoop).found, {
      ...bundled,
      "s3-fs-hadoop/flink-s3-fs-hadoop-2.2.1.jar": "flink/opt/flink-s3-fs-hadoop-2.2.1.jar",
    });
  });

  it("are left as they are where the image has them as plugins already", () => {
    write("flink/opt/flink-s3-fs-hadoop-2.2.1.jar");
    write("flink/plugins/mine/flink-s3-fs-hadoop-2.2.9.jar");
    assert.deepEqual(link(hadoop).found, {
      ...bundled,
      "mine/flink-s3-fs-hadoop-2.2.9.jar": "flink/plugins/mine/flink-s3-fs-hadoop-2.2.9.jar",
    });
  });

  it("come from where the argument says", () => {
    write("flink/plugins/s3-fs-hadoop/flink-s3-fs-hadoop-2.2.9.jar");
    write("jars/own.jar");
    assert.deepEqual(link({ ...hadoop, path: path.join(root, "jars/own.jar") }).found, {
      ...bundled,
      "s3-fs-hadoop/own.jar": "jars/own.jar",
    });
  });

  it("stop the process with a sentence that says what to do when there is no jar", () => {
    for (const plugin of [hadoop, { ...hadoop, path: "/none.jar" }]) {
      const { status, said } = link(plugin);
      assert.equal(status, 1);
      assert.match(said, /storage\.pluginJar/);
      assert.match(said, plugin === hadoop ? /flink-s3-fs-hadoop-\*\.jar/ : /\/none\.jar/);
    }
  });

  it("have nothing for shellcheck to find", function () {
    if (spawnSync("shellcheck", ["--version"]).error) {
      console.log("      skipped: shellcheck is not installed (Debian package shellcheck)");
      this.skip();
    }
    const model = modelOf({ storage: { directory: "s3://bucket", pluginJar: "/a b/c'd.jar" } });
    const input = roleConfigMap(model, "jobmanager").data["launch.sh"];
    execFileSync("bash", ["-n"], { input });
    execFileSync("shellcheck", ["--shell=bash", "-"], { input });
  });
});
