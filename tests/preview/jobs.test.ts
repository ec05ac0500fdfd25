import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import type { FlinkJobArgs } from "../../components/args/job";
import { fullOf } from "../../preview/markdown";
import { type Report, reportOf } from "../../preview/report";
import { compareRenders } from "../../preview/sources/renders";
import { terminalOf } from "../../preview/terminal";
import { corpusBase } from "./support/corpus";
import type { StackModel } from "./support/model";
import { rendering } from "./support/stack";

type JobArgs = Omit<FlinkJobArgs, "cluster">;

const jar: JobArgs = { jar: "/opt/flink/usrlib/enrich.jar", parallelism: 4 };
const sql = (script: string): JobArgs => ({ sql: { script }, parallelism: 1 });
const script = `CREATE TABLE orders (id BIGINT) WITH ('connector' = 'datagen');
CREATE TABLE totals (n BIGINT) WITH ('connector' = 'print');
INSERT INTO totals SELECT COUNT(*) FROM orders;
`;

function stack(cluster: Partial<FlinkClusterArgs>, enrich: JobArgs = jar): StackModel {
  return { cluster: { ...corpusBase.cluster!, ...cluster }, jobs: { enrich } };
}

async function report(before: StackModel, after: StackModel): Promise<Report> {
  return reportOf(compareRenders(await rendering(before), await rendering(after)), { stack: "prod" });
}

async function jobOf(before: StackModel, after: StackModel) {
  const { jobs, dangers } = await report(before, after);
  assert.equal(jobs.length, 1);
  return { ...jobs[0]!, dangers: dangers.map(({ subject, what }) => `${subject} ${what}`) };
}

const available = { highAvailability: {} };

