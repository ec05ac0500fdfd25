import path from "node:path";
import { startNode, stopNode } from "../../local/node";
import { type Bench, secondsSince } from "./bench";

/** From the call to a node that is Ready, its programs built. */
export const nodeStart: Bench = {
  name: "node-start",
  async run(ctx) {
    await ctx.localNode();
    const seconds: number[] = [];
    for (let run = 1; run <= ctx.runs; run++) {
      await stopNode();
      const start = performance.now();
      await startNode({
        log: path.join(ctx.scratch, "node.log"),
        report: () => undefined,
        signal: ctx.signal,
      });
      seconds.push(secondsSince(start));
      ctx.say(`  run ${run}: ${seconds.at(-1)!.toFixed(1)} s`);
    }
    return [{ name: "start of the node alone", unit: "s", values: seconds, aim: 10 }];
  },
};
