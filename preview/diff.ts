/** Unchanged lines around a change. */
const CONTEXT = 3;
/**
 * With more differing lines, no shortest difference is computed: all old lines are removed and all new ones
 * added.
 */
const LARGEST = 400;

type Line = " " | "-" | "+";

/** Differences of two texts, as lines of a unified diff without its header. `@@` marks omitted lines. */
export function diffLines(before: readonly string[], after: readonly string[]): string[] {
  const marked = compare(before, after);
  const near = new Array<boolean>(marked.length).fill(false);
  marked.forEach(([mark], index) => {
    if (mark === " ") return;
    for (let i = Math.max(0, index - CONTEXT); i <= Math.min(marked.length - 1, index + CONTEXT); i++)
      near[i] = true;
  });
  const lines: string[] = [];
  let skipped = false;
  marked.forEach(([mark, line], index) => {
    if (!near[index]) {
      skipped = true;
      return;
    }
    if (skipped) lines.push("@@ … @@");
    skipped = false;
    lines.push(`${mark}${line}`);
  });
  return lines;
}

function compare(before: readonly string[], after: readonly string[]): [Line, string][] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end++;
  }
  const head = before.slice(0, start).map((line): [Line, string] => [" ", line]);
  const tail = before.slice(before.length - end).map((line): [Line, string] => [" ", line]);
  const middle = shortest(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...head, ...middle, ...tail];
}

/** Myers' shortest edit script. */
function shortest(before: readonly string[], after: readonly string[]): [Line, string][] {
  const largest = Math.min(LARGEST, before.length + after.length);
  const trace: Int32Array[] = [];
  const reach = new Int32Array(2 * largest + 3);
  const middle = largest + 1;
  for (let edits = 0; edits <= largest; edits++) {
    trace.push(reach.slice());
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && reach[middle + k - 1]! < reach[middle + k + 1]!);
      let x = down ? reach[middle + k + 1]! : reach[middle + k - 1]! + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      reach[middle + k] = x;
      if (x >= before.length && x - k >= after.length) return backtrack(before, after, trace, middle);
    }
  }
  return [
    ...before.map((line): [Line, string] => ["-", line]),
    ...after.map((line): [Line, string] => ["+", line]),
  ];
}

function backtrack(
  before: readonly string[],
  after: readonly string[],
  trace: readonly Int32Array[],
  middle: number,
): [Line, string][] {
  const lines: [Line, string][] = [];
  let [x, y] = [before.length, after.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const reach = trace[edits]!;
    const k = x - y;
    const down = k === -edits || (k !== edits && reach[middle + k - 1]! < reach[middle + k + 1]!);
    const from = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : reach[middle + from]!;
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY && (edits > 0 ? x > fromX && y > fromY : true)) {
      lines.push([" ", before[--x]!]);
      y--;
    }
    if (edits === 0) break;
    if (down) lines.push(["+", after[--y]!]);
    else lines.push(["-", before[--x]!]);
  }
  return lines.reverse();
}
