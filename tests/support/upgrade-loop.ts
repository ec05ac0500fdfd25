import assert from "node:assert/strict";
import { eventually } from "../cluster/support";
import { ByHand } from "./by-hand";
import { between } from "./counted";
import type { Faulted } from "./faults";

/** Seconds in which nothing was counted, for each upgrade of a run. */
export interface Downtimes {
  ours: number[];
  byHand: number[];
}

/**
 * Upgrades the job again and again while it counts, and beside it, in turn, a copy of it that is upgraded with Flink's command line client.
 * All of their numbers must be there once.
 */
export async function upgradeLoop(world: Faulted, rounds: number): Promise<Downtimes> {
  const reference = new ByHand(world);
  const found: Downtimes = { ours: [], byHand: [] };
  await reference.start();
  const ours = async () => {
    const before = String(world.label);
    await world.upgrade();
    const after = String(world.label);
    await eventually("output of the new revision", 60, async () =>
      world.output.rows().some(({ label }) => label === after) ? true : undefined,
    );
    found.ours.push(between(world.output.rows(), before, after));
  };
  const byHand = async () => {
    await reference.upgrade();
    const round = found.byHand.length;
    found.byHand.push(between(reference.output.rows(), String(round), String(round + 1)));
  };
  for (let round = 0; round < rounds; round++) {
    // Each first every other time, so that a slower minute of the machine meets both.
    for (const one of round % 2 === 0 ? [ours, byHand] : [byHand, ours]) await one();
  }
  await world.settled();
  await reference.stop();
  await eventually("every number of the reference once", 30, async () => {
    assert.deepEqual(reference.output.problems(), []);
    return true;
  });
  return found;
}
