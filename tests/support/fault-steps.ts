import type { Fault } from "./fault-proxy";
import type { Faulted } from "./faults";

/** A moment in the life of a submission, as the requests that it makes tell it. */
export interface Step {
  name: string;
  /** Waits for the moment and kills the submission's pod in it. */
  kill(world: Faulted): Promise<void>;
}

const stop = /^(POST \/jobs\/\w+\/stop|PATCH \/jobs\/\w+\?mode=cancel)/;

/** Kills the submission in the middle of the first request that matches, which Flink gets or not. */
function killAt(world: Faulted, of: RegExp, when: "before" | "after"): Promise<void> {
  return world.proxy.once({ of, [when]: () => world.killSubmission(), cut: when });
}

/** The same, of the first such request that comes after another one. */
async function killAtNext(world: Faulted, first: RegExp, of: RegExp): Promise<void> {
  await world.proxy.once({ of: first });
  await killAt(world, of, "before");
}

/** The steps of a submission that has a predecessor, in their order. */
export const steps: Step[] = [
  { name: "before the stop", kill: (world) => killAt(world, stop, "before") },
  { name: "when the stop is accepted", kill: (world) => killAt(world, stop, "after") },
  {
    name: "during the savepoint",
    kill: (world) => killAtNext(world, stop, /^GET \/jobs\/\w+(\/savepoints\/.*)?$/),
  },
  {
    name: "between stop and submit",
    kill: (world) => killAt(world, /^POST \/jars\/upload/, "before"),
  },
  {
    name: "after the submit, before it is known",
    kill: (world) => killAt(world, /^POST \/jars\/.*\/run/, "after"),
  },
  {
    name: "while it waits",
    kill: (world) => killAtNext(world, /^POST \/jars\/.*\/run/, /^GET \/jobs\/\w+\/checkpoints\/config/),
  },
];

/** What a JobManager, or the network before it, does to requests. */
export const troubles: { name: string; faults: Fault[] }[] = [
  {
    name: "answers 503",
    faults: [
      { of: stop, times: 2, status: 503 },
      { of: /^GET \/jobs\/\w+\/savepoints/, times: 3, status: 503 },
      { of: /^POST \/jars/, times: 2, status: 503 },
      { of: /^GET/, times: 4, status: 503 },
    ],
  },
  {
    name: "is slow",
    faults: [
      // Longer than the submission waits for an answer: the request arrives when it has long asked again.
      { of: stop, delay: 17_000 },
      { of: /^POST \/jars\/.*\/run/, delay: 5000 },
      { of: /^GET/, times: 6, delay: 1000 },
    ],
  },
  {
    name: "cuts the connection after accepting",
    faults: [
      { of: stop, cut: "after" },
      { of: /^GET \/jobs\/\w+\/savepoints/, times: 2, cut: "after" },
      { of: /^POST \/jars\/upload/, cut: "after" },
      { of: /^POST \/jars\/.*\/run/, cut: "after" },
    ],
  },
];
