import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { type Effect, effectOf as compared } from "../support/changes";
import { projectDir } from "../support/project";

const page = path.join(projectDir, "docs/changes.md");

/** A cluster as a team would run it. Every change starts from it unless it has its own "from". */
const base: FlinkClusterArgs = {
  flinkVersion: "2.2.1",
  taskManager: { memory: "4g", slots: 2, replicas: 3 },
  storage: { directory: "s3://state/orders" },
  checkpointing: { interval: "1 min" },
};

const available: FlinkClusterArgs = { ...base, highAvailability: {}, jobManager: { replicas: 2 } };

interface Change {
  what: string;
  to: Partial<FlinkClusterArgs>;
  from?: FlinkClusterArgs;
}

const worker = base.taskManager!;

const changes: Change[] = [
  { what: "`taskManager.replicas`", to: { taskManager: { ...worker, replicas: 2 } } },
  { what: "`taskManager.memory`, `cpu`, `slots`", to: { taskManager: { ...worker, memory: "8g" } } },
  {
    what: "`taskManager.env`, volumes, containers, scheduling",
    to: { taskManager: { ...worker, env: [{ name: "A", value: "b" }] } },
  },
  { what: "`jobManager.memory`, `cpu`", to: { jobManager: { memory: "2g" } } },
  {
    what: "`config`, an option of TaskManagers' memory",
    to: { config: { "taskmanager.memory.managed.fraction": "0.2" } },
  },
  {
    what: "`config`, an option that Flink reads at submission (`pipeline.*`, `table.*`, …)",
    to: { config: { "table.exec.state.ttl": "1 d" } },
  },
  { what: "`config`, any other option", to: { config: { "heartbeat.timeout": "60 s" } } },
  {
    what: "a secret option in `config`",
    from: { ...base, config: { "s3.secret-key": "a" } },
    to: { config: { "s3.secret-key": "b" } },
  },
  {
    what: "`pods`, `imagePullSecrets`",
    to: { pods: { podLabels: { team: "orders" } }, imagePullSecrets: ["registry"] },
  },
  {
    what: "`prepare`, all of it",
    to: { prepare: { timeout: 900, podLabels: { team: "orders" }, nodeSelector: { pool: "small" } } },
  },
  { what: "`image`", to: { image: "registry.example.com/flink:2.2.1-7" } },
  {
    what: "`flinkVersion`, a patch release",
    from: { ...base, flinkVersion: "1.20.4" },
    to: { flinkVersion: "1.20.5" },
  },
  { what: "`flinkVersion`, a minor version", to: { flinkVersion: "2.3.0" } },
  { what: "`checkpointing`", to: { checkpointing: { interval: "30 s" } } },
  { what: "`storage.directory`", to: { storage: { directory: "s3://state/elsewhere" } } },
  {
    what: "`autoscaling` turned on",
    to: { taskManager: { memory: "4g", slots: 2 }, autoscaling: { maxReplicas: 6 } },
  },
  {
    what: "`autoscaling` turned off",
    from: {
      ...base,
      taskManager: { memory: "4g", slots: 2 },
      autoscaling: { minReplicas: 3, maxReplicas: 6 },
    },
    to: { autoscaling: undefined, taskManager: { memory: "4g", slots: 2 } },
  },
  {
    what: "`autoscaling`, its bounds and windows",
    from: { ...base, taskManager: { memory: "4g", slots: 2 }, autoscaling: { maxReplicas: 6 } },
    to: { autoscaling: { maxReplicas: 9 } },
  },
  { what: "`highAvailability` turned on", to: { highAvailability: {} } },
  { what: "`jobManager.replicas`", from: available, to: { jobManager: { replicas: 3 } } },
  { what: "`sqlGateway`", to: { sqlGateway: {} } },
  { what: "`network`", to: { network: { egress: [] } } },
  { what: "`namespace.quota`, `limitRange`", to: { namespace: { quota: { pods: "50" } } } },
  { what: "`namespace.name`", to: { namespace: { name: "elsewhere" } } },
];