describe("an option of the cluster that changes, with high availability", () => {
  const later = async (before: Partial<FlinkClusterArgs>, after: Partial<FlinkClusterArgs>, job = jar) =>
    (await jobOf(stack({ ...available, ...before }, job), stack({ ...available, ...after }, job))).later;

  it("that a job has stored takes effect with its next revision", async () => {
    const to = { checkpointing: { interval: "30 s" }, config: { "pipeline.object-reuse": "true" } };
    const { what, later } = await jobOf(stack(available), stack({ ...available, ...to }));
    assert.deepEqual(later, ["execution.checkpointing.interval", "pipeline.object-reuse"]);
    assert.match(
      what,
      /goes on with it.*; execution\.checkpointing\.interval, pipeline\.object-reuse take effect with the job's next revision$/,
    );
  });

  it("that processes take when they start takes effect at once", async () => {
    const config = { "heartbeat.timeout": "60 s", "execution.checkpointing.num-retained": "5" };
    assert.deepEqual(await later({}, { config }), []);
  });

  it("of which a job has no value of its own is the new leader's, and one that it has is kept", async () => {
    const option = "state.backend.rocksdb.thread.num";
    assert.deepEqual(await later({}, { config: { [option]: "2" } }), []);
    const change = [{ config: { [option]: "2" } }, { config: { [option]: "4" } }] as const;
    assert.deepEqual(await later(...change), [option]);
  });

  it("of a restart strategy is taken with the strategy", async () => {
    const config = { "restart-strategy.type": "fixed-delay", "restart-strategy.fixed-delay.delay": "5 s" };
    assert.deepEqual(await later({}, { config }), Object.keys(config).sort());
  });

  it("under an old name is the same option", async () => {
    const change = [
      { config: { "state.backend": "hashmap" } },
      { config: { "state.backend": "rocksdb" } },
    ] as const;
    assert.deepEqual(await later(...change), ["state.backend"]);
  });

  it("that the job sets itself does not concern it", async () => {
    const own = { ...jar, config: { "table.exec.state.ttl": "2 d" } };
    assert.deepEqual(await later({}, { config: { "table.exec.state.ttl": "1 d" } }, own), []);
  });

  it("takes checkpoints from no job that has them, and gives none to one that has not", async () => {
    const off = { ...available, checkpointing: undefined };
    const taken = await jobOf(stack(available), stack(off));
    assert.equal(taken.beginning, "checkpoint");
    assert.match(taken.what, /from its last checkpoint; .*interval.* with the job's next revision/);
    const given = await jobOf(stack(off), stack(available));
    assert.equal(given.beginning, "nothing");
    assert.match(given.dangers.join(), /starts without its state/);
  });

  it("is taken by a job that is submitted again", async () => {
    const to = { checkpointing: { interval: "30 s" } };
    const { later, what } = await jobOf(stack({}), stack(to));
    assert.deepEqual(later, []);
    assert.match(what, /stopped with a savepoint/);
  });
});

describe("state that may not fit", () => {
  it("is red for another major version, and not for another patch release or a job without state", async () => {
    const [old, now] = [{ flinkVersion: "1.20.4" }, { flinkVersion: "2.2.1" }];
    const { dangers } = await jobOf(stack(old), stack(now));
    assert.match(
      dangers.join(),
      /job orders\/orders\/enrich may not start .*2\.2\.1 reads what 1\.20\.4 has written/,
    );
    assert.deepEqual((await jobOf(stack(old), stack({ flinkVersion: "1.20.5" }))).dangers, []);
    const stateless: JobArgs = { ...jar, upgradeMode: "stateless" };
    const alone = (await jobOf(stack(old, stateless), stack(now, stateless))).dangers;
    assert.doesNotMatch(alone.join(), /may not start/);
  });

  it("is red for a job in SQL under another minor version, and not for another program", async () => {
    const [old, now] = [{ flinkVersion: "2.1.2" }, { flinkVersion: "2.2.1" }];
    const { dangers } = await jobOf(stack(old, sql(script)), stack(now, sql(script)));
    assert.match(dangers.join(), /written in SQL, and Flink 2\.2 may plan its script otherwise than 2\.1/);
    assert.deepEqual((await jobOf(stack(old), stack(now))).dangers, []);
  });

  for (const [name, before, after, red] of [
    ["another number", "128", "256", true],
    ["a number where Flink made another", undefined, "256", true],
    ["the number that Flink made", undefined, "128", false],
    ["none any more", "256", undefined, false],
  ] as const) {
    it(`is ${red ? "" : "not "}red for pipeline.max-parallelism: ${name}, of the job or of its cluster`, async () => {
      const config = (value?: string) =>
        value === undefined ? {} : { config: { "pipeline.max-parallelism": value } };
      for (const [from, to] of [
        [stack({}, { ...jar, ...config(before) }), stack({}, { ...jar, ...config(after) })],
        [stack(config(before)), stack(config(after))],
        [stack({ ...available, ...config(before) }), stack({ ...available, ...config(after) })],
      ]) {
        const found = (await jobOf(from!, to!)).dangers.join();
        assert.equal(/does not start from its state/.test(found), red, found);
      }
    });
  }

  it("is red for a job under another name, which begins with nothing", async () => {
    const { cluster } = corpusBase;
    const { dangers } = await report(
      { cluster, jobs: { enrich: jar } },
      { cluster, jobs: { enriched: jar } },
    );
    assert.equal(dangers.length, 1);
    assert.equal(dangers[0]!.subject, "job orders/orders/enriched");
    assert.match(
      dangers[0]!.what,
      /has the program of enrich, which is removed.*initialSavepoint.*s3:\/\/state/,
    );
    const another = { enriched: { ...jar, jar: "/opt/flink/usrlib/another.jar" } };
    assert.deepEqual(
      (await report({ cluster, jobs: { enrich: jar } }, { cluster, jobs: another })).dangers,
      [],
    );
  });
});

describe("what differs", () => {
  it("of a script is its lines", async () => {
    const changed = script.replace("COUNT(*)", "SUM(id)");
    const found = await report(stack({}, sql(script)), stack({}, sql(changed)));
    const { script: lines, because } = found.jobs[0]!;
    assert.deepEqual(because, []);
    assert.deepEqual(
      lines.filter((line) => /^[-+]/.test(line)),
      ["-INSERT INTO totals SELECT COUNT(*) FROM orders;", "+INSERT INTO totals SELECT SUM(id) FROM orders;"],
    );
    for (const text of [fullOf(found), terminalOf(found, { width: 100, color: false })])
      assert.match(text, /^ *\+INSERT INTO totals SELECT SUM\(id\) FROM orders;$/m);
    assert.match(fullOf(found), /<summary>script of <code>enrich<\/code><\/summary>/);
  });

  it("of the JVM's flags is those that differ", async () => {
    const config = (more: string) => ({
      config: { "env.java.opts.all": `-Dkept=1 --add-opens java.base/a=ALL ${more}` },
    });
    const { clusters } = await report(stack(config("-Dold=1")), stack(config("-Dnew=1")));
    const { before, after } = clusters[0]!.configuration.find(({ what }) => what === "env.java.opts.all")!;
    assert.match(before, /^-Dold=1 \(\d+ flags as before\)$/);
    assert.match(after, /^-Dnew=1 \(\d+ flags as before\)$/);
  });
});

describe("an autoscaler that is taken out", () => {
  it("leaves as many TaskManagers as run, and the jobs on them", async () => {
    const taskManager = { ...corpusBase.cluster!.taskManager!, replicas: undefined };
    const before = stack(
      { taskManager, autoscaling: { minReplicas: 2, maxReplicas: 6 } },
      { ...jar, parallelism: 10 },
    );
    const found = await report(before, stack({ taskManager }, { ...jar, parallelism: 10 }));
    assert.deepEqual(found.dangers, []);
    assert.equal(found.jobs[0]!.what, "is not restarted");
    assert.match(
      found.clusters[0]!.processes,
      /No autoscaler changes the number of TaskManagers any more: as many stay/,
    );
    assert.deepEqual(
      found.clusters[0]!.sizing.map(({ what, before, after }) => [what, before, after]),
      [["TaskManagers", "2 to 6", "as many as run"]],
    );
  });
});
