import { parseArgs } from "node:util";
import { newRun } from "../bring-up";
import { engineCommand, findEngine } from "../engine";
import { UserError } from "../errors";
import { runningNode } from "../node";
import { engineConfig, readStack, standIn } from "../stack";

/** `npm run pulumi`: the engine's own command line, on the state that `npm start` keeps of a stack. */
export async function pulumi(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stack: { type: "string", default: "dev" }, context: { type: "string" } },
  });
  const { stack, context } = values;
  const node = context === undefined ? await runningNode() : undefined;
  if (context === undefined && node === undefined) {
    throw new UserError("The local node is not running.", [
      "Start it with `npm start`, or name another cluster with --context.",
    ]);
  }
  const target = node ? { kubeconfig: node.kubeconfig } : { context };
  const config = engineConfig(readStack(projectDir, stack, standIn));
  // What the command prints may be piped on: progress must not be in it.
  const report = (line: string): void => console.error(line);
  const engine = await findEngine({ log: newRun(projectDir, "pulumi", signal).log, report, signal });
  return engineCommand({ engine, projectDir, stack, config, ...target, signal }, positionals);
}
