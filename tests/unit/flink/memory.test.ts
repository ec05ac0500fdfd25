import assert from "node:assert/strict";
import fc from "fast-check";
import {
  jobManagerMemory,
  type MemoryResult,
  parseMemorySize,
  type ProcessMemory,
  taskManagerMemory,
} from "../../../components/flink/memory";
import { humanReadable, parseBytes } from "../../../components/flink/memory-size";
import { findRelease } from "../../../components/flink/versions";
import { jobManagerConfig, taskManagerConfig } from "./arbitraries";
import { derive as derivedByReference } from "./memory-reference.mjs";

const release = findRelease("2.2.1")!;
const J = "jobmanager.memory.";
const T = "taskmanager.memory.";
const ROLES = {
  jm: { prefix: J, derive: jobManagerMemory, configs: jobManagerConfig },
  tm: { prefix: T, derive: taskManagerMemory, configs: taskManagerConfig },
} as const;

function memory<M>(result: MemoryResult<M>): M {
  assert.ok("memory" in result, JSON.stringify(result));
  return result.memory;
}

function refused(result: MemoryResult<ProcessMemory>): { error: string; fix: string } {
  assert.ok("error" in result, "was accepted");
  return result;
}

describe("memory model", function () {
  this.timeout(120_000);

  for (const [role, { prefix, derive, configs }] of Object.entries(ROLES)) {
    it(`agrees with the reference model (${role})`, () => {
      fc.assert(
        fc.property(configs, (config) => {
          const ours: MemoryResult<ProcessMemory> = derive(config, release);
          // The reference is laxer about numbers: it reads them as JavaScript does.
          fc.pre(!("error" in ours && ours.error.startsWith("Could not parse")));
          let theirs: ReturnType<typeof derivedByReference> | undefined;
          try {
            theirs = derivedByReference(role as "jm" | "tm", withJavaNumbers(config));
          } catch {
            assert.ok("error" in ours, `accepted here only: ${JSON.stringify(config)}`);
            return;
          }
          const m = memory(ours);
          assert.equal(BigInt(m.processSize), theirs.process);
          assert.equal(m.jvmArguments.join(" "), theirs.jvm);
        }),
        { numRuns: 1000 },
      );
    });

    it(`adds up (${role})`, () => {
      fc.assert(
        fc.property(configs, (config) => {
          const result = derive(config, release);
          if ("error" in result) return;
          const m = result.memory;
          const parts =
            "offHeap" in m
              ? [m.jvmHeap, m.offHeap]
              : [m.frameworkHeap, m.taskHeap, m.frameworkOffHeap, m.taskOffHeap, m.network, m.managed];
          assert.equal(
            parts.reduce((a, b) => a + b),
            m.flinkSize,
          );
          assert.equal(m.flinkSize + m.jvmMetaspace + m.jvmOverhead, m.processSize);
        }),
      );
    });

    it(`takes back what it derived (${role}): Flink computes again from the properties`, () => {
      fc.assert(
        fc.property(configs, (config) => {
          const result = derive(config, release);
          if ("error" in result) return;
          const again = { ...config, ...Object.fromEntries(result.memory.dynamicProperties) };
          assert.deepEqual(memory<ProcessMemory>(derive(again, release)), result.memory);
        }),
      );
    });

    it(`names the smallest total that works (${role})`, () => {
      let named = 0;
      fc.assert(
        fc.property(configs, (config) => {
          const result = derive(config, release);
          const advice = "error" in result && /^set (\S+) to (\d+)m or more$/.exec(result.fix);
          if (!advice) return;
          named++;
          const [, key, size] = advice;
          assert.ok("memory" in derive({ ...config, [key]: `${size}m` }, release), `${size}m does not work`);
          const smaller = derive({ ...config, [key]: `${Number(size) - 1}m` }, release);
          assert.ok("error" in smaller, `${Number(size) - 1}m works too`);
        }),
        { numRuns: 200 },
      );
      assert.ok(named > 20, `only ${named} configurations had such an advice`);
    });

    it(`gives advice that works for whatever is refused (${role})`, () => {
      fc.assert(
        fc.property(configs, (config) => {
          const result = derive(config, release);
          const leaveOut = "error" in result && /^leave out (\S+):/.exec(result.fix);
          if (!leaveOut) return;
          const rest = Object.fromEntries(Object.entries(config).filter(([key]) => key !== leaveOut[1]));
          assert.ok("memory" in derive(rest, release));
        }),
        { numRuns: 200 },
      );
    });

    it(`needs a total or the full set of parts (${role})`, () => {
      const { error, fix } = refused(derive({}, release));
      assert.match(error, /^Either required fine-grained memory .* need to be configured explicitly\.$/);
      assert.match(fix, new RegExp(`^set ${prefix.replaceAll(".", "\\.")}process\\.size to \\d+m or more$`));
    });
  }

  // Examples that were seen with the real Flink.
  for (const [config, jvmArguments] of [
    [
      { [`${T}process.size`]: "1728m" },
      "-Xmx536870902 -Xms536870902 -XX:MaxDirectMemorySize=268435458 -XX:MaxMetaspaceSize=268435456",
    ],
    [
      { [`${T}process.size`]: "4g" },
      "-Xmx1664299798 -Xms1664299798 -XX:MaxDirectMemorySize=493921243 -XX:MaxMetaspaceSize=268435456",
    ],
    [
      { [`${T}process.size`]: "16g" },
      "-Xmx7784628106 -Xms7784628106 -XX:MaxDirectMemorySize=1717986942 -XX:MaxMetaspaceSize=268435456",
    ],
    [
      { [`${T}task.heap.size`]: "512m", [`${T}managed.size`]: "512m" },
      "-Xmx671088640 -Xms671088640 -XX:MaxDirectMemorySize=283348539 -XX:MaxMetaspaceSize=268435456",
    ],
    [
      { [`${T}flink.size`]: "1280m" },
      "-Xmx536870902 -Xms536870902 -XX:MaxDirectMemorySize=268435458 -XX:MaxMetaspaceSize=268435456",
    ],
  ] as [Record<string, string>, string][]) {
    it(`TaskManager with ${JSON.stringify(config)}`, () => {
      assert.equal(memory(taskManagerMemory(config, release)).jvmArguments.join(" "), jvmArguments);
    });
  }

  it("TaskManager with the distribution's 1728m: every part", () => {
    const m = memory(taskManagerMemory(new Map([[`${T}process.size`, "1728m"]]), release));
    assert.deepEqual(
      [m.processSize, m.flinkSize, m.taskHeap, m.network, m.managed, m.jvmOverhead, m.slots],
      [1811939328, 1342177280, 402653174, 134217730, 536870920, 201326592, 1],
    );
  });

  it("JobManager with 1600m, and with a limit for direct memory", () => {
    const config = { [`${J}process.size`]: "1600m" };
    const plain = memory(jobManagerMemory(config, release));
    assert.deepEqual(plain.jvmArguments, [
      "-Xmx1073741824",
      "-Xms1073741824",
      "-XX:MaxMetaspaceSize=268435456",
    ]);
    const limited = memory(
      jobManagerMemory({ ...config, [`${J}enable-jvm-direct-memory-limit`]: "true" }, release),
    );
    assert.equal(limited.jvmArguments[2], "-XX:MaxDirectMemorySize=134217728");
  });

  for (const [derive, key, smallest] of [
    [taskManagerMemory, `${T}process.size`, 982],
    [taskManagerMemory, `${T}flink.size`, 534],
    [jobManagerMemory, `${J}process.size`, 577],
  ] as const) {
    it(`the smallest ${key} with defaults is ${smallest}m`, () => {
      memory<ProcessMemory>(derive({ [key]: `${smallest}m` }, release));
      assert.equal(
        refused(derive({ [key]: `${smallest - 1}m` }, release)).fix,
        `set ${key} to ${smallest}m or more`,
      );
    });
  }

  it("says which total is one too many", () => {
    const config = { [`${J}heap.size`]: "1g", [`${J}flink.size`]: "2g", [`${J}off-heap.size`]: "128m" };
    const { error, fix } = refused(jobManagerMemory(config, release));
    assert.match(error, /does not match the configured Total Flink Memory \(2\.000gb/);
    assert.equal(fix, `leave out ${J}flink.size: it follows from the others`);
  });

  it("reads a Kubernetes quantity as a mistake, and says what to write", () => {
    for (const [text, meant] of [
      ["1Gi", "1g"],
      ["512Mi", "512m"],
      ["1.5g", "1536m"],
      ["2GiB", "2g"],
    ]) {
      const { error, fix } = refused(taskManagerMemory({ [`${T}process.size`]: text }, release));
      assert.equal(error, `Could not parse value '${text}' for key '${T}process.size'.`);
      assert.equal(fix, `write ${meant}`);
    }
  });

  it("reads the heap options of Flink 1 with Flink 1 only", () => {
    const old = findRelease("1.20.5")!;
    assert.equal(memory(jobManagerMemory({ "jobmanager.heap.size": "1g" }, old)).jvmHeap, 2 ** 30);
    assert.equal(memory(jobManagerMemory({ "jobmanager.heap.mb": "512" }, old)).jvmHeap, 2 ** 29);
    assert.equal(memory(taskManagerMemory({ "taskmanager.heap.size": "2g" }, old)).flinkSize, 2 ** 31);
    refused(jobManagerMemory({ "jobmanager.heap.size": "1g" }, release));
  });
});

describe("memory sizes", () => {
  it("reads what Flink reads", () => {
    for (const [text, bytes] of [
      ["1", 1],
      ["12 b", 12],
      ["3bytes", 3],
      ["1k", 1024],
      [" 2 KB ", 2048],
      ["1mebibytes", 1048576],
      ["1G", 2 ** 30],
      ["8t", 8 * 2 ** 40],
    ] as const) {
      assert.equal(parseMemorySize(text), bytes, text);
    }
  });

  it("refuses what Flink refuses", () => {
    for (const text of [
      "",
      " ",
      "m",
      "-1m",
      "+1m",
      "1.5g",
      "1Gi",
      "1 g b",
      "1e3",
      "9223372036854775808",
      "8388608t",
    ]) {
      assert.equal(parseMemorySize(text), undefined, text);
    }
    assert.equal(parseBytes("9223372036854775807"), (1n << 63n) - 1n);
  });

  it("shows sizes as Flink does", () => {
    assert.equal(humanReadable(1073741824n), "1024.000mb (1073741824 bytes)");
    assert.equal(humanReadable(1677721600n), "1.563gb (1677721600 bytes)");
    assert.equal(humanReadable(0n), "0 bytes");
    assert.equal(humanReadable((1n << 63n) - 1n), "8388608.000tb (9223372036854775807 bytes)");
  });
});

/** JavaScript does not know Java's `0.1f`. */
function withJavaNumbers(config: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      key.endsWith("fraction") ? value.replace(/f$/, "") : value,
    ]),
  );
}
