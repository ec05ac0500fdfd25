import type { Bench } from "./bench";
import { npmRunDown, timeNpmStart } from "./npm-start";

/** `npm start` with everything built and the node down, and once more with everything running. */
export const warmStart: Bench = {
  name: "warm-start",
  async run(ctx) {
    await ctx.localNode();
    const warm: number[] = [];
    const second: number[] = [];
    for (let run = 1; run <= ctx.runs; run++) {
      // It takes the stack away as well, so that each run deploys it anew.
      await npmRunDown(ctx.projectDir);
      const first = await timeNpmStart(ctx.projectDir, ctx.signal);
      const again = await timeNpmStart(ctx.projectDir, ctx.signal);
      ctx.say(
        `  run ${run}: first line after ${first.hello.toFixed(1)} s, second npm start ${again.total.toFixed(1)} s`,
      );
      warm.push(first.hello);
      second.push(again.total);
    }
    return [
      { name: 'warm npm start, to the first "Hello, World!"', unit: "s", values: warm, aim: 60 },
      { name: "second npm start, nothing to change", unit: "s", values: second, aim: 10 },
    ];
  },
};
