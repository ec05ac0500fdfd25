import type { Faulted, Measured } from "../support/faults";
import type { FaultCase } from "../support/fault-cases";
import { type Bench, type Figure, median } from "./bench";
import { onTestNode } from "./test-node";

/** Every fault of the tests, and those that they leave out, on jobs that count: each must leave every number there once. */
export const faults: Bench = {
  name: "faults",
  cold: true,
  async run(ctx) {
    const { Faulted, worlds } = await onTestNode(ctx);
    const figures: Figure[] = [];
    for (const { setting, cases, last } of worlds) {
      const world = new Faulted({ ...setting, namespace: `bench-${setting.namespace}` });
      const failed: string[] = [];
      const tell = async (each: FaultCase) => {
        ctx.signal.throwIfAborted();
        try {
          await each.run(world);
        } catch (error) {
          const [message] = String(error).split("\n");
          failed.push(`${each.name}: ${message}`);
          ctx.say(`  ${each.name}: ${message}`);
        }
        world.proxy.heal();
      };
      try {
        await world.start();
        for (let round = 0; round < ctx.runs; round++) for (const each of cases) await tell(each);
        for (const each of last) await tell(each);
      } finally {
        await world.stop().catch((error: Error) => ctx.say(`  ${error.message}`));
      }
      const found = byName(world.measured);
      ctx.markdown([
        [`Flink ${world.version}, ${describe(world)}`, "times", "counted nothing for: median", "worst"],
        ...[...found].map(([what, gaps]) => [
          what,
          String(gaps.length),
          `${median(gaps).toFixed(1)} s`,
          `${Math.max(...gaps).toFixed(1)} s`,
        ]),
        ...failed.map((what) => [`FAILED ${what}`]),
      ]);
      for (const [name, values] of found) figures.push({ name, unit: "s", values });
    }
    return figures;
  },
};

function describe({ highAvailability }: Faulted): string {
  return highAvailability ? "high availability, S3" : "no high availability, shared volume";
}

function byName(measured: Measured[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { what, gap } of measured) found.set(what, [...(found.get(what) ?? []), gap]);
  return found;
}
