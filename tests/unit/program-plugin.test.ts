import assert from "node:assert/strict";
import path from "node:path";
import { projectDir } from "../support/project";
import { connection } from "./job/connection";
import { type Plugin, startPlugin } from "./package/support";

/** The package served as a plugin to programs in other languages: the engine asks it to construct components. */
describe("FlinkCluster, constructed by a program in another language", function () {
  this.timeout(240_000);
  const type = "flink-kubernetes:index:FlinkCluster";
  let plugin: Plugin;

  before(async () => {
    plugin = await startPlugin(path.join(projectDir, "components"), path.join(projectDir, "node_modules"));
  });

  after(() => plugin?.stop());

  it("works, and gives its outputs", async () => {
    const state = await plugin.construct(type, "orders", {
      flinkVersion: "2.2.1",
      namespace: { name: "prod" },
    });
    assert.match(JSON.stringify(state.restUrl), /http:\/\/orders-rest\.prod\.svc:8081/);
    assert.ok(plugin.registered.includes("orders-jobmanager"));
  });

  it("fails with the list alone for a job whose mistakes only its cluster and later values show", async () => {
    const failure = plugin.construct("flink-kubernetes:index:FlinkJob", "late", {
      cluster: { ...connection, namespaceStays: false },
      jar: "/opt/a.jar",
      upgradeMode: "stateless",
      retainLedger: true,
      config: { "execution.checkpointing.interval": "often" },
    });
    await assert.rejects(failure, (error: Error) => {
      assert.match(
        error.message,
        /UNKNOWN: 2 problems in the arguments of the program:\n {2}FlinkJob "late":\n {4}- config.*interval/,
      );
      assert.match(error.message, /- retainLedger = true/);
      assert.doesNotMatch(error.message, /error serializing/);
      return true;
    });
  });

  it("fails with all its problems when it has some, and makes nothing", async () => {
    const failure = plugin.construct(type, "wrong", { flinkVersion: "0.1.0", taskManager: { slots: 0 } });
    await assert.rejects(failure, (error: Error) => {
      for (const text of ['FlinkCluster "wrong"', '- flinkVersion = "0.1.0"', "- taskManager.slots = 0"]) {
        assert.ok(error.message.includes(text), error.message);
      }
      return true;
    });
    assert.deepEqual(
      plugin.registered.filter((name) => name.startsWith("wrong-")),
      [],
    );
  });
});
