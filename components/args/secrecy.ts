import { isMasked } from "../flink/sensitive";
import { notShown, type Problem } from "../problems";
import { type Field, isLater, type Shape } from "./shape";

/**
 * The only place that decides whether an argument's value may appear in an error, a warning or a report. Only
 * values known to be public are shown. A scalar where an object, list or map belongs is hidden: people put a
 * secret there instead of a reference.
 *
 * @param given the arguments before Outputs had values; a former Output may be secret
 */
export function withoutSecrets(problems: readonly Problem[], shape: Shape, given?: unknown): Problem[] {
  return problems.map((problem) => {
    const { value, reason, fix } = problem;
    if (value === undefined || value === notShown || isLater(value) || typeof value === "function") {
      return problem;
    }
    const path = segmentsOf(problem.path);
    // A component's name is not an argument, but is always public.
    const isNamed = problem.path === "name" || isOpen(path, shape);
    if (isScalar(value) && isNamed && !wasLater(path, given)) {
      const open = typeof value === "string" ? withoutCredentials(value) : value;
      return value === open ? problem : { ...problem, value: open, ...without([reason, fix], value, open) };
    }
    return hidden(problem);
  });
}

/** The problem without its value. */
export function hidden(problem: Problem): Problem {
  const { value, reason, fix } = problem;
  if (value === undefined || value === notShown) return problem;
  return { ...problem, value: notShown, ...without([reason, fix], value, "…") };
}

/** A URI without user, password and query, which may contain signatures. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi, "$1…@")
    .replace(/([a-z]:\/\/[^\s?#]*)\?\S*/gi, "$1?…");
}

/** Removes the value from the texts about it, unless it is too short to be distinguished from other words. */
function without(
  [reason, fix]: [string, string],
  value: unknown,
  open: unknown,
): Pick<Problem, "reason" | "fix"> {
  const text = String(value);
  const clean = (sentence: string) =>
    isScalar(value) && text.length > 3 ? sentence.replaceAll(text, String(open)) : sentence;
  return { reason: clean(reason), fix: clean(fix) };
}

function isScalar(value: unknown): boolean {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

type Segment = string | number;

/** The segments of a path in joinPath's notation; undefined if it is not such a path. */
export function segmentsOf(path: string): Segment[] | undefined {
  const segments: Segment[] = [];
  const part = /\.?([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  while (part.lastIndex < path.length) {
    const found = part.exec(path);
    if (!found) return undefined;
    const [, word, index, quoted] = found;
    segments.push(word ?? (index === undefined ? (JSON.parse(quoted!) as string) : Number(index)));
  }
  return segments;
}

function isOpen(path: Segment[] | undefined, shape: Shape): boolean {
  if (path === undefined) return false;
  const [first, ...rest] = path;
  return typeof first === "string" && Object.hasOwn(shape, first) && isOpenField(rest, shape[first]!);
}

function isOpenField(path: Segment[], field: Field): boolean {
  const [first, ...rest] = path;
  if (typeof field === "object") {
    if ("hidden" in field) return false;
    if ("object" in field) return isOpen(path, field.object);
    return (
      first !== undefined && !isSensitive(first) && isOpen(rest, "list" in field ? field.list : field.map)
    );
  }
  switch (field) {
    case "kubernetes":
      return isOpenInKubernetes(path);
    case "any":
      return !path.some(isSensitive);
    case "textList":
    case "numberList":
    case "textMap":
    case "amountMap":
    case "inputMap":
      return path.length === 1 && !isSensitive(first!);
    default:
      return path.length === 0;
  }
}

/**
 * Uses Flink's sensitive words, also for names that are not spelled like Java properties: `secretKey`,
 * `DB_PASSWORD`.
 */
function isSensitive(segment: Segment): boolean {
  return typeof segment === "string" && isMasked(segment.replaceAll("_", "-"));
}

/** Fields of Kubernetes' types with input for programs. */
const given = /^(env|envFrom|value|valueFrom|args|command|httpHeaders|volumeAttributes|annotations|options)$/;

/** A list entry must be an object. Any scalar in its place may be a secret. */
function isOpenInKubernetes(path: Segment[]): boolean {
  return typeof path.at(-1) === "string" && !path.some((it) => isSensitive(it) || given.test(String(it)));
}

function wasLater(path: Segment[] | undefined, args: unknown): boolean {
  let found = args;
  for (const segment of path ?? []) {
    if (isLater(found)) return true;
    if (typeof found !== "object" || found === null) return false;
    found = (found as Record<Segment, unknown>)[segment];
  }
  return isLater(found);
}
