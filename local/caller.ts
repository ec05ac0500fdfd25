import path from "node:path";
import type { Caller, EnginePreview } from "../cli/caller";
import { UserError } from "../recorder/errors";
import { quickCompiler } from "./quick-compiler";
import { clusterOf } from "./stack";

/* eslint-disable @typescript-eslint/no-require-imports -- the node and the engine cost a second that most commands do not need */

/** `npm run` in a clone of this repository, for its own program. */
export const repository: Caller = {
  call(command) {
    const [name, ...verb] = command.split(" ");
    return ["npm run", name, "--", ...verb].join(" ");
  },
  projectDir: () => path.dirname(__dirname),
  programEnv: quickCompiler,
  async packFolder(pack, _projectDir, signal) {
    const { buildPacks } = require("./policies/build") as typeof import("./policies/build");
    return path.join(await buildPacks(path.dirname(__dirname), signal), pack);
  },
  knowsRules: true,
  async target() {
    const { runningNode } = require("./node") as typeof import("./node");
    const node = await runningNode();
    if (node) return { kubeconfig: node.kubeconfig };
    throw new UserError("The local node is not running.", [
      "Start it with `npm start`, or name a cluster with --context.",
    ]);
  },
  clustersOf(settings) {
    const { name, namespace } = clusterOf(settings);
    return name === undefined ? [] : [{ cluster: name, namespace }];
  },
  engineEvents,
};

/** The engine of `npm start`, with its state of the cluster. */
async function engineEvents({ settings, packs, context, signal, say }: EnginePreview) {
  const { newRun } = require("./bring-up") as typeof import("./bring-up");
  const { enginePreview, findEngine } = require("./engine") as typeof import("./engine");
  const { runningNode } = require("./node") as typeof import("./node");
  const { projectDir, stack } = settings;
  const { log } = newRun(projectDir, "preview", signal);
  const engine = await findEngine({ log, report: (line) => console.error(line), signal });
  say(`The engine previews stack ${stack} …`);
  const target = context === undefined ? { kubeconfig: (await runningNode())?.kubeconfig } : { context };
  const events: object[] = [];
  try {
    const onEngineEvent = (event: object) => events.push(event);
    await enginePreview({ engine, projectDir, stack, ...target, packs, signal, onEngineEvent });
    return { events };
  } catch (error) {
    signal.throwIfAborted();
    return { events, failed: (error as Error).message };
  }
}
