import * as pulumi from "@pulumi/pulumi";

/** Replaces a value that may be secret. withoutSecrets in args/secrecy.ts decides which values. */
export const notShown = Symbol("not shown");

/** One problem of an argument: where it is, the value, the reason, and the fix. */
export interface Problem {
  /** Path of the argument, in the notation of code: `taskManager.memory`, `config["rest.port"]`. */
  path: string;
  /** The value at the path; {@link notShown} if nobody may see it. Absent if there is no value. */
  value?: unknown;
  /** Why Flink or Kubernetes would refuse it. */
  reason: string;
  /** What to write instead. */
  fix: string;
  /** The right path of the value, if its key is misspelt or in the wrong place. */
  meant?: string;
}

interface Report {
  resource?: pulumi.Resource;
  kind: string;
  name: string;
  problems: Problem[];
}

/** Reports that are not thrown yet. */
let reports: Report[] = [];

/** Rejects with the error that lists the reports. */
let failed = failure();

/**
 * Records the problems of one component. All problems that are recorded while the module runs are thrown
 * afterwards as one error, so that users see all mistakes at once. If the first constructor threw, the others
 * would stay hidden; logging alone would leave the exit code at 0.
 *
 * `setImmediate` runs after the module, even one that imports this package. In a plugin it runs within the
 * `Construct` call before its first answer; the SDK then passes an uncaught error to the pending calls.
 */
export function reportProblems(
  resource: pulumi.Resource | undefined,
  kind: string,
  name: string,
  problems: Problem[],
): void {
  if (problems.length === 0) return;
  if (reports.length === 0) setImmediate(throwReports);
  reports.push({ resource, kind, name, problems });
}

function throwReports(): void {
  const text = describeReports(reports);
  const [only, ...others] = reports;
  reports = [];
  const error =
    others.length === 0 ? new pulumi.ResourceError(text, only.resource, true) : new pulumi.RunError(text);
  // The SDK logs the stack of an error after the program has run. A stack is no help to readers of the list.
  error.stack = text;
  // The SDK prefixes the message of an error that it meets while it registers a resource.
  Object.defineProperty(error, "message", { get: () => text, set: () => undefined });
  failed.reject(error);
  failed = failure();
  throw error;
}

function failure() {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, no) => (reject = no));
  // Often nothing waits for it.
  promise.catch(() => undefined);
  return { promise, reject };
}

/**
 * An output of a component that has problems, so that nothing that depends on the component is registered. It
 * rejects with the error that lists the problems: the SDK recognises that error and logs it once. With an output
 * that never settles, an inline program of the Automation API would run forever.
 */
export function failedOutput<T>(): pulumi.Output<T> {
  return pulumi.output(failing()) as pulumi.Output<T>;
}

/** The same as a promise. */
export function failing(): Promise<never> {
  return failed.promise;
}

/** Text of the single error: every component with every problem. */
export function describeReports(list: Report[]): string {
  const count = list.reduce((sum, report) => sum + report.problems.length, 0);
  const head =
    count === 1
      ? "1 problem in the arguments of the program:"
      : `${count} problems in the arguments of the program:`;
  const parts = list.map((report) =>
    [`  ${report.kind} "${report.name}":`, ...report.problems.map(describeProblem)].join("\n"),
  );
  return [head, ...parts].join("\n");
}

/** One problem as an indented paragraph of three lines. */
export function describeProblem(problem: Problem): string {
  const value = problem.value === undefined ? "" : ` = ${showValue(problem.value)}`;
  return `    - ${problem.path}${value}\n      ${problem.reason}\n      Fix: ${problem.fix}`;
}

/** A problem that blocks nothing, on one line. */
export function describeWarning({ path, value, reason, fix }: Problem): string {
  return `${path}${value === undefined ? "" : ` = ${showValue(value)}`}: ${reason}; ${fix}`;
}

/** A value on one line. Outputs and other values without a plain form are named, not printed. */
function showValue(value: unknown): string {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return "(an Output)";
  if (typeof value === "function") return "(a function)";
  if (value === notShown) return "(not shown: it may be secret)";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
