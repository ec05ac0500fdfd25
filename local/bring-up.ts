import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { type BuildContext, cacheFolder } from "./cache";
import { type Engine, findEngine } from "./engine";
import { UserError } from "../recorder/errors";
import { buildExampleImage } from "./image";
import {
  type LocalNode,
  buildNode,
  importImage,
  prerequisites,
  runningNode,
  startNode,
  stopNode,
  describeMissing,
} from "./node";

/** Context of the steps of one command. */
export interface Run {
  projectDir: string;
  signal: AbortSignal;
  /** Log file of the build output, named in errors. */
  log: string;
  node?: LocalNode;
  engine?: Engine;
  /** Image of the hello-world example, as imported into the node. */
  exampleImage?: string;
  startedHere?: boolean;
  /** The error of the failed step. */
  failure?: unknown;
}

export function newRun(projectDir: string, command: string, signal: AbortSignal): Run {
  const folder = path.join(cacheFolder(), "logs");
  mkdirSync(folder, { recursive: true });
  const log = path.join(folder, `${command}.log`);
  appendFileSync(log, `\n=== npm run ${command}, ${new Date().toISOString()}\n`);
  return { projectDir, signal, log };
}

/**
 * Runs the steps, with a live list of elapsed times on a terminal, and plain lines elsewhere. Throws the
 * error of the failed step.
 */
export async function runSteps(tasks: ListrTask<Run>[], run: Run): Promise<Run> {
  const list = new Listr<Run, "default", "simple">(tasks, {
    ctx: run,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
    fallbackRenderer: "simple",
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  try {
    return await list.run();
  } catch (error) {
    throw run.failure ?? error;
  }
}

/** Wraps a step: its errors name the log file, and its progress appears next to its title. */
export function step(
  title: string,
  work: (context: BuildContext, run: Run) => Promise<unknown>,
): ListrTask<Run> {
  return {
    title,
    task: async (run, task) => {
      run.signal.throwIfAborted();
      const report = (line: string): void => {
        task.output = line;
      };
      try {
        await work({ log: run.log, report, signal: run.signal }, run);
      } catch (error) {
        run.failure = run.signal.aborted ? interrupted(title, error) : error;
        // The list shows one line, and the full message follows below it.
        throw new Error(String((run.failure as Error).message).split("\n", 1)[0]);
      }
    },
  };
}

function interrupted(title: string, error: unknown): UserError {
  const said = error instanceof UserError && error.message !== "Interrupted." ? [error.message] : [];
  return new UserError(
    [`Interrupted in the step "${title}".`, ...said].join("\n"),
    error instanceof UserError && error.actions.length > 0
      ? error.actions
      : ["What was built is kept: the same command goes on from there.", "npm run down removes what runs."],
  );
}

/** The steps from nothing to a running one-node Kubernetes with the example's image loaded. */
export function localNodeSteps(flinkVersion: () => string): ListrTask<Run>[] {
  return [
    step("Checking this machine", async () => {
      const problems = await prerequisites();
      if (problems.length > 0) throw new UserError(describeMissing(problems));
    }),
    {
      title: "Building (each part once, then from the cache)",
      task: (_run, task) =>
        task.newListr(
          [
            step("Kubernetes, etcd, CoreDNS, metrics-server and containerd, from Go modules", (c) =>
              buildNode(c),
            ),
            step("Flink image with the hello-world job, from PyPI, Debian packages and Maven Central", (c) =>
              buildExampleImage({ flinkVersion: flinkVersion() }, c),
            ),
            engineStep("The Pulumi engine and its Kubernetes provider, found, fetched or from Go modules"),
          ],
          { concurrent: true, rendererOptions: { collapseSubtasks: true } },
        ),
    },
    step("Starting the one-node Kubernetes", async (c, run) => {
      run.startedHere = (await runningNode()) === undefined;
      run.node = await startNode(c);
    }),
    step("Loading the image", async (c, run) => {
      run.exampleImage = await loadExampleImage(run.node!, flinkVersion(), c);
    }),
  ];
}

/** Builds the example's image, or uses the cached one, and loads it into the node. */
export async function loadExampleImage(
  node: LocalNode,
  flinkVersion: string,
  c: BuildContext,
): Promise<string> {
  const image = await buildExampleImage({ flinkVersion }, c);
  await importImage(node, image.tar, image.ref);
  return image.ref;
}

/** Finds or builds the engine. */
export function engineStep(title: string): ListrTask<Run> {
  return step(title, async (c, run) => {
    run.engine = await findEngine(c);
  });
}

export interface BroughtUp {
  node: LocalNode;
  exampleImage: string;
  startedHere: boolean;
  stop(): Promise<void>;
}

/** Brings the local node up for a test or bench run. */
export async function bringUpLocalNode(projectDir: string, signal: AbortSignal): Promise<BroughtUp> {
  const run = await runSteps(
    localNodeSteps(() => "2.2.1"),
    newRun(projectDir, "test", signal),
  );
  return { node: run.node!, exampleImage: run.exampleImage!, startedHere: run.startedHere!, stop: stopNode };
}
