/**
 * Constraints on single options beyond their type, which Flink would check at its start or at a job's
 * submission.
 */
import { parseJavaNumber } from "./java";
import { parseBytes } from "./memory-size";
import type { FlinkRelease } from "./versions";

interface Verdict {
  severity: "error" | "warning";
  reason: string;
  fix: string;
}

const RESTART_STRATEGIES = [
  ...["none", "off", "disable", "fixed-delay", "fixeddelay", "exponential-delay", "exponentialdelay"],
  ...["failure-rate", "failurerate"],
];

type Rule = (value: string, release: FlinkRelease) => Omit<Verdict, "severity"> | undefined;

const RULES: Record<string, Rule> = {
  "scheduler-mode": (value) =>
    value.toLowerCase() === "reactive"
      ? {
          reason: "Flink refuses reactive mode in a session cluster",
          fix: "leave it out: with jobmanager.scheduler: adaptive a job already uses the available TaskManagers, up to its parallelism",
        }
      : undefined,
  "restart-strategy.type": (value) =>
    RESTART_STRATEGIES.includes(value.toLowerCase())
      ? undefined
      : {
          reason: "Flink has no restart strategy of this name",
          fix: "write exponential-delay, fixed-delay, failure-rate or none",
        },
  "taskmanager.memory.segment-size": (value) => {
    const bytes = parseBytes(value);
    return bytes === undefined || (bytes >= 4096n && (bytes & (bytes - 1n)) === 0n)
      ? undefined
      : {
          reason: "the size of a memory segment must be a power of two, and at least 4096 bytes",
          fix: "write 32kb, which is the default",
        };
  },
  "pipeline.classpaths": (value) =>
    value.split(/[;,]/).every((one) => /^[\s["']*([a-z][a-z0-9+.-]*:|$|\])/i.test(one))
      ? undefined
      : {
          reason: "Flink reads these as URLs, and a path is none",
          fix: "write them like file:///opt/flink/usrlib/library.jar",
        },
  "classloader.resolve-order": (value) =>
    /^(child|parent)-first$/i.test(value)
      ? undefined
      : { reason: "Flink has no class loading order of this name", fix: "write child-first or parent-first" },
  "parallelism.default": (value) =>
    isWhole(value) && Number(value) < 1 && Number(value) !== -1
      ? { reason: "the parallelism must be at least 1", fix: "write 1 or more, or leave the option out" }
      : undefined,
  "pipeline.max-parallelism": (value) =>
    isWhole(value) && (Number(value) < 1 || Number(value) > 32768) && Number(value) !== -1
      ? {
          reason: "Flink divides the state of a job into 1 to 32768 groups",
          fix: "write a number from 1 to 32768 with many divisors, such as 720",
        }
      : undefined,
  "taskmanager.cpu.cores": (value) =>
    (parseJavaNumber(value) ?? 1) > 0
      ? undefined
      : {
          reason: "the number of CPU cores must be positive",
          fix: "leave it out: the default is the number of slots",
        },
  "taskmanager.numberOfTaskSlots": (value) =>
    isWhole(value) && Number(value) < 1
      ? { reason: "a TaskManager without slots cannot run tasks", fix: "write 1 or more" }
      : undefined,
};

for (const fraction of [
  ...["taskmanager.memory.managed.fraction", "taskmanager.memory.network.fraction"],
  ...["taskmanager.memory.jvm-overhead.fraction", "jobmanager.memory.jvm-overhead.fraction"],
]) {
  RULES[fraction] = (value) => {
    const number = parseJavaNumber(value);
    return number === undefined || (Math.fround(number) >= 0 && Math.fround(number) < 1)
      ? undefined
      : {
          reason: "a fraction of the memory must be at least 0 and less than 1",
          fix: "write for example 0.4",
        };
  };
}

function isWhole(value: string): boolean {
  return /^[+-]?\d+$/.test(value);
}

/** Words that the option types do not list, since a custom class name is allowed there too. */
const WORDS: Record<string, (release: FlinkRelease) => string[]> = {
  "state.backend.type": ({ minor }) =>
    minor.startsWith("1.")
      ? ["hashmap", "rocksdb", "filesystem", "jobmanager"]
      : ["hashmap", "rocksdb", "forst"],
  "execution.checkpointing.storage": () => ["filesystem", "jobmanager"],
};
for (const [option, wordsOf] of Object.entries(WORDS)) {
  RULES[option] = (value, release) => {
    const words = wordsOf(release);
    if (value.includes(".") || words.includes(value.toLowerCase())) return undefined;
    return {
      reason: `Flink ${release.minor} does not know this value, and would look for a class of this name`,
      fix: `write one of ${words.join(", ")}, or the full name of a factory class that the image has`,
    };
  };
}

export function checkRule(key: string, value: string, release: FlinkRelease): Verdict | undefined {
  const java = /^env\.java\.(?:default-)?opts\.(.+)$/.exec(key);
  const found = java
    ? (checkJavaOptions(value) ??
      checkLogging(value) ??
      (/^(all|jobmanager|taskmanager)$/.test(java[1]) ? checkJavaMemory(value) : undefined))
    : Object.hasOwn(RULES, key)
      ? RULES[key](value, release)
      : undefined;
  return found && { severity: "error", ...found };
}

/** JVM flags that Flink derives from its own options, and the options to set instead. */
const DERIVED_FLAGS: [flag: RegExp, instead: string][] = [
  [
    /^-(Xm[xs]\d|XX:(Max|Initial)HeapSize=)/,
    "set the memory of the role; or jobmanager.memory.heap.size, taskmanager.memory.task.heap.size",
  ],
  [
    /^-XX:MaxMetaspaceSize=/,
    "set jobmanager.memory.jvm-metaspace.size, taskmanager.memory.jvm-metaspace.size",
  ],
  [
    /^-XX:MaxDirectMemorySize=/,
    "set jobmanager.memory.off-heap.size with jobmanager.memory.enable-jvm-direct-memory-limit, taskmanager.memory.task.off-heap.size",
  ],
];

/** The JVM uses the later of two conflicting flags, and these options come after Flink's derived ones. */
function checkJavaMemory(value: string): Omit<Verdict, "severity"> | undefined {
  for (const word of value.split(/[\s'"]+/)) {
    const derived = DERIVED_FLAGS.find(([flag]) => flag.test(word));
    if (!derived) continue;
    const reason = `${word} would override the value that Flink derives from its memory options, and the container's limit depends on them`;
    return { reason, fix: `leave it out, and ${derived[1]}` };
  }
  return undefined;
}

/**
 * Java uses the later of two equal system properties. Like Flink's scripts, the launcher passes the log
 * configuration after these options.
 */
function checkLogging(value: string): Omit<Verdict, "severity"> | undefined {
  const [, flag] =
    /(?:^|[\s'"])(-D(?:log4j\.configuration(?:File)?|logback\.configurationFile|log\.file)=)/.exec(value) ??
    [];
  if (flag === undefined) return undefined;
  return {
    reason: `${flag.slice(0, -1)} has no effect: the launcher sets the same property after it`,
    fix: "leave it out, and set monitoring.logLevels and monitoring.logs, or a whole configuration in monitoring.log4j or monitoring.logback",
  };
}

/** A shell parses JVM options, in Flink's scripts as in the launcher, so that they may contain variables. */
function checkJavaOptions(value: string): Omit<Verdict, "severity"> | undefined {
  let quote = "";
  let spaced = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    const escaped = char === "\\" && quote !== "'";
    if (escaped) i++;
    spaced ||= /\s/.test(value[i] ?? "") && (escaped || quote !== "");
    if (escaped) continue;
    if (quote) {
      quote = char === quote ? "" : quote;
    } else if (char === "'" || char === '"') {
      quote = char;
    } else if (/[;&|<>()`\n]/.test(char)) {
      return {
        reason: `the shell that starts Java treats '${char}' as a special character`,
        fix: "put the option in single quotes",
      };
    }
  }
  if (quote) {
    return { reason: `a quote (${quote}) is not closed`, fix: "close it" };
  }
  if (!spaced) return undefined;
  return {
    reason:
      "Flink's scripts and the launcher split the option even at white space in quotes: Java takes the rest as the class to run",
    fix: "leave the white space out; or put the option into the variable JDK_JAVA_OPTIONS (jobManager.env, taskManager.env), where Java 9 and later reads quotes",
  };
}
