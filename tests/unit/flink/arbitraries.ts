import fc from "fast-check";

/** A size in one of the spellings that Flink reads, around what people write. */
const size = (minMib: number, maxMib: number) =>
  fc
    .record({
      mib: fc.integer({ min: minMib, max: maxMib }),
      extra: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 1 << 20 })),
      spelling: fc.constantFrom("m", "mb", " mebibytes", "M", " MB", "k", "kb", "b", "bytes", ""),
    })
    .map(({ mib, extra, spelling }) => {
      const unit = spelling.trim().toLowerCase();
      if (unit.startsWith("m")) return `${mib}${spelling}`;
      if (unit.startsWith("k")) return `${mib * 1024 + (extra >> 10)}${spelling}`;
      return `${mib * 1048576 + extra}${spelling}`;
    });

const fraction = fc.oneof(
  fc.constantFrom("0", "0.0", "0.1", "0.2", "0.25", "0.4", "0.5", "0.7", "0.99", ".5", "1e-1", "0.1f"),
  fc.double({ min: 0, max: 0.9999, noNaN: true }).map((x) => x.toFixed(6)),
);

/** Values that Flink refuses. */
const badSize = fc.constantFrom("1Gi", "512Mi", "1.5g", "-1m", "g", "", "one", "9999999999t", "1 2m", "4G B");
const badFraction = fc.constantFrom("1", "1.0", "-0.1", "abc", "", "50%", "NaN");

type Field = [key: string, valid: fc.Arbitrary<string>, chance: number];

/** Each option is there now and then; now and then one value is one that Flink refuses. */
function configuration(fields: Field[], bad: (key: string) => fc.Arbitrary<string>) {
  const entries = fields.map(([key, valid, chance]) =>
    fc
      .record({
        there: fc.integer({ min: 1, max: 100 }),
        value: valid,
        spoil: fc.integer({ min: 1, max: 60 }),
        bad: bad(key),
      })
      .map(({ there, value, spoil, bad }): [string, string][] =>
        there > chance ? [] : [[key, spoil === 1 ? bad : value]],
      ),
  );
  return fc.tuple(...entries).map((all): Record<string, string> => Object.fromEntries(all.flat()));
}

const badMemory = (key: string) => (key.endsWith("fraction") ? badFraction : badSize);

const jvm = (prefix: string): Field[] => [
  [`${prefix}jvm-metaspace.size`, size(16, 512), 25],
  [`${prefix}jvm-overhead.min`, size(0, 400), 20],
  [`${prefix}jvm-overhead.max`, size(200, 4000), 20],
  [`${prefix}jvm-overhead.fraction`, fraction, 25],
];

const J = "jobmanager.memory.";
const T = "taskmanager.memory.";

/** Memory options of a JobManager, in every way of saying it; about half of them are ones with which Flink starts. */
export const jobManagerConfig = configuration(
  [
    [`${J}process.size`, size(300, 20000), 75],
    [`${J}flink.size`, size(100, 20000), 20],
    [`${J}heap.size`, size(1, 8000), 20],
    [`${J}off-heap.size`, size(0, 400), 25],
    ...jvm(J),
  ],
  badMemory,
);

/** Memory options of a TaskManager likewise. */
export const taskManagerConfig = configuration(
  [
    [`${T}process.size`, size(500, 40000), 75],
    [`${T}flink.size`, size(300, 30000), 20],
    [`${T}framework.heap.size`, size(0, 400), 15],
    [`${T}framework.off-heap.size`, size(0, 400), 15],
    [`${T}task.heap.size`, size(1, 4000), 20],
    [`${T}task.off-heap.size`, size(0, 500), 20],
    [`${T}managed.size`, size(0, 4000), 25],
    [`${T}managed.fraction`, fraction, 25],
    [`${T}network.min`, size(0, 300), 15],
    [`${T}network.max`, size(100, 8000), 15],
    [`${T}network.fraction`, fraction, 20],
    ...jvm(T),
  ],
  badMemory,
);

/** What the start scripts hand back beside the memory. */
export const taskManagerResources = configuration(
  [
    ["taskmanager.numberOfTaskSlots", fc.integer({ min: 1, max: 64 }).map(String), 50],
    ["taskmanager.cpu.cores", fc.constantFrom("1", "2.0", "0.5", "1.25", "16", "0.333333333333"), 30],
    ["external-resources", fc.constantFrom("gpu", "fpga;gpu", "gpu;fpga;tpu", "none", "x1;x2;x3;x4"), 30],
    ["external-resource.gpu.amount", fc.constantFrom("1", "2", "0", "-1"), 60],
    ["external-resource.fpga.amount", fc.constantFrom("1", "4"), 60],
    ["external-resource.tpu.amount", fc.constantFrom("1", "8"), 60],
    ["external-resource.x1.amount", fc.constant("1"), 60],
    ["external-resource.x2.amount", fc.constant("2"), 60],
  ],
  () => fc.constant("7"),
);

/** Names that earlier versions used for the same, still read. */
export const taskManagerAliases = configuration(
  [
    [`${T}process.size`, size(1000, 20000), 100],
    ["taskmanager.memory.size", size(0, 1000), 50],
    ["taskmanager.network.memory.min", size(0, 100), 50],
    ["taskmanager.network.memory.max", size(100, 1000), 50],
    ["taskmanager.network.memory.fraction", fraction, 50],
  ],
  badMemory,
);
