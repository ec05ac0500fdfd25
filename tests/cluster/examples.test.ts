import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { buildPacks } from "../../local/policies/build";
import type { PackConfig } from "../../policies/testing";
import { type Changes, Example } from "../support/example";
import { testImage } from "../support/image";
import { projectDir } from "../support/project";
import { type S3Server, startS3 } from "../support/s3";
import { component, core, eventually, flink, jobs, needsNode, pods, printed } from "./support";

describe("the examples, on a real Kubernetes", function () {
  this.timeout(600_000);
  let image: string;
  let s3: S3Server;
  const brought: Example[] = [];
  const namespaces: string[] = [];

  before(function () {
    needsNode(this);
  });
  before("an image with jobs in it, and an object store", async () => {
    image = await testImage("2.2.1");
    s3 = await startS3();
  });
  afterEach("take it down", async () => {
    // In the other order: a team's stack before that of its platform.
    for (const example of brought.splice(0).reverse()) await example.down();
    for (const name of namespaces.splice(0)) await core.deleteNamespace({ name });
  });
  after(() => s3?.stop());

  const example = (file: string, ...changes: Changes): Example => keep(new Example(file, changes));
  const keep = (made: Example): Example => {
    brought.push(made);
    return made;
  };

  /** A namespace with the keys of the object store, and what a program has to say to live there. */
  const stored = async (name: string, directory: string): Promise<Changes> => {
    await core.createNamespace({ body: { metadata: { name } } });
    namespaces.push(name);
    const stringData = { "access-key": s3.accessKey, "secret-key": s3.secretKey };
    await core.createNamespacedSecret({
      namespace: name,
      body: { metadata: { name: "objects" }, stringData },
    });
    const keys = ["access", "secret"].map((key) => `${key}Key: { name: "objects", key: "${key}-key" }`);
    const store = `directory: "s3://${s3.bucket}/${directory}", s3: { endpoint: "${s3.endpoint}", ${keys.join(", ")} }`;
    return [
      [/namespace: \{ quota: .* \}/, `namespace: { name: "${name}", create: false }`],
      [
        /storage: \{[^}]*?directory: "s3:\/\/state\/\w+"( \}|,\s+s3: \{[^]*?\n {4}\},\s+\})/,
        `storage: { ${store} }`,
      ],
      [/image: "[^"]*flink[^"]*"/, `image: "${image}"`],
      [/checkpointing: \{ interval: "[^"]*"/, 'checkpointing: { interval: "2 s"'],
    ];
  };

  /** TaskManagers that fit beside all else on two cores. */
  const resources = 'cpu: { request: "100m", limit: "1" }, ephemeralStorage: "512Mi"';
  const taskManagers = (slots: number, replicas: number): Changes[number] => [
    /taskManager: \{.*replicas: \d \}/,
    `taskManager: { memory: "1200m", slots: ${slots}, replicas: ${replicas}, ${resources} }`,
  ];
  const oneJobManager: Changes[number] = [
    /jobManager: \{.*\},/,
    `jobManager: { memory: "1g", ${resources} },`,
  ];
  const counting: Changes[number] = [/jar: ["`][^"`]*["`]/, 'jar: "/opt/flink/usrlib/counting.jar"'];

  /** Every job of a cluster runs, and there are as many as there should be. */
  const run = async (namespace: string, cluster: string, count: number): Promise<string[]> => {
    const found = await jobs(namespace, cluster);
    assert.deepEqual(
      found.map(({ state }) => state),
      Array.from({ length: count }, () => "RUNNING"),
    );
    return found.map(({ jid }) => jid);
  };

  it("checkpointed-counter keeps its checkpoints on S3", async () => {
    const namespace = "examples-counter";
    const changes = await stored(namespace, "counter");
    const entry = ['"com.example.Counter"', '"flink.kubernetes.tests.Counting"'] as const;
    const counter = example(
      "checkpointed-counter/index.ts",
      ...changes,
      taskManagers(4, 1),
      oneJobManager,
      counting,
      entry,
    );
    const { outputs } = await counter.up();
    const [job] = await run(namespace, "counter", 1);
    assert.equal(outputs.jobId, job);
    const checkpoints = path.join(s3.directory, "counter/checkpoints", job!);
    await eventually("a checkpoint on S3", 120, async () =>
      fs.readdirSync(checkpoints).some((name) => fs.existsSync(path.join(checkpoints, name, "_metadata")))
        ? true
        : undefined,
    );
  });

  it("sql prints its sums", async () => {
    const namespace = "examples-sql";
    const sql = example(
      "sql/index.ts",
      [
        /namespace: \{ quota/,
        `image: "${image}",\n  namespace: { name: "${namespace}", protect: false, quota`,
      ],
      taskManagers(2, 1),
      [/taskManager:/, `jobManager: { memory: "1g", ${resources} },\n  taskManager:`],
    );
    const { outputs } = await sql.up();
    assert.equal(outputs.phase, "running");
    await run(namespace, "numbers", 1);
    await eventually("sums in the log", 120, async () => {
      const found = await pods(namespace, component("taskmanager", "numbers"));
      const lines = await Promise.all(
        found.map((pod) => printed(namespace, pod.metadata!.name!, /\+[IU]\[-?[01], \d+\]$/)),
      );
      return lines.flat().length > 2 ? true : undefined;
    });
  });

  it("reactive uses every TaskManager there is, also those that come later", async () => {
    const namespace = "examples-reactive";
    const reactive = example(
      "reactive/index.ts",
      ...(await stored(namespace, "clicks")),
      [/cpu: \{ request: "1", limit: "2" \}/, resources],
      [/memory: "4g"/, 'memory: "1200m"'],
      [/highAvailability/, `jobManager: { memory: "1g", ${resources} },\n  highAvailability`],
      counting,
    );
    const usesAll = (taskManagers: number) =>
      eventually(`every slot of ${taskManagers} TaskManagers in use`, 180, async () => {
        const overview = await flink<Record<string, number>>(namespace, "/overview", "clicks");
        const [job] = await jobs(namespace, "clicks");
        const { vertices } = await flink<{ vertices: { parallelism: number }[] }>(
          namespace,
          `/jobs/${job!.jid}`,
          "clicks",
        );
        const used = Math.max(...vertices.map(({ parallelism }) => parallelism));
        return overview.taskmanagers === taskManagers && used === 2 * taskManagers ? true : undefined;
      });
    // No autoscaler may have an opinion here: there are as many as the program says.
    const between = (count: number): Changes => [
      [/minReplicas: 2, maxReplicas: 8/, `minReplicas: ${count}, maxReplicas: ${count}`],
    ];
    await reactive.up({}, between(1));
    await run(namespace, "clicks", 1);
    await usesAll(1);
    await reactive.up({}, between(2));
    await usesAll(2);
  });

  it("two-teams runs a job of each team, and is held to the policies of the platform team", async () => {
    const namespace = "examples-teams";
    const [, ...rest] = await stored(namespace, "shared");
    const folder = path.join(await buildPacks(projectDir), "flink");
    const demanded = fs.readFileSync(path.join(projectDir, "examples/two-teams/policies.json"), "utf8");
    const config = JSON.parse(demanded) as PackConfig;
    const packs = [{ name: "flink", folder, config }];
    const teams = example(
      "two-teams/index.ts",
      [/namespace: \{ quota: .* \} \},/, `namespace: { name: "${namespace}", create: false },`],
      ...rest,
      oneJobManager,
      taskManagers(4, 1),
      [/network: .*\n/, "\n"],
      [/image: `[^`]*`/, `image: "${image}"`],
      counting,
      [/parallelism: 8/, "parallelism: 2"],
      [/parallelism: 4/, "parallelism: 2"],
    );
    teams.stack.previewsFirst = true;
    const unchecked = teams.up({ packs }, [[/checkpointing: .*\n/, "\n"]]);
    await assert.rejects(unchecked, /preview failed[^]*flink-checkpointing/);
    const { outputs } = await teams.up({ packs });
    assert.deepEqual(outputs.phases, ["running", "running"]);
    await run(namespace, "shared", 2);
  });

  it("multi-stack brings a team's job to the cluster of the platform's stack", async () => {
    const namespace = "examples-stacks";
    const changes: Changes = [
      ...(await stored(namespace, "stacks")),
      taskManagers(2, 1),
      [/taskManager:/, `jobManager: { memory: "1g", ${resources} },\n  taskManager:`],
    ];
    const platform = keep(new Example("multi-stack/platform.ts", changes, "platform"));
    const team = example("multi-stack/team.ts", [/image: "[^"]*"/, `image: "${image}"`], counting, [
      /parallelism: 8/,
      "parallelism: 2",
    ]);
    await platform.up();
    team.stack.beside(platform.stack);
    const { outputs } = await team.up();
    assert.equal(outputs.phase, "running");
    await run(namespace, "shared", 1);
  });
});
