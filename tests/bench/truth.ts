import { corpus } from "../preview/support/corpus";
import type * as truths from "../support/truth";
import type { Row } from "../support/truth";
import type { Bench } from "./bench";
import { onNode } from "./test-node";

/** Every change of the preview's corpus, made on the node: what the report says of it against what happens. */
export const truth: Bench = {
  name: "truth",
  cold: true,
  async run(ctx) {
    const { Truth } = await onNode<typeof truths>(ctx, "../support/truth");
    const world = new Truth("bench-truth", (line) => ctx.say(line));
    const rows = await world.run(inOrder(corpus), { signal: ctx.signal });
    ctx.markdown(tableOf(rows));
    for (const { change, wrong } of rows) for (const line of wrong) ctx.say(`  ${change}: ${line}`);
    const wrong = rows.filter((row) => row.wrong.length > 0);
    if (wrong.length > 0) throw new Error(`wrong: ${wrong.map(({ change }) => change).join("; ")}`);
    return [
      { name: "a change, brought up and at rest", unit: "s", values: rows.map(({ seconds }) => seconds) },
    ];
  },
};

/** Changes that begin with the same stack one after the other. */
function inOrder(changes: typeof corpus): string[] {
  const starts = [...new Set(Object.values(changes).map(({ from }) => from))];
  return starts.flatMap((start) =>
    Object.entries(changes)
      .filter(([, { from }]) => from === start)
      .map(([name]) => name),
  );
}

/** A row for each change; with its way back, where that was made, too. */
function tableOf(rows: readonly Row[]): string[][] {
  const result = (row: Row | undefined) => (!row ? "" : row.wrong.length === 0 ? "right" : "WRONG");
  const head = ["change", "objects, as the report says", "processes and jobs, as the report says"];
  return [
    [...head, "what happened", "and back", "seconds"],
    ...rows
      .filter(({ change }) => !change.endsWith(", back"))
      .map((row) => {
        const { objects, restarted, jobs } = row.promised;
        const processes = restarted.map((name) => `${name} restarts`);
        return [
          row.change,
          counts(objects),
          [...processes, ...jobs].join("; "),
          result(row),
          result(rows.find(({ change }) => change === `${row.change}, back`)),
          row.seconds.toFixed(0),
        ];
      }),
  ];
}

const signs: Record<string, string> = { create: "+", update: "~", replace: "±", delete: "−" };

function counts(objects: readonly string[]): string {
  const found = Object.entries(signs).flatMap(([operation, sign]) => {
    const count = objects.filter((line) => line.startsWith(`${operation} `)).length;
    return count === 0 ? [] : [`${sign}${count}`];
  });
  return found.length === 0 ? "none" : found.join(" ");
}
