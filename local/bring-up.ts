import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { type BuildContext, cacheFolder } from "./cache";
import { UserError } from "./errors";
import { buildExampleImage, buildFlinkImage } from "./image";
import {
  type LocalNode,
  buildNode,
  importImage,
  prerequisites,
  runningNode,
  startNode,
  stopNode,
} from "./node";

/** What the steps of one command share. */
export interface Run {
  projectDir: string;
  signal: AbortSignal;
  /** Build output goes here; named when a step fails. */
  log: string;
  node?: LocalNode;
  /** Image of the hello-world example, as imported into the node. */
  exampleImage?: string;
  startedHere?: boolean;
}

export function newRun(projectDir: string, command: string, signal: AbortSignal): Run {
  const folder = path.join(cacheFolder(), "logs");
  mkdirSync(folder, { recursive: true });
  const log = path.join(folder, `${command}.log`);
  appendFileSync(log, `\n=== npm run ${command}, ${new Date().toISOString()}\n`);
  return { projectDir, signal, log };
}

/** A live list with elapsed times on a terminal, plain lines elsewhere. */
export function stepList(tasks: ListrTask<Run>[], run: Run): Listr<Run, "default", "simple"> {
  return new Listr<Run, "default", "simple">(tasks, {
    ctx: run,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false, showErrorMessage: false },
    fallbackRenderer: "simple",
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
}

/** Wraps a step so that its failure names the log file, and progress shows beside its title. */
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
        if (run.signal.aborted) throw new UserError(`Interrupted while: ${title}.`);
        throw error;
      }
    },
  };
}

/** The steps from nothing to a running one-node Kubernetes with the example's image loaded. */
export function localNodeSteps(flinkVersion: () => string): ListrTask<Run>[] {
  return [
    step("Checking this machine", async () => {
      const problems = await prerequisites();
      if (problems.length > 0) {
        throw new UserError(
          ["The local node cannot run here:", ...problems.map((p) => `- ${p.reason}\n  ${p.fix}`)].join("\n"),
          ["To use a Kubernetes that you have: npm start -- --context NAME"],
        );
      }
    }),
    {
      title: "Building (each part once, then from the cache)",
      task: (_run, task) =>
        task.newListr(
          [
            step("Kubernetes, etcd, CoreDNS, metrics-server and containerd, from Go modules", (c) =>
              buildNode(c),
            ),
            step(`Flink image, from PyPI and Debian packages`, (c) =>
              buildFlinkImage({ flinkVersion: flinkVersion() }, c),
            ),
          ],
          { concurrent: true, rendererOptions: { collapseSubtasks: true } },
        ),
    },
    step("Starting the one-node Kubernetes", async (c, run) => {
      run.startedHere = (await runningNode()) === undefined;
      run.node = await startNode(c);
    }),
    step("Building and loading the hello-world image", async (c, run) => {
      const image = await buildExampleImage(
        { flinkVersion: flinkVersion(), exampleDir: path.join(run.projectDir, "examples/hello-world") },
        c,
      );
      await importImage(run.node!, image.tar, image.ref);
      run.exampleImage = image.ref;
    }),
  ];
}

export interface BroughtUp {
  node: LocalNode;
  exampleImage: string;
  startedHere: boolean;
  stop(): Promise<void>;
}

/** Brings the local node up for a test or bench run. */
export async function bringUpLocalNode(projectDir: string, signal: AbortSignal): Promise<BroughtUp> {
  const run = await stepList(
    localNodeSteps(() => "2.2.1"),
    newRun(projectDir, "test", signal),
  ).run();
  return { node: run.node!, exampleImage: run.exampleImage!, startedHere: run.startedHere!, stop: stopNode };
}
