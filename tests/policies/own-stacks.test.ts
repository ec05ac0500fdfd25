import assert from "node:assert/strict";
import {
  FlinkApplication,
  type FlinkApplicationArgs,
  FlinkCluster,
  FlinkJob,
  type FlinkJobArgs,
} from "../../components/index";
import { rules as flink } from "../../policies/flink/rules";
import { rules as kubernetes } from "../../policies/kubernetes/rules";
import { applicationArgs, findings, ownStacks, registered } from "./support/own-stacks";

const rules = [...kubernetes, ...flink].filter(({ level }) => level !== "disabled");

describe("both packs and what this project makes itself", function () {
  this.timeout(120_000);

  for (const [name, program] of Object.entries(ownStacks)) {
    it(`have nothing to say of ${name}, neither mandatory nor as advice`, async () => {
      const tests = await registered(program);
      assert.ok(tests.length > 15);
      assert.deepEqual(findings(rules, tests), []);
    });
  }

  it("advise only a quota for a namespace that is made without one", async () => {
    const tests = await registered(() => new FlinkCluster("orders", { flinkVersion: "2.2.1" }));
    const found = findings(rules, tests);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0]!, /^namespace-quota: /);
  });
});

describe("a job without checkpoints", function () {
  this.timeout(120_000);
  const checkpointing = flink.filter(({ name }) => name === "flink-checkpointing");
  const found = async (program: () => unknown) => findings(checkpointing, await registered(program));
  const job = (args: Partial<FlinkJobArgs>) => () => {
    const storage = { directory: "s3://bucket/flink" };
    const { connection } = new FlinkCluster("orders", { flinkVersion: "2.2.1", storage });
    return new FlinkJob("enrich", { cluster: connection, jar: "/opt/flink/usrlib/enrich.jar", ...args });
  };
  const application = (args: Partial<FlinkApplicationArgs>) => () => {
    const { checkpointing: left, autoscaling, ...rest } = applicationArgs;
    void [left, autoscaling];
    return new FlinkApplication("orders", { ...rest, ...args });
  };

  for (const [what, make] of Object.entries({ job, application })) {
    it(`is found once, unless it is stateless or ends: ${what}`, async () => {
      assert.equal((await found(make({}))).length, 1);
      assert.deepEqual(await found(make({ upgradeMode: "stateless" })), []);
      assert.deepEqual(await found(make({ bounded: true })), []);
      const config = { "execution.checkpointing.interval": "1 min" };
      assert.deepEqual(await found(make({ config })), []);
    });
  }
});
