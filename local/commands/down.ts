import { parseArgs } from "node:util";
import { newRun, step, runSteps } from "../bring-up";
import { eventLines } from "../deploy";
import { down as directDown } from "../direct";
import { engineDown, findEngine, hasEngineStack } from "../engine";
import { UserError } from "../errors";
import { reachable } from "../flink-pods";
import { stopNode, traces } from "../node";
import { engineConfig, readStack, standIn } from "../stack";

/** `npm run down`: the local node goes with all it runs; on another cluster only what the stack made there. */
export async function down(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { stack: { type: "string", default: "dev" }, context: { type: "string" } },
  });
  const run = newRun(projectDir, "down", signal);
  const { context } = values;
  if (context === undefined) {
    const removed = (await traces()).length > 0;
    await runSteps([step("Removing the one-node Kubernetes and everything it runs", () => stopNode())], run);
    console.log(
      removed
        ? "Nothing is left running. What was built stays in the cache."
        : "There was nothing to remove.",
    );
    return 0;
  }
  const settings = readStack(projectDir, values.stack, standIn);
  await runSteps(
    [
      step(`Reaching the cluster of context ${context}`, (c) => reachable({ context }, c.signal)),
      step(`Removing stack ${settings.stack}`, async (c) => {
        const options = { ...settings, context, onEvent: eventLines(c), signal: c.signal };
        if (!(await hasEngineStack(options))) return directDown(options);
        const engine = await findEngine({ report: c.report, signal: c.signal });
        if ("missing" in engine) {
          throw new UserError(
            `The Pulumi engine brought this stack up, and now cannot be used: ${engine.missing}.`,
            ["Install the Pulumi CLI, then run the same command again."],
          );
        }
        return engineDown({ ...options, config: engineConfig(settings), engine });
      }),
    ],
    run,
  );
  return 0;
}
