import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { FlinkJobArgs } from "../../../components/args/job";
import { FlinkJob } from "../../../components/job";
import { jobUrl } from "../../../components/describe";
import { saidOf } from "../../../components/create/ledger";
import { checkJobName } from "../../../components/create/job-names";
import type { FlinkConnection } from "../../../components/args/connection";
import { mountedConfigMaps, record, type Recorded, unknownMark, valueOf } from "../kubernetes/recorder";
import { connection, jobArgs } from "./connection";

const component = "flink-kubernetes:index:FlinkJob";

function find(recorded: Recorded[], type: string, name: string): Recorded {
  const found = recorded.find((one) => one.type.endsWith(`:${type}`) && one.name === name);
  assert.ok(found, `${type} ${name} among ${recorded.map((one) => `${one.type} ${one.name}`).join(", ")}`);
  return found;
}

const metadata = (one: Recorded) =>
  one.inputs.metadata as { name: string; namespace: string; annotations: Record<string, string> };

describe("FlinkJob", function () {
  this.timeout(60_000);
  const job = (change: Partial<FlinkJobArgs> = {}) => new FlinkJob("count", { ...jobArgs, ...change });

  it("makes these objects, all its own children", async () => {
    const { recorded } = await record(() => job());
    assert.deepEqual(recorded.map((one) => `${one.type.split(":").at(-1)} ${one.name}`).sort(), [
      "ConfigMap count-guard",
      "ConfigMap count-ledger",
      "ConfigMap count-program",
      "Deployment count-guard",
      "FlinkJob count",
      "Job count-submission",
      "Role count-guard",
      "Role count-submitter",
      "RoleBinding count-guard",
      "RoleBinding count-submitter",
      "ServiceAccount count-guard",
      "ServiceAccount count-submitter",
    ]);
    for (const child of recorded.filter(({ type }) => type !== component)) {
      assert.match(child.parent, new RegExp(`${component}::count$`));
      assert.equal(metadata(child).namespace, "shop");
    }
  });

  it("refuses a second job of one name on a cluster, and not one of another cluster", async () => {
    const { result } = await record(() => {
      const part = (name: string) => new pulumi.ComponentResource("test:Part", name);
      const [first, second] = [part("a"), part("b")];
      const other = { ...connection, clusterName: "other" };
      const check = (at: FlinkConnection, of: pulumi.Resource) => checkJobName(of, at, "count").length;
      return [
        check(connection, first),
        check(other, second),
        check(connection, first),
        check(connection, second),
      ];
    });
    assert.deepEqual(result, [0, 0, 0, 1]);
  });

  it("gives the ledger no data, and says in its metadata what is wanted before there is a Job", async () => {
    const { recorded } = await record(() => job());
    const ledger = find(recorded, "ConfigMap", "count-ledger");
    const submission = find(recorded, "Job", "count-submission");
    assert.equal("data" in ledger.inputs, false);
    const revision = metadata(ledger).annotations["flink-kubernetes/revision"];
    assert.equal(metadata(submission).name, `orders--count-${revision}`);
    for (const kind of [
      "ConfigMap::count-ledger",
      "ConfigMap::count-program",
      "RoleBinding::count-submitter",
    ]) {
      assert.ok(
        submission.dependencies.some((urn) => urn.endsWith(kind)),
        `the Job waits for ${kind}`,
      );
    }
  });

  it("lets a change that has failed be taken back: what it had replaced is gone, and what the guard runs is not replaced before it has succeeded", async () => {
    const savepoints = { schedule: "0 3 * * *" };
    const { recorded } = await record(() => job({ savepoints }));
    for (const [type, name] of [
      ["Job", "count-submission"],
      ["ConfigMap", "count-program"],
      ["ConfigMap", "count-guard"],
    ] as const)
      assert.ok(find(recorded, type, name).deleteBeforeReplace, name);
    const waits = (type: string, name: string) => find(recorded, type, name).dependencies.join();
    assert.match(waits("ConfigMap", "count-guard"), /Job::count-submission/);
    const ownName = (name: string) => metadata(find(recorded, "ConfigMap", name)).name;
    for (const [type, name, program] of [
      ["Job", "count-submission", "count-program"],
      ["Deployment", "count-guard", "count-guard"],
      ["CronJob", "count-savepoints", "count-guard"],
    ] as const) {
      assert.match(waits(type, name), new RegExp(`ConfigMap::${program}`));
      assert.ok(JSON.stringify(find(recorded, type, name).inputs).includes(ownName(program)), name);
    }
    assert.notEqual(ownName("count-program"), ownName("count-guard"));
    assert.deepEqual(
      [...new Set(mountedConfigMaps(recorded))].sort(),
      ["count-program", "count-guard"].map(ownName).sort(),
      "its pods are to have what is made",
    );
    const bare = await record(() => job({ guard: false }));
    assert.ok(!bare.recorded.some(({ name }) => name === "count-guard"));
  });

  it("leaves the ledger behind where that is wanted, and takes over one that was left", async () => {
    const cluster = { ...connection, namespaceStays: true };
    const { recorded } = await record(() => job({ cluster, retainLedger: true }));
    const ledger = find(recorded, "ConfigMapPatch", "count-ledger");
    assert.equal(ledger.retainOnDelete, true);
    assert.equal(metadata(ledger).annotations["pulumi.com/patchForce"], "true");
    assert.equal("data" in ledger.inputs, false);
    // Saying so of a job that runs must not delete its ledger, nor must taking it back.
    assert.ok(ledger.aliases.some(({ type }) => type === "kubernetes:core/v1:ConfigMap"));
    const own = find((await record(() => job())).recorded, "ConfigMap", "count-ledger");
    assert.equal(own.retainOnDelete, false);
    assert.ok(own.aliases.some(({ type }) => type === "kubernetes:core/v1:ConfigMapPatch"));
  });

  it("knows every name in a preview, also when an argument is not known yet", async () => {
    const { recorded } = await record(
      () => {
        const id = new random.RandomId("x", { byteLength: 2 });
        return job({ arguments: ["--token", id.hex] });
      },
      { preview: true, unknown: ["random:index/randomId:RandomId"] },
    );
    for (const [type, name, object] of [
      ["ConfigMap", "count-ledger", "orders--count-ledger"],
      ["ServiceAccount", "count-submitter", "orders--count-submitter"],
      ["Role", "count-submitter", "orders--count-submitter"],
    ]) {
      assert.equal(metadata(find(recorded, type, name)).name, object);
    }
    assert.equal(
      JSON.stringify(find(recorded, "Job", "count-submission").inputs).includes(unknownMark),
      true,
      "the revision cannot be known",
    );
  });

  it("waits for what its connection depends on", async () => {
    const { recorded } = await record(() => {
      const before = new random.RandomId("before", { byteLength: 2 });
      return job({ cluster: before.hex.apply(() => connection) });
    });
    assert.ok(
      find(recorded, "ConfigMap", "count-ledger").dependencies.some((urn) => urn.endsWith("::before")),
    );
  });

  it("reads its outputs from the ledger", async () => {
    const { result } = await record(() => {
      const made = job();
      return { jobId: made.jobId, webUrl: made.webUrl };
    });
    // Of a revision that has failed since, it says nothing that is true of this one.
    const data = { revision: "b", jobId: "1", phase: "failed" };
    assert.deepEqual(saidOf("b", data), data);
    assert.deepEqual(saidOf("a", data), { phase: "pending" });
    // The mocks' ledger is empty; the page is the cluster's.
    assert.equal(await valueOf(result.jobId), "");
    assert.equal(await valueOf(result.webUrl), "http://orders-rest.shop.svc:8081");
    assert.equal(jobUrl("http://x", "1", "running"), "http://x/#/job/running/1/overview");
  });

  it("keeps in a Secret what not everybody may read, and a salted hash of it in the revision", async () => {
    const secret = "x1y2z3";
    const { recorded } = await record(() =>
      job({
        arguments: ["--password", pulumi.secret(secret)],
        config: { "s3.secret-key": secret, "pipeline.name": "n" },
      }),
    );
    const kept = find(recorded, "Secret", "count-secrets");
    assert.equal(metadata(kept).name, "orders--count-secrets");
    const data = kept.inputs.stringData as { value: Record<string, string> } & Record<string, string>;
    const { "argument-1": argument, "config.s3.secret-key": option } = data.value ?? data;
    assert.deepEqual([argument, option], [secret, secret]);
    for (const one of recorded.filter((other) => other !== kept)) {
      assert.ok(!JSON.stringify(one.inputs).includes(secret), `${one.type} ${one.name}`);
    }
    const program = find(recorded, "ConfigMap", "count-program").inputs.data as Record<string, string>;
    assert.deepEqual(JSON.parse(program["request.json"]!), {
      programArgsList: ["--password", { $secret: "argument-1" }],
      flinkConfiguration: {
        "s3.secret-key": { $secret: "config.s3.secret-key" },
        "pipeline.name": "n",
      },
      parallelism: 6,
    });
    const submission = find(recorded, "Job", "count-submission");
    assert.ok(submission.dependencies.some((urn) => urn.endsWith("Secret::count-secrets")));
    assert.match(JSON.stringify(submission.inputs), /"secretName":"orders--count-secrets"/);
    const revision = (all: Recorded[]) =>
      metadata(find(all, "ConfigMap", "count-ledger")).annotations["flink-kubernetes/revision"];
    const other = await record(() =>
      job({
        arguments: ["--password", pulumi.secret("another")],
        config: { "s3.secret-key": secret, "pipeline.name": "n" },
      }),
    );
    assert.notEqual(revision(other.recorded), revision(recorded), "another secret is another revision");
  });

  it("keeps a script that is an Output in the Secret, too", async () => {
    const script = "INSERT INTO a SELECT 'x1y2z3';";
    const { recorded } = await record(() => job({ jar: undefined, sql: { script: pulumi.secret(script) } }));
    const kept = find(recorded, "Secret", "count-secrets");
    for (const one of recorded.filter((other) => other !== kept)) {
      assert.ok(!JSON.stringify(one.inputs).includes("x1y2z3"), `${one.type} ${one.name}`);
    }
    const program = find(recorded, "ConfigMap", "count-program").inputs.data as Record<string, string>;
    const { programArgsList } = JSON.parse(program["request.json"]!) as { programArgsList: unknown };
    assert.deepEqual(programArgsList, ["--script", { $secret: "sql-script" }]);
  });

  it("keeps a program in Python that is an Output in the Secret, and its arguments that are", async () => {
    const { recorded } = await record(() =>
      job({
        jar: undefined,
        python: { script: pulumi.secret("print('x1y2z3')") },
        arguments: ["--password", pulumi.secret("x1y2z3")],
      }),
    );
    const kept = find(recorded, "Secret", "count-secrets");
    const data = kept.inputs.stringData as { value: Record<string, string> } & Record<string, string>;
    assert.deepEqual((data.value ?? data)["main.py"], "print('x1y2z3')");
    for (const one of recorded.filter((other) => other !== kept)) {
      assert.ok(!JSON.stringify(one.inputs).includes("x1y2z3"), `${one.type} ${one.name}`);
    }
    const program = find(recorded, "ConfigMap", "count-program").inputs.data as Record<string, string>;
    assert.ok(!("main.py" in program));
    assert.deepEqual(JSON.parse(program["job.json"]!), {
      module: "main",
      arguments: ["--password", { $secret: "argument-1" }],
    });
  });

  it("takes a list of arguments that is an Output as a whole", async () => {
    const { recorded } = await record(() => job({ arguments: pulumi.secret(["--a", "b c"]) }));
    const program = find(recorded, "ConfigMap", "count-program").inputs.data as Record<string, string>;
    assert.deepEqual(JSON.parse(program["request.json"]!), {
      programArgsList: { $secret: "arguments.json" },
      parallelism: 6,
    });
  });

  it("fetches a jar from a store with keys that only its pod reads", async () => {
    const { recorded } = await record(() =>
      job({
        jar: "s3://jars/count.jar",
        jarStorage: {
          endpoint: "https://s3.example.com",
          accessKey: { name: "s3", key: "access" },
          secretKey: { name: "s3", key: "secret" },
        },
      }),
    );
    const { template } = find(recorded, "Job", "count-submission").inputs.spec as {
      template: { spec: { containers: { env: object[] }[]; volumes: { name: string; emptyDir?: object }[] } };
    };
    const env = JSON.stringify(template.spec.containers[0]!.env);
    assert.match(env, /"S3_SECRET_KEY","valueFrom":\{"secretKeyRef":\{"key":"secret","name":"s3"\}\}/);
    assert.match(env, /"S3_ENDPOINT","value":"https:\/\/s3\.example\.com"/);
    assert.deepEqual(template.spec.volumes.find(({ name }) => name === "tmp")?.emptyDir, {
      sizeLimit: "576Mi",
    });
  });

  it("shows a server a login and headers that only its pod reads; no other job has what does that", async () => {
    const from = (key: string) => ({ name: "artifacts", key });
    const fetched = { jar: "https://repo.example.com/count.jar", jarChecksum: "0".repeat(64) };
    const programOf = async (args: object) => {
      const { recorded } = await record(() => job({ ...fetched, ...args }));
      const { data } = find(recorded, "ConfigMap", "count-program").inputs as {
        data: Record<string, string>;
      };
      const { template } = find(recorded, "Job", "count-submission").inputs.spec as {
        template: { spec: { containers: { env: { name: string }[] }[] } };
      };
      const env = template.spec.containers[0]!.env.filter(({ name }) => name.startsWith("HTTP_"));
      return { env, script: Object.values(data).join("\n") };
    };
    const jarHttp = {
      username: from("user"),
      password: from("pw"),
      headers: { "PRIVATE-TOKEN": from("token") },
    };
    const { env, script } = await programOf({ jarHttp });
    const secret = (key: string) => ({ valueFrom: { secretKeyRef: { name: "artifacts", key } } });
    assert.deepEqual(env, [
      { name: "HTTP_HEADERS", value: "PRIVATE-TOKEN" },
      { name: "HTTP_USERNAME", ...secret("user") },
      { name: "HTTP_PASSWORD", ...secret("pw") },
      { name: "HTTP_HEADER_0", ...secret("token") },
    ]);
    const plain = await programOf({});
    assert.deepEqual(plain.env, []);
    assert.doesNotMatch(plain.script, /HTTP_HEADER/);
    assert.match(script, /HTTP_HEADER/);
  });

  it("takes savepoints by the clock with the submission's own pods", async () => {
    const { recorded } = await record(() =>
      job({ savepoints: { schedule: "0 3 * * 1-5", timeZone: "Europe/Berlin", keep: 3 } }),
    );
    const { inputs } = find(recorded, "CronJob", "count-savepoints");
    assert.ok((inputs.metadata as { name: string }).name.length <= 52);
    const { schedule, timeZone, jobTemplate } = inputs.spec as {
      schedule: string;
      timeZone: string;
      jobTemplate: { spec: { template: { spec: { containers: { command: string[]; env: object[] }[] } } } };
    };
    assert.deepEqual([schedule, timeZone], ["0 3 * * 1-5", "Europe/Berlin"]);
    const [container] = jobTemplate.spec.template.spec.containers;
    assert.match(container!.command[1]!, /\/savepoint\.sh$/);
    assert.deepEqual(container!.env.slice(-3), [
      { name: "VERB", value: "take" },
      { name: "KIND", value: "periodic" },
      { name: "KEEP", value: "3" },
    ]);
  });

  it("shows no arguments and no configuration on its own line of the preview", async () => {
    const { recorded } = await record(() =>
      job({ arguments: ["--password", "x1y2z3"], config: { "my.key": pulumi.secret("x1y2z3") } }),
    );
    const inputs = JSON.stringify(find(recorded, "FlinkJob", "count").inputs);
    assert.equal(inputs.includes("x1y2z3"), false);
    assert.match(inputs, /count\.jar/);
  });
});
