import type { BroughtUp } from "../../local/bring-up";

/** What one bench measured. */
export interface Figure {
  name: string;
  unit: "s" | "ms" | "MiB" | "ratio";
  /** One value a run, in order; empty when it was skipped. */
  values: number[];
  /** The project's aim for the median: this or less. */
  aim?: number;
  /** Why there are no values. */
  skipped?: string;
}

/** One bench: a file of this folder that exports one of these. */
export interface Bench {
  name: string;
  /** Too long for every day: runs only with `--cold`. */
  cold?: boolean;
  run(ctx: BenchContext): Promise<Figure[]>;
}

export interface BenchContext {
  projectDir: string;
  /** How often to repeat what is repeated. */
  runs: number;
  signal: AbortSignal;
  /** Folder for scratch files, removed at the end. */
  scratch: string;
  /** A table in Markdown, shown at the end, for the page of figures. */
  markdown(rows: string[][]): void;
  /** One line of progress. */
  say(line: string): void;
  /** The local node, built and started if need be. */
  localNode(): Promise<BroughtUp>;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The ratio of the medians: figures of one sitting can be compared as ratios only, as the machine's speed varies. */
export function ratioOfMedians(name: string, part: number[], whole: number[], aim?: number): Figure {
  const values = part.length && whole.length ? [median(part) / median(whole)] : [];
  return { name, unit: "ratio", values, aim };
}

/** Seconds since an earlier `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
