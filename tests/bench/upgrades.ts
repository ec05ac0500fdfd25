import { type Bench, median, ratioOfMedians } from "./bench";
import { onTestNode } from "./test-node";

/** Upgrades of a job under load, against `flink stop` and `flink run` by hand in the same run. Each run has ten, 20 at least. */
export const upgrades: Bench = {
  name: "upgrades",
  cold: true,
  async run(ctx) {
    const { Faulted, upgradeLoop } = await onTestNode(ctx);
    const world = new Faulted({ namespace: "bench-upgrades", version: "2.2.1" });
    try {
      await world.start();
      const { ours, byHand } = await upgradeLoop(world, Math.max(20, 10 * ctx.runs));
      const row = (way: string, values: number[]) => [
        way,
        String(values.length),
        `${median(values).toFixed(1)} s`,
        `${Math.max(...values).toFixed(1)} s`,
      ];
      const ratio = (of: (values: number[]) => number) => (of(ours) / of(byHand)).toFixed(2);
      ctx.markdown([
        ["upgrade with a savepoint", "upgrades", "counted nothing for: median", "worst"],
        row("a new revision of a `FlinkJob`", ours),
        row("`flink stop` and `flink run` by script, beside it", byHand),
        ["ratio (aim: 1.0 or less)", "", ratio(median), ratio((values) => Math.max(...values))],
      ]);
      return [
        { name: "upgrade, downtime", unit: "s", values: ours },
        { name: "flink stop + flink run, downtime", unit: "s", values: byHand },
        ratioOfMedians("… upgrade against it", ours, byHand, 1),
      ];
    } finally {
      await world.stop();
    }
  },
};
