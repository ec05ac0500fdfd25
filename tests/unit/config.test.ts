import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { type ApplicationConfig, type ClusterConfig, describeConfigProblems, readConfig } from "../../config";
import { projectDir } from "../support/project";

const project = "flink-kubernetes";

/** Reads a configuration given as plain objects, as the engine would hand it over. */
function read(config: Record<string, unknown>, secretKeys: string[] = []) {
  const all = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.includes(":") ? key : `${project}:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const { config: found, problems } = readConfig(project, all, (key) => secretKeys.includes(key));
  return { config: found as Partial<ClusterConfig & ApplicationConfig> | undefined, problems };
}

const cluster = { name: "orders", flinkVersion: "2.2.1" };
const job = { name: "enrich", jar: "/opt/flink/usrlib/enrich.jar" };
const paths = (result: ReturnType<typeof read>) => result.problems.map((problem) => problem.path);

describe("configuration of a stack", () => {
  for (const stack of ["dev", "autoscaled", "prod"]) {
    it(`Pulumi.${stack}.yaml is right`, () => {
      const file = readFileSync(path.join(projectDir, `Pulumi.${stack}.yaml`), "utf8");
      const { config } = parse(file) as { config: Record<string, unknown> };
      const { problems, config: found } = read(config);
      assert.deepEqual(problems, []);
      assert.equal(found?.jobs?.length, 1);
    });
  }

  it("gives cluster and jobs as the components take them", () => {
    const { config } = read({ cluster: { ...cluster, taskManager: { slots: 2 } }, jobs: [job] });
    assert.equal(config?.cluster?.name, "orders");
    assert.deepEqual(config?.cluster?.args, { flinkVersion: "2.2.1", taskManager: { slots: 2 } });
    assert.deepEqual(config?.jobs, [{ name: "enrich", args: { jar: job.jar } }]);
  });

  it("gives an application as the component takes it, with its secret options", () => {
    const application = { ...cluster, jar: job.jar, taskManager: { slots: 2 } };
    const { config } = read({ application, secretConfig: { "s3.secret-key": "hunter2" } });
    assert.equal(config?.application?.name, "orders");
    assert.equal(config?.application?.args.jar, job.jar);
    assert.ok(pulumi.Output.isInstance(config?.application?.args.config?.["s3.secret-key"]));
  });

  it("refuses an application beside a cluster or jobs, and every mistake in it", () => {
    const application = { flinkVersion: "2.2.1", jar: "orders.jar", jarr: "x" };
    assert.deepEqual(paths(read({ application, cluster, jobs: [job] })), [
      `${project}:cluster`,
      `${project}:jobs`,
      `${project}:application.name`,
      `${project}:application.jarr`,
      `${project}:application.jar`,
    ]);
  });

  it("needs no jobs", () => {
    assert.deepEqual(read({ cluster }).config?.jobs, []);
  });

  it("refuses unknown and misspelt keys, and suggests the nearest", () => {
    const result = read({
      cluster: { ...cluster, taskManger: {}, jobManager: { memroy: "1g" } },
      job: [],
      jobs: [{ ...job, paralelism: 2 }],
    });
    assert.deepEqual(paths(result), [
      `${project}:job`,
      `${project}:cluster.taskManger`,
      `${project}:cluster.jobManager.memroy`,
      `${project}:jobs[0].paralelism`,
    ]);
    const fixes = result.problems.map(({ fix }) => fix).join("\n");
    for (const meant of ["flink-kubernetes:jobs", "taskManager", "memory", "parallelism"])
      assert.match(fixes, new RegExp(meant));
  });

  it("leaves the keys of providers alone", () => {
    assert.deepEqual(paths(read({ cluster, "kubernetes:context": "prod", "aws:region": "x" })), []);
  });

  it("refuses keys of a namespace that is ours but for a slip, and says which was meant", () => {
    for (const [key, meant] of [
      ["flink-kubernets:jobs", "jobs"],
      ["flink_kubernetes:jbos", "jobs"],
      ["Flink-Kubernetes:cluster", "cluster"],
      ["flink:secretConfig", "secretConfig"],
    ]) {
      const result = read({ cluster, [key]: [] });
      assert.deepEqual(paths(result), [key]);
      assert.equal(result.problems[0]?.fix, `write flink-kubernetes:${meant}`);
    }
  });

  it("refuses a key with nothing behind it, except in a patch, where it takes something out", () => {
    const jobManager = { memory: null, podPatch: { spec: { affinity: null } } };
    const result = read({
      cluster: { ...cluster, highAvailability: null, jobManager },
      jobs: [{ ...job, config: { "pipeline.name": null } }],
      policyPacks: null,
    });
    assert.deepEqual(paths(result), [
      `${project}:cluster.highAvailability`,
      `${project}:cluster.jobManager.memory`,
      `${project}:jobs[0].config["pipeline.name"]`,
      `${project}:policyPacks`,
    ]);
    assert.match(result.problems[0]!.fix, /write its value \(\{\}/);
  });

  it("reports one bad cluster and two bad jobs together", () => {
    const result = read({
      cluster: { name: "Orders", flinkVersion: "3.0.0" },
      jobs: [{ name: "a" }, { ...job, parallelism: 0 }],
    });
    assert.deepEqual(paths(result), [
      `${project}:cluster.name`,
      `${project}:cluster.flinkVersion`,
      `${project}:jobs[0].jar`,
      `${project}:jobs[1].parallelism`,
    ]);
  });

  it("reports nine mistakes at once when one of them is the version", () => {
    const result = read({
      cluster: {
        name: "clicks",
        flinkVersion: "2.2",
        jobManager: { memroy: "2g" },
        checkpointing: { interval: "1 minutee" },
        config: { "heartbeat.timeout": "5 sx" },
        imagePullPolicy: "always",
      },
      jobs: [
        {
          ...job,
          parallelism: -1,
          upgradeMode: "last-state",
          config: { "execution.checkpointing.timeout": "soon", "pipeline.name": "a" },
          startTimeout: "5min",
        },
      ],
    });
    assert.deepEqual(paths(result).sort(), [
      `${project}:cluster.checkpointing.interval`,
      `${project}:cluster.config["heartbeat.timeout"]`,
      `${project}:cluster.flinkVersion`,
      `${project}:cluster.imagePullPolicy`,
      `${project}:cluster.jobManager.memroy`,
      `${project}:jobs[0].config["execution.checkpointing.timeout"]`,
      `${project}:jobs[0].parallelism`,
      `${project}:jobs[0].startTimeout`,
      `${project}:jobs[0].upgradeMode`,
    ]);
  });

  it("reports what a job's cluster has to say with everything else", () => {
    const script = "SET 'execution.checkpointing.interval' = '60'; INSERT INTO a SELECT 1;";
    const result = read({
      cluster,
      jobs: [
        { ...job, upgradeMode: "savepoint", retainLedger: true, config: { "heartbeat.timeout": "5" } },
        { name: "sql", sql: { script }, upgradeMode: "stateless" },
      ],
    });
    assert.deepEqual(paths(result).sort(), [
      `${project}:jobs[0].config["heartbeat.timeout"]`,
      `${project}:jobs[1].sql.script`,
    ]);
    assert.match(result.problems[1]!.reason, /^SET 'execution\.checkpointing\.interval': this has no unit/);
    const kept = read({ cluster, jobs: [{ ...job, upgradeMode: "savepoint", retainLedger: true }] });
    assert.deepEqual(paths(kept), [`${project}:jobs[0].upgradeMode`, `${project}:jobs[0].retainLedger`]);
  });

  it("gives advice that can be followed as it stands", () => {
    const { problems } = read({
      cluster: {
        ...cluster,
        taskManager: { memory: 4096, slots: "2" },
        sqlGateway: { memory: 2 },
        network: { policies: "yes", egress: [{ cidr: "10.0.0.0/8", ports: ["443"] }] },
        config: { execution: { checkpointing: { interval: "10s" } }, a: { b: { c: 1, d: "my text" } } },
      },
      jobs: [{ ...job, parallelism: "4", startTimeout: "5min", bounded: "off" }],
    });
    const fixes = Object.fromEntries(problems.map(({ path, fix }) => [path.slice(project.length + 1), fix]));
    assert.deepEqual(fixes, {
      "cluster.taskManager.memory": "write the unit too: 4096m",
      "cluster.taskManager.slots": "write 2 without quotes",
      "cluster.sqlGateway.memory": "write the unit too: 2g",
      "cluster.network.policies": "write true without quotes",
      "cluster.network.egress[0].ports[0]": "write 443 without quotes",
      "cluster.config.execution": 'write execution.checkpointing.interval: "10s" as one key',
      "cluster.config.a": 'write a.b.c: "1", a.b.d as 2 keys',
      "jobs[0].startTimeout": "write 300, a number of seconds",
      "jobs[0].bounded": "write false without quotes",
      "jobs[0].parallelism":
        "write 4 without quotes, or leave it out to use all slots of the cluster at its largest",
    });
  });

  it("gives commands that put the first problem right, with the key as it should be", () => {
    const commands = (config: Record<string, unknown>, secretKeys: string[] = []) =>
      describeConfigProblems(project, "dev", read(config, secretKeys).problems)
        .split("\n")
        .filter((line) => line.startsWith("  pulumi config"))
        .map((line) => line.replace("  pulumi config ", ""));
    assert.deepEqual(commands({ cluster: { ...cluster, jobManager: { memroy: "2g" } } }), [
      "set --path 'flink-kubernetes:cluster.jobManager.memory' VALUE",
      "rm --path 'flink-kubernetes:cluster.jobManager.memroy'",
    ]);
    assert.deepEqual(commands({ cluster: { ...cluster, config: { heartbeat: { timeout: "5s" } } } }), [
      "set --path 'flink-kubernetes:cluster.config[\"heartbeat.timeout\"]' VALUE",
      "rm --path 'flink-kubernetes:cluster.config.heartbeat'",
    ]);
    // What a command line cannot write.
    assert.deepEqual(commands({ cluster: { ...cluster, taskManger: { slots: 2 } } }), [
      "rm --path 'flink-kubernetes:cluster.taskManger'",
    ]);
    assert.deepEqual(commands({}), []);
    assert.deepEqual(commands({ cluster: { ...cluster, config: { "s3.secret-key": ["a"] } } }), []);
    assert.deepEqual(commands({ cluster: { ...cluster, config: { a: "1" } }, secretConfig: { a: "2" } }), [
      "set --secret --path 'flink-kubernetes:secretConfig.a' VALUE",
      "rm --path 'flink-kubernetes:secretConfig.a'",
    ]);
  });

  it("refuses no cluster, a cluster that is a text, jobs that are no list, two jobs of one name", () => {
    assert.deepEqual(paths(read({})), [`${project}:cluster`]);
    assert.deepEqual(paths(read({ cluster: "orders" })), [`${project}:cluster`]);
    assert.deepEqual(paths(read({ cluster, jobs: { a: job } })), [`${project}:jobs`]);
    assert.deepEqual(paths(read({ cluster, jobs: [job, job] })), [`${project}:jobs[1].name`]);
    assert.deepEqual(paths(read({ cluster: { flinkVersion: "2.2.1" } })), [`${project}:cluster.name`]);
  });

  it("passes secretConfig on as secrets", async () => {
    const { config } = read({ cluster, secretConfig: { "s3.secret-key": "hunter2" } }, [
      `${project}:secretConfig`,
    ]);
    const value = config?.cluster?.args.config?.["s3.secret-key"] as pulumi.Output<string>;
    assert.equal(await pulumi.isSecret(value), true);
  });

  it("refuses encrypted values elsewhere, and an option in both places", () => {
    assert.deepEqual(paths(read({ cluster }, [`${project}:cluster`])), [`${project}:cluster`]);
    const both = read({ cluster: { ...cluster, config: { a: "1" } }, secretConfig: { a: "2" } });
    assert.deepEqual(paths(both), [`${project}:secretConfig.a`]);
  });

  it("words the error after the stack's file and the command that changes it", () => {
    const { problems } = read({ cluster: { ...cluster, taskManager: { slots: 0 } } });
    const text = describeConfigProblems(project, "dev", problems);
    assert.match(text, /^1 problem in the configuration of stack "dev" \(Pulumi\.dev\.yaml\):/);
    assert.match(text, /flink-kubernetes:cluster\.taskManager\.slots = 0/);
    assert.match(text, /pulumi config set --path 'flink-kubernetes:cluster\.taskManager\.slots' VALUE/);
  });
});
