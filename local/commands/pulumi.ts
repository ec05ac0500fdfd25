import { loadExampleImage, newRun } from "../bring-up";
import { engineCommand, findEngine } from "../engine";
import { UserError } from "../../recorder/errors";
import { runningNode } from "../node";
import { contextOption, readOptions, stackOption } from "../../cli/options";
import { readStack, standIn } from "../../cli/stack";
import { clusterOf, engineConfig, usesLocalImage, withBuiltImage } from "../stack";

/** `npm run pulumi`: the engine's own command line, with the state of a stack from `npm start`. */
export async function pulumi(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = readOptions(
    {
      name: "pulumi",
      about: "The engine's own command line, on the state that npm start keeps of a stack.",
      positionals: "-- ARGUMENTS OF pulumi",
      options: { stack: stackOption, context: contextOption },
    },
    args,
  );
  const { stack, context } = values;
  const node = context === undefined ? await runningNode() : undefined;
  if (context === undefined && node === undefined) {
    throw new UserError("The local node is not running.", [
      "Start it with `npm start`, or name another cluster with --context.",
    ]);
  }
  const target = node ? { kubeconfig: node.kubeconfig } : { context };
  // The command's output may be piped, so it must not contain progress.
  const report = (line: string): void => console.error(line);
  const build = { log: newRun(projectDir, "pulumi", signal).log, report, signal };
  let settings = readStack(projectDir, stack, standIn);
  if (node && usesLocalImage(settings)) {
    // As in `npm start`: otherwise an `up` would use an image that does not exist.
    const image = await loadExampleImage(node, clusterOf(settings).flinkVersion, build);
    settings = withBuiltImage(settings, image);
  }
  const engine = await findEngine(build);
  const config = engineConfig(settings);
  return engineCommand({ engine, projectDir, stack, config, ...target, signal }, positionals);
}
