import assert from "node:assert/strict";
import { checkJob } from "../../components/args/check-job";
import { normaliseApplication } from "../../components/args/normalise-application";
import { normaliseCluster } from "../../components/args/normalise";
import { jobArgs } from "./job/connection";

/** What is said of each name: its path, and what to write. */
function said(problems: { path: string; fix: string }[]): Record<string, string> {
  return Object.fromEntries(problems.map(({ path, fix }) => [path, fix]));
}

describe("the names of the operators", () => {
  it("of a FlinkDeployment lead to the arguments that say the same", () => {
    const fixes = said(
      normaliseCluster("orders", {
        flinkVersion: "2.2.1",
        flinkConfiguration: {},
        serviceAccount: "flink",
        mode: "native",
        podTemplate: {},
        logConfiguration: {},
        job: { jarURI: "local:///opt/flink/usrlib/a.jar" },
        ingress: {},
        taskManager: { resource: { memory: "2048m", cpu: 1 } },
      } as never).problems,
    );
    assert.equal(fixes.flinkConfiguration, 'write "config"');
    assert.equal(fixes.ingress, 'write "exposure"');
    assert.match(fixes.serviceAccount!, /serviceAccount\.name of jobManager and taskManager/);
    assert.match(fixes.mode!, /leave it out/);
    assert.match(fixes.podTemplate!, /podPatch for the rest/);
    assert.match(fixes.logConfiguration!, /monitoring\.log4j/);
    assert.match(fixes.job!, /FlinkApplication/);
    assert.match(fixes["taskManager.resource"]!, /memory: 2g and cpu: \{ limit: 1 \}/);
  });

  it("of a job, too, where there is one", () => {
    const theirs = { jarURI: "local:///opt/a.jar", args: ["a"], state: "suspended", restartNonce: 1 };
    const given = { ...jobArgs, ...theirs };
    const application = { flinkVersion: "2.2.1", ...theirs };
    for (const problems of [
      checkJob("totals", given as never),
      normaliseApplication("totals", application as never).problems,
    ]) {
      const fixes = said(problems);
      assert.equal(fixes.jarURI, 'write "jar"');
      assert.equal(fixes.args, 'write "arguments"');
      assert.match(fixes.state!, /jobs pause JOB/);
      // That would start it without its state.
      assert.match(fixes.restartNonce!, /restart a job with its state/);
      assert.doesNotMatch(fixes.restartNonce!, /restoreNonce/);
    }
    const inside = {
      flinkVersion: "2.2.1",
      jar: "local:///opt/a.jar",
      job: { jarURI: "local:///opt/a.jar" },
    };
    const { job } = said(normaliseApplication("totals", inside as never).problems);
    assert.match(job!, /write its fields here: jar, entryClass/);
    const cluster = said(
      normaliseCluster("orders", { flinkVersion: "2.2.1", jarURI: "a" } as never).problems,
    );
    assert.doesNotMatch(cluster.jarURI!, /write "jar"/);
  });
});
