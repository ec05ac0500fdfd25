import { parseArgs } from "node:util";
import { newRun, type Run, step, runSteps } from "../bring-up";
import { eventLines, type Target } from "../deploy";
import { down as directDown } from "../direct";
import { engineDown, findEngine, hasEngineStack } from "../engine";
import { UserError } from "../errors";
import { reachable } from "../flink-pods";
import { runningNode, stopNode, traces } from "../node";
import { engineConfig, readStack, type StackSettings, standIn } from "../stack";

/**
 * `npm run down`: the local node goes with all it runs. With --stack or --context only what that stack made goes: on the local node, which
 * runs on, or on the cluster of the context.
 */
export async function down(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { stack: { type: "string" }, context: { type: "string" } },
  });
  const { stack, context } = values;
  const run = newRun(projectDir, "down", signal);
  if (stack === undefined && context === undefined) {
    await removeNode(run);
    return 0;
  }
  const settings = readStack(projectDir, stack ?? "dev", standIn);
  if (context === undefined) await removeFromNode(run, settings);
  else await removeFromContext(run, settings, context);
  return 0;
}

async function removeNode(run: Run): Promise<void> {
  const removed = (await traces()).length > 0;
  await runSteps([step("Removing the one-node Kubernetes and everything it runs", () => stopNode())], run);
  console.log(
    removed ? "Nothing is left running. What was built stays in the cache." : "There was nothing to remove.",
  );
}

async function removeFromNode(run: Run, settings: StackSettings): Promise<void> {
  const node = await runningNode();
  if (node === undefined) {
    throw new UserError(`The local node does not run, and with it nothing of stack ${settings.stack}.`, [
      "npm run down, without --stack, removes what is left of the node.",
      "--context NAME removes the stack from another cluster.",
    ]);
  }
  const { kubeconfig } = node;
  const outcome = { deleted: 0 };
  await runSteps([removal(settings, { kubeconfig }, outcome)], run);
  tell(settings, outcome);
  console.log("The local node runs on: npm run down, without --stack, removes it.");
}

async function removeFromContext(run: Run, settings: StackSettings, context: string): Promise<void> {
  const outcome = { deleted: 0 };
  const steps = [
    step(`Reaching the cluster of context ${context}`, (c) => reachable({ context }, c.signal)),
    removal(settings, { context }, outcome),
  ];
  await runSteps(steps, run);
  tell(settings, outcome);
}

/** Removes a stack in the way in which it was brought up, and says how much there was. */
function removal(settings: StackSettings, target: Target, outcome: { deleted: number }) {
  return step(`Removing stack ${settings.stack}`, async (c) => {
    const options = { ...settings, ...target, onEvent: eventLines(c), signal: c.signal };
    if (!(await hasEngineStack(options))) {
      outcome.deleted = (await directDown(options)).deleted;
      return;
    }
    const engine = await findEngine({ report: c.report, signal: c.signal });
    if ("missing" in engine) {
      throw new UserError(
        `The Pulumi engine brought this stack up, and now cannot be used: ${engine.missing}.`,
        ["Install the Pulumi CLI, then run the same command again."],
      );
    }
    outcome.deleted = (await engineDown({ ...options, config: engineConfig(settings), engine })).deleted;
  });
}

function tell({ stack }: StackSettings, { deleted }: { deleted: number }): void {
  console.log(deleted > 0 ? `Nothing is left of stack ${stack}.` : `There was nothing of stack ${stack}.`);
}