const effects = new Map<string, Promise<Effect>>();

/** Each change is made once, for several tests. */
function effectOf(before: FlinkClusterArgs, after: FlinkClusterArgs): Promise<Effect> {
  const key = JSON.stringify([before, after]);
  const effect = effects.get(key) ?? compared(before, after);
  effects.set(key, effect);
  return effect;
}

const title = "# What a change of a running cluster does";

async function table(): Promise<string> {
  const rows: string[] = [];
  for (const { what, to, from = base } of changes) {
    const plain = await effectOf(from, { ...from, ...to });
    const both = to.highAvailability ? from : { ...from, highAvailability: {} };
    const rowOf = (effect: Effect) => `${effect.jobManager} | ${effect.taskManagers} | ${effect.objects}`;
    const withHa = await effectOf(both, { ...both, ...to });
    const jobs =
      plain.jobs === withHa.jobs ? plain.jobs : `${plain.jobs}. With high availability they ${withHa.jobs}`;
    rows.push(`| ${what} | ${rowOf(plain)} | ${jobs} |`);
  }
  const text = `${title}

A test makes each of these changes to a cluster with storage and checkpoints, and records the effect here (tests/unit/changes.test.ts).
A preview reports the same for your stack. "Restarts" means that the only JobManager ends before the next one starts. With high availability
JobManagers roll instead. A change of configuration creates a new ConfigMap, named by its content; pods of the old revision keep theirs.

| Change | JobManager | TaskManagers | Other objects | Jobs |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

With high availability, a new leading JobManager finds the jobs as they were submitted, and continues them so. Options that Flink reads at
submission reach a job with its next revision, whatever causes that. components/flink/catalogue/taken.json says when Flink reads each option.
The preview names the options that a job does not use yet.

"Stopped first" means: before such a change, the prepare Job stops the jobs, and the change waits for it
([when the cluster changes](jobs.md#when-the-cluster-changes)). A job whose \`upgradeMode\` is not \`savepoint\` is stopped as its mode says.
If a job cannot be stopped, the cluster does not change.

A job without \`parallelism\` uses every slot that the cluster can have. If that number changes, the job becomes a new revision.

Nothing else is ever replaced. A namespace that the component creates is protected (\`namespace.protect\`), and so is a volume for storage.
The engine refuses an update that would delete or replace one. To allow it, turn the protection off and apply that first.
`;
  return format(text, { parser: "markdown" });
}

describe("what a change of a running cluster does", function () {
  this.timeout(120_000);

  it("is what docs/changes.md says (FLINK_KUBERNETES_UPDATE_DOCS=1 writes it anew)", async () => {
    const expected = await table();
    if (process.env.FLINK_KUBERNETES_UPDATE_DOCS === "1") writeFileSync(page, expected);
    assert.equal(readFileSync(page, "utf8"), expected);
  });

  it("leaves the JobManager alone when only TaskManagers change", async () => {
    for (const { what, to } of changes.filter((change) => change.what.startsWith("`taskManager."))) {
      assert.equal((await effectOf(base, { ...base, ...to })).jobManager, "unchanged", what);
    }
  });

  it("stops jobs before every change that a JobManager does not survive with them, and before no other", async () => {
    for (const { what, to, from = base } of changes) {
      const { jobManager, jobs } = await effectOf(from, { ...from, ...to });
      const restarts = jobManager === "restarts" || jobManager.startsWith("roll");
      assert.equal(jobs.startsWith("are stopped first"), restarts, what);
    }
  });

  it("never replaces the namespace or a volume unless its protection is off", async () => {
    for (const { what, to, from = base } of changes) {
      const { objects } = await effectOf(from, { ...from, ...to });
      const lost = objects
        .split(", ")
        .filter((one) => /^(Namespace|PersistentVolumeClaim) (replaced|deleted)/.test(one));
      assert.ok(
        lost.every((one) => one.endsWith("(refused while it is protected)")),
        `${what}: ${objects}`,
      );
    }
  });
});
