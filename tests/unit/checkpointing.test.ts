import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";
import { loadCatalogue } from "../../components/flink/catalogue";
import { milliseconds } from "../../components/flink/durations";
import { isDuration } from "../../components/flink/values";
import { supportedMinors } from "../../components/flink/versions";
import { modelOf } from "./kubernetes/arguments";

const storage = { directory: "s3://bucket" };
const all = {
  interval: "1 min",
  timeout: "5 min",
  minPause: "10 s",
  mode: "EXACTLY_ONCE",
  unaligned: true,
  incremental: true,
  stateBackend: "rocksdb",
  retained: 5,
  retention: "DELETE_ON_CANCELLATION",
  tolerableFailures: 2,
} as const;

describe("checkpointing", () => {
  for (const minor of supportedMinors) {
    it(`sets options that Flink ${minor} knows by these names`, () => {
      const { jobManager, taskManager } = modelOf({
        flinkVersion: `${minor}.0`,
        storage,
        checkpointing: all,
      });
      const plain = modelOf({ flinkVersion: `${minor}.0`, storage }).jobManager.options;
      // But for the JobManager's name, which changes with them (args/meeting.ts).
      const own = Object.keys(jobManager.options).filter(
        (option) => jobManager.options[option] !== plain[option] && option !== "jobmanager.rpc.address",
      );
      assert.equal(own.length, Object.keys(all).length, own.join());
      const { types } = loadCatalogue(minor);
      for (const option of own) {
        assert.ok(types.has(option), option);
        assert.equal(taskManager.options[option], jobManager.options[option]);
      }
    });
  }

  it("keeps the last checkpoint of a cancelled job when there is storage, unless told otherwise", () => {
    const option = "execution.checkpointing.externalized-checkpoint-retention";
    assert.equal(modelOf({ storage }).jobManager.options[option], "RETAIN_ON_CANCELLATION");
    assert.equal(modelOf().jobManager.options[option], undefined);
    assert.equal(
      modelOf({ storage, checkpointing: all }).jobManager.options[option],
      "DELETE_ON_CANCELLATION",
    );
    const config = { [option]: "DELETE_ON_CANCELLATION" };
    assert.equal(modelOf({ storage, config }).jobManager.options[option], "DELETE_ON_CANCELLATION");
  });

  it("makes checkpoints of RocksDB incremental, unless told otherwise", () => {
    const incremental = (checkpointing: FlinkClusterArgs["checkpointing"]) =>
      modelOf({ storage, checkpointing }).jobManager.options["execution.checkpointing.incremental"];
    assert.equal(incremental({ stateBackend: "rocksdb" }), "true");
    assert.equal(incremental({ stateBackend: "rocksdb", incremental: false }), "false");
    assert.equal(incremental({ stateBackend: "hashmap" }), undefined);
  });

  const mistakes: [what: string, args: object, path: string, fix: RegExp][] = [
    ["an interval without sense", { interval: "often" }, "interval", /1 h|5 min/],
    ["an interval without a unit", { interval: "60" }, "interval", /'60 s', or '60 ms'/],
    ["an interval that YAML made a number", { interval: 60 }, "interval", /'60 s', or '60 ms'/],
    ["a pause without a unit", { minPause: "5000" }, "minPause", /'5000 ms'/],
    ["a timeout with a decimal", { timeout: "1.5 min" }, "timeout", /unit/],
    ["a mode that is none", { mode: "exactly-once" }, "mode", /EXACTLY_ONCE/],
    ["a backend in other letters", { stateBackend: "RocksDB" }, "stateBackend", /rocksdb/],
    [
      "overtaking barriers at least once",
      { unaligned: true, mode: "AT_LEAST_ONCE" },
      "unaligned",
      /EXACTLY_ONCE/,
    ],
    ["no checkpoint kept", { retained: 0 }, "retained", /at least 1/],
    ["a mistyped field", { minpause: "1 s" }, "minpause", /minPause/],
  ];
  for (const [what, checkpointing, field, fix] of mistakes) {
    it(`${what}: reported at checkpointing.${field}`, () => {
      const { problems } = normaliseCluster("orders", {
        flinkVersion: "2.2.1",
        storage,
        checkpointing,
      } as never);
      assert.deepEqual(
        problems.map(({ path }) => path),
        [`checkpointing.${field}`],
      );
      assert.match(problems[0]!.fix, fix);
    });
  }

  it("refuses ForSt before Flink 2", () => {
    const given = { storage, checkpointing: { stateBackend: "forst" } } as const;
    const problems = (flinkVersion: string) =>
      normaliseCluster("orders", { flinkVersion, ...given }).problems;
    assert.equal(problems("1.20.5")[0]?.path, "checkpointing.stateBackend");
    assert.deepEqual(problems("2.0.2"), []);
  });

  it("refuses an option that it sets, by any name of it", () => {
    const config = { "state.backend.incremental": "true" };
    const { problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      storage,
      checkpointing: all,
      config,
    });
    assert.equal(problems[0]?.path, 'config["state.backend.incremental"]');
    assert.match(problems[0].fix, /checkpointing/);
  });

  describe("warns", () => {
    const warned = (args: object) =>
      normaliseCluster("orders", { flinkVersion: "2.2.1", ...args } as never).warnings.map(
        ({ path }) => path,
      );
    const autoscaling = { maxReplicas: 3 };

    it("of checkpoints that nothing keeps", () => {
      assert.deepEqual(warned({ checkpointing: { interval: "1 min" } }), ["checkpointing.interval"]);
      assert.deepEqual(warned({ storage, checkpointing: { interval: "1 min" } }), []);
    });

    it("of autoscaling and of high availability without checkpoints, unless jobs make their own", () => {
      assert.deepEqual(warned({ autoscaling }), ["autoscaling"]);
      assert.deepEqual(warned({ storage, highAvailability: {} }), ["highAvailability"]);
      assert.deepEqual(warned({ autoscaling, checkpointing: {} }), []);
      assert.deepEqual(warned({ autoscaling, config: { "execution.checkpointing.interval": "1 min" } }), []);
    });
  });
});

describe("milliseconds of a duration", () => {
  it("counts every unit of Flink, and nothing else", () => {
    const units: [string, number][] = [
      ["", 1],
      ["ms", 1],
      ["milliseconds", 1],
      ["s", 1000],
      ["sec", 1000],
      ["m", 60_000],
      ["min", 60_000],
      ["h", 3_600_000],
      ["d", 86_400_000],
    ];
    for (const [unit, factor] of units) assert.equal(milliseconds(`3 ${unit}`), 3 * factor, unit);
    assert.equal(milliseconds("1.5 s"), undefined);
    assert.equal(milliseconds("PT5M"), undefined);
  });

  it("knows every duration that Flink 1 reads", () => {
    const units = ["", "ns", "µs", "ms", "s", "second", "min", "minutes", "hour", "d", "days", "MS", "Min"];
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...units), fc.constantFrom("", " "), (number, unit, space) => {
        const text = `${number}${space}${unit}`;
        return isDuration(text, false) && milliseconds(text) !== undefined;
      }),
    );
  });
});
