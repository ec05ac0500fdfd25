/** What single options must be beyond their type: what Flink would refuse when it starts, or when a job is submitted. */
import { parseBytes } from "./memory-size";

interface Verdict {
  severity: "error" | "warning";
  reason: string;
  fix: string;
}

const RESTART_STRATEGIES = [
  ...["none", "off", "disable", "fixed-delay", "fixeddelay", "exponential-delay", "exponentialdelay"],
  ...["failure-rate", "failurerate"],
];

const RULES: Record<string, (value: string) => Omit<Verdict, "severity"> | undefined> = {
  "scheduler-mode": (value) =>
    value.toLowerCase() === "reactive"
      ? {
          reason: "Flink refuses reactive mode in a session cluster",
          fix: "leave it out: with jobmanager.scheduler: adaptive a job already uses the TaskManagers that are there, up to its parallelism",
        }
      : undefined,
  "restart-strategy.type": (value) =>
    RESTART_STRATEGIES.includes(value.toLowerCase())
      ? undefined
      : {
          reason: "Flink knows no such restart strategy",
          fix: "write exponential-delay, fixed-delay, failure-rate or none",
        },
  "taskmanager.memory.segment-size": (value) => {
    const bytes = parseBytes(value);
    return bytes === undefined || (bytes >= 4096n && (bytes & (bytes - 1n)) === 0n)
      ? undefined
      : {
          reason: "a memory segment must have at least 4096 bytes, and a power of two of them",
          fix: "write 32kb, which is the default",
        };
  },
  "taskmanager.numberOfTaskSlots": (value) =>
    /^[+-]?\d+$/.test(value) && Number(value) < 1
      ? { reason: "a TaskManager without slots runs nothing", fix: "write 1 or more" }
      : undefined,
};

export function checkRule(key: string, value: string): Verdict | undefined {
  const found = /^env\.java\.(default-)?opts\./.test(key) ? checkJavaOptions(value) : RULES[key]?.(value);
  return found && { severity: "error", ...found };
}

/** JVM options pass through a shell, in Flink's scripts as in the launcher, so that they may name variables. */
function checkJavaOptions(value: string): Omit<Verdict, "severity"> | undefined {
  let quote = "";
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (char === "\\" && quote !== "'") {
      i++;
    } else if (quote) {
      quote = char === quote ? "" : quote;
    } else if (char === "'" || char === '"') {
      quote = char;
    } else if (/[;&|<>()`\n]/.test(char)) {
      return {
        reason: `the shell that starts Java gives '${char}' a meaning of its own`,
        fix: "put the option in single quotes",
      };
    }
  }
  if (quote) {
    return { reason: `a quote (${quote}) is opened and not closed`, fix: "close it" };
  }
  return undefined;
}
