import defaultJvmOptions from "./catalogue/jvm-options.json";

/** Differences between Flink versions that matter for running a cluster. */
export interface FlinkRelease {
  /** Full version, such as "2.2.1". */
  version: string;
  /** Minor version, such as "2.2": the unit in which Flink changes option names and state formats. */
  minor: string;
  /** Official image of this version, with the Java version that Flink recommends for it. */
  defaultImage: string;
  /** Java version of the default image. */
  java: number;
  /** Java versions of this version's official images. */
  javaVersions: number[];
  /**
   * The `--add-exports` and `--add-opens` flags in the distribution's config.yaml (`env.java.opts.all`).
   * Without them Flink starts no job on Java 17, and a mounted config.yaml hides the distribution's.
   */
  jvmOptions: string[];
  /**
   * Whether this exact version was compared with the real Flink, or is only assumed to behave like other
   * patch releases.
   */
  verified: boolean;
  /** This version's option names for the timings of the adaptive scheduler. */
  adaptiveScheduler: AdaptiveSchedulerKeys;
  /** Flink 1.x uses `--executionMode cluster` and `--host`; Flink 2 has neither. */
  legacyEntrypointArguments: boolean;
  /** Flink 1.x still reads `jobmanager.heap.size`, `taskmanager.heap.size` and similar options. */
  legacyMemoryOptions: boolean;
  /** Durations may be written as ISO 8601, such as PT5M. */
  isoDurations: boolean;
  /** Whether the image can write its log as JSON without another jar. */
  jsonLogs: boolean;
  /** Whether the image has the OpenTelemetry reporters for metrics and traces. */
  openTelemetry: boolean;
  /** Whether it also has the one for events. */
  openTelemetryEvents: boolean;
  /** Whether they also support OTLP over HTTP. */
  openTelemetryHttp: boolean;
}

export interface AdaptiveSchedulerKeys {
  /** How long a job waits for all its slots before it gives up. */
  resourceWaitTimeout: string;
  /** How long a job that could start with fewer slots waits for more. */
  submissionStabilizationTimeout: string;
  /** Minimum time between two rescalings. */
  cooldown: string;
  /** How long a running job waits for more slots before it rescales. Flink 2 only. */
  executingStabilizationTimeout?: string;
}

type MinorFacts = Omit<FlinkRelease, "version" | "verified" | "defaultImage"> & { patches: string[] };

const PREFIX = "jobmanager.adaptive-scheduler.";

const FLINK_1_KEYS: AdaptiveSchedulerKeys = {
  resourceWaitTimeout: `${PREFIX}resource-wait-timeout`,
  submissionStabilizationTimeout: `${PREFIX}resource-stabilization-timeout`,
  cooldown: `${PREFIX}scaling-interval.min`,
};

const FLINK_2_KEYS: AdaptiveSchedulerKeys = {
  resourceWaitTimeout: `${PREFIX}submission.resource-wait-timeout`,
  submissionStabilizationTimeout: `${PREFIX}submission.resource-stabilization-timeout`,
  cooldown: `${PREFIX}executing.cooldown-after-rescaling`,
  executingStabilizationTimeout: `${PREFIX}executing.resource-stabilization-timeout`,
};

function flink2(minor: string, patches: string[], jvmOptions: string[]): MinorFacts {
  const since = (second: number) => Number(minor.split(".")[1]) >= second;
  return {
    minor,
    patches,
    java: 17,
    javaVersions: [11, 17, 21],
    jvmOptions,
    adaptiveScheduler: FLINK_2_KEYS,
    legacyEntrypointArguments: false,
    legacyMemoryOptions: false,
    isoDurations: true,
    jsonLogs: since(1),
    openTelemetry: true,
    openTelemetryEvents: since(1),
    openTelemetryHttp: since(2),
  };
}

const MINORS: MinorFacts[] = [
  {
    minor: "1.20",
    patches: ["1.20.4", "1.20.5"],
    java: 11,
    javaVersions: [8, 11, 17],
    jvmOptions: defaultJvmOptions["1.20"],
    adaptiveScheduler: FLINK_1_KEYS,
    legacyEntrypointArguments: true,
    legacyMemoryOptions: true,
    isoDurations: false,
    jsonLogs: false,
    openTelemetry: false,
    openTelemetryEvents: false,
    openTelemetryHttp: false,
  },
  flink2("2.0", ["2.0.2"], defaultJvmOptions["2.0"]),
  flink2("2.1", ["2.1.2"], defaultJvmOptions["2.1"]),
  flink2("2.2", ["2.2.1"], defaultJvmOptions["2.2"]),
  flink2("2.3", ["2.3.0"], defaultJvmOptions["2.3"]),
];

/** The supported minor versions, oldest first. */
export const supportedMinors: string[] = MINORS.map((facts) => facts.minor);

/** The exact versions that were compared with the real Flink, oldest first. */
export const supportedVersions: string[] = MINORS.flatMap((facts) => facts.patches);

/**
 * The facts of a version. Every patch release of a supported minor version is accepted, since these facts do
 * not change in patch releases. Undefined for all other versions; `explainUnsupported` then gives the fix.
 */
export function findRelease(version: string): FlinkRelease | undefined {
  const match = /^(\d+\.\d+)\.(0|[1-9]\d*)$/.exec(version);
  const found = MINORS.find((facts) => facts.minor === match?.[1]);
  if (!found) {
    return undefined;
  }
  const { patches, ...facts } = found;
  return {
    ...facts,
    version,
    defaultImage: `flink:${version}-java${facts.java}`,
    verified: patches.includes(version),
  };
}

/**
 * The newest known patch release of a version's minor, if it is older than the version. Then nobody knows
 * whether the version exists.
 */
export function newestBefore(version: string): string | undefined {
  const patchOf = (of: string) => Number(of.split(".")[2]);
  const newest = MINORS.find(({ minor }) => version.startsWith(`${minor}.`))?.patches.at(-1);
  return newest !== undefined && patchOf(version) > patchOf(newest) ? newest : undefined;
}

/** Reason why a version is refused, and the version to use instead. */
export function explainUnsupported(version: string): { reason: string; fix: string } {
  const nearest = nearestVersion(version);
  const reason = /^\d+\.\d+\.\d+$/.test(version)
    ? `Flink ${version} is not supported: its option names, JVM flags and memory rules are not known here`
    : `'${version}' is not a Flink version (three numbers, such as ${nearest})`;
  return { reason, fix: `write ${nearest}, or another of ${supportedVersions.join(", ")}` };
}

/**
 * The nearest supported version, compared number by number. Ties, and newer majors, resolve to the newest.
 */
export function nearestVersion(version: string): string {
  const wanted = (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  if (wanted.length === 0 || wanted[0] > Number(supportedVersions.at(-1)!.split(".")[0])) {
    return supportedVersions.at(-1)!;
  }
  const distance = (candidate: string) =>
    candidate
      .split(".")
      .map(Number)
      .map((part, i) => (wanted[i] === undefined ? 0 : Math.abs(part - wanted[i])));
  return supportedVersions.reduce((best, candidate) => {
    const a = distance(best);
    const b = distance(candidate);
    const first = a.findIndex((part, i) => part !== b[i]);
    return first === -1 || b[first] < a[first] ? candidate : best;
  });
}
