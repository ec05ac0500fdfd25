import assert from "node:assert/strict";
import { FlinkCluster, FlinkJob } from "../../components/index";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import {
  evaluateResource,
  evaluateStack,
  type Outcome,
  Resource,
  type Rule,
  Stack,
} from "../../policies/core";
import { rules } from "../../policies/flink/rules";
import { inputOf, type TestResource } from "../../policies/testing";
import { productionArgs } from "../support/production";
import { record } from "../unit/kubernetes/recorder";

/** What the pack says of what a program registers. */
async function findings(program: () => unknown, level: Rule["level"]): Promise<string[]> {
  const { recorded } = await record(program);
  const tests = recorded.map(({ type, name, inputs }): TestResource => ({
    type,
    name,
    props: inputs,
    urn: `urn:${type}::${name}`,
  }));
  return rules
    .filter((rule) => rule.level === level)
    .flatMap((rule) => outcomes(rule, tests).flatMap((outcome) => described(rule, outcome)));
}

function outcomes(rule: Rule, tests: readonly TestResource[]): (Outcome | undefined)[] {
  if (rule.kind === "stack") return [evaluateStack(rule, new Stack(tests.map(inputOf)))];
  return tests.map((test) => evaluateResource(rule, new Resource(inputOf(test))));
}

function described(rule: Rule, outcome: Outcome | undefined): string[] {
  assert.equal(outcome?.error, undefined, rule.name);
  return (outcome?.violations ?? []).map(
    ({ urn, path, actual, expected }) => `${rule.name}: ${urn} ${path} is ${actual}: expected ${expected}`,
  );
}

function cluster(args: FlinkClusterArgs): FlinkCluster {
  return new FlinkCluster("orders", args);
}

const least: FlinkClusterArgs = { flinkVersion: "2.2.1" };
const stored: FlinkClusterArgs = {
  ...least,
  storage: { directory: "s3://bucket/flink" },
  checkpointing: { interval: "1 min" },
};

describe("the pack flink and this project's own components", function () {
  this.timeout(120_000);

  it("finds nothing mandatory in a cluster at its defaults", async () => {
    assert.deepEqual(await findings(() => cluster(least), "mandatory"), []);
  });

  it("finds nothing mandatory in a cluster with storage and a job that keeps its state", async () => {
    const program = () => {
      const { connection } = cluster(stored);
      return new FlinkJob("enrich", { cluster: connection, jar: "/opt/flink/usrlib/enrich.jar" });
    };
    assert.deepEqual(await findings(program, "mandatory"), []);
  });

  it("finds nothing mandatory in a cluster with everything", async () => {
    assert.deepEqual(await findings(() => cluster(productionArgs()), "mandatory"), []);
  });

  it("finds a job without checkpoints, unless it is stateless or ends", async () => {
    const job = (args: object) => () => {
      const { connection } = cluster({ ...least, storage: { directory: "s3://bucket/flink" } });
      return new FlinkJob("enrich", { cluster: connection, jar: "/opt/flink/usrlib/enrich.jar", ...args });
    };
    const found = async (args: object) =>
      (await findings(job(args), "mandatory")).filter((it) => it.startsWith("flink-checkpointing"));
    assert.equal((await found({})).length, 1);
    assert.deepEqual(await found({ upgradeMode: "stateless" }), []);
    assert.deepEqual(await found({ bounded: true }), []);
    assert.deepEqual(await found({ config: { "execution.checkpointing.interval": "1 min" } }), []);
  });
});
