import assert from "node:assert/strict";
import { loadCatalogue, takenAt } from "../../../components/flink/catalogue";
import { supportedMinors } from "../../../components/flink/versions";

describe("when an option is taken", () => {
  for (const minor of supportedMinors) {
    it(`is known of every option of Flink ${minor}, also of those that are no longer its name`, () => {
      const catalogue = loadCatalogue(minor);
      const renamed = [...catalogue.deprecated].filter(([, now]) => catalogue.types.has(now));
      const keys = [...catalogue.types.keys(), ...renamed.map(([old]) => old)];
      assert.deepEqual(
        keys.filter((key) => takenAt(key, catalogue) === undefined),
        [],
      );
    });
  }

  for (const [key, moments] of [
    ["execution.checkpointing.interval", ["submission"]],
    ["pipeline.max-parallelism", ["submission"]],
    ["table.exec.state.ttl", ["submission"]],
    ["pipeline.global-job-parameters.team", ["submission"]],
    ["state.backend.type", ["submission", "jobManager", "taskManager"]],
    ["state.backend", ["submission", "jobManager", "taskManager"]],
    ["execution.checkpointing.num-retained", ["jobManager"]],
    ["jobmanager.scheduler", ["jobManager"]],
    ["taskmanager.memory.managed.fraction", ["taskManager"]],
    ["heartbeat.timeout", ["jobManager", "taskManager"]],
    ["yarn.application.name", []],
  ] as const) {
    it(`of ${key}: ${moments.join(", ") || "never here"}`, () => {
      assert.deepEqual(takenAt(key, loadCatalogue("2.2")), moments);
    });
  }

  it("is not known of an option that Flink does not have", () => {
    assert.equal(takenAt("my.own.option", loadCatalogue("2.2")), undefined);
  });
});
