import * as fs from "node:fs";
import * as path from "node:path";

/** Number of splits that the job `Splits` counts in (tests/jobs/counting). */
export const SPLITS = 120;

/** A line that the job has written. */
export interface Row {
  split: number;
  number: number;
  /** When it was counted, in milliseconds of the epoch. */
  at: number;
  /** Of the revision that counted it. */
  label: string;
}

/** What a job `Splits` has written and committed to a folder of this machine. */
export class Output {
  private readonly seen = new Set<string>();
  private readonly found: Row[] = [];
  private readonly complaints: string[] = [];

  constructor(readonly folder: string) {}

  /** Every row so far. A committed file never changes, so each is read once. */
  rows(): Row[] {
    for (const file of this.files()) {
      if (this.seen.has(file)) continue;
      this.seen.add(file);
      for (const line of fs.readFileSync(path.join(this.folder, file), "utf8").split("\n")) {
        if (line !== "") this.read(line);
      }
    }
    return this.found;
  }

  /** What is wrong with it: nothing, when every number of every split stands there once, without a gap. */
  problems(): string[] {
    const rows = this.rows();
    return [...this.complaints, ...problemsOf(rows)];
  }

  private read(line: string): void {
    const fields = /^(\d+) (\d+) (\d+) (\S+)$/.exec(line);
    if (!fields) this.complaints.push(line);
    else
      this.found.push({
        split: Number(fields[1]),
        number: Number(fields[2]),
        at: Number(fields[3]),
        label: fields[4]!,
      });
  }

  private files(): string[] {
    if (!fs.existsSync(this.folder)) return [];
    const all = fs.readdirSync(this.folder, { recursive: true, encoding: "utf8" });
    // Files that are still being written, or whose checkpoint never completed, have other names.
    return all.filter((file) => /(^|\/)part-[^/]+$/.test(file));
  }
}

/** In every split every number up to its greatest is there once: else what is missing, or is there more than once. */
export function problemsOf(rows: Row[]): string[] {
  const times = new Map<number, Map<number, number>>();
  for (const { split, number } of rows) {
    let ofSplit = times.get(split);
    if (!ofSplit) times.set(split, (ofSplit = new Map<number, number>()));
    ofSplit.set(number, (ofSplit.get(number) ?? 0) + 1);
  }
  const problems: string[] = [];
  for (const [split, ofSplit] of [...times].sort(([a], [b]) => a - b)) {
    const greatest = Math.max(...ofSplit.keys());
    const missing = range(greatest + 1).filter((number) => !ofSplit.has(number));
    const doubled = [...ofSplit].filter(([, count]) => count > 1).map(([number]) => number);
    if (missing.length > 0) problems.push(`split ${split}, up to ${greatest}: missing ${list(missing)}`);
    if (doubled.length > 0)
      problems.push(`split ${split}, up to ${greatest}: more than once ${list(doubled)}`);
    if (split >= SPLITS) problems.push(`split ${split}: there are only ${SPLITS}`);
  }
  if (rows.length > 0) {
    const absent = range(SPLITS).filter((split) => !times.has(split));
    if (absent.length > 0) problems.push(`splits without any number: ${list(absent)}`);
  }
  return problems;
}

/** The longest time, in seconds, in which nothing was counted, between `from` and the last row. */
export function longestGap(rows: Row[], from: number): number {
  const times = rows.map(({ at }) => at).sort((a, b) => a - b);
  const before = times.filter((at) => at < from).at(-1);
  const points = [...(before === undefined ? [] : [before]), ...times.filter((at) => at >= from)];
  const gaps = points.slice(1).map((at, index) => at - points[index]!);
  return gaps.reduce((a, b) => Math.max(a, b), 0) / 1000;
}

/** Seconds from the last row of one revision to the first of the next one; below 0 when both counted at the same time. */
export function between(rows: Row[], before: string, after: string): number {
  const times = (label: string) => rows.filter((row) => row.label === label).map(({ at }) => at);
  const last = times(before).reduce((a, b) => Math.max(a, b), -Infinity);
  const first = times(after).reduce((a, b) => Math.min(a, b), Infinity);
  return (first - last) / 1000;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function list(numbers: number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length > 6
    ? `${sorted.slice(0, 6).join(", ")}, … (${sorted.length} in all)`
    : sorted.join(", ");
}
