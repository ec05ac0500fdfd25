import type { ListrTask } from "listr2";
import { newRun, type Run, step, runSteps } from "../bring-up";
import type { BuildContext } from "../cache";
import { eventLines, type Target } from "../deploy";
import { engineDown, findEngine, hasEngineStack } from "../engine";
import { refuseInventory } from "../engine/inventory";
import { UserError } from "../../recorder/errors";
import { reachable } from "../flink-pods";
import { runningNode, stopNode, traces } from "../node";
import { contextOption, readOptions, stackOption } from "../../cli/options";
import { readStack, stackNames, type StackSettings, standIn } from "../../cli/stack";
import { engineConfig } from "../stack";

/**
 * `npm run down`: removes the stacks on the local node, as with `pulumi destroy`, and then the node. With
 * --stack or --context it removes only that stack's objects: on the local node, which keeps running, or on
 * the cluster of the context.
 */
export async function down(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "down",
      about:
        "Takes down what stacks have on the local node, and then the node. With an option only what one stack has made goes.",
      options: {
        stack: { ...stackOption, default: undefined, about: "only this stack; the local node runs on" },
        context: contextOption,
      },
    },
    args,
  );
  const { stack, context } = values;
  const run = newRun(projectDir, "down", signal);
  if (stack === undefined && context === undefined) {
    await removeNode(run, projectDir);
    return 0;
  }
  const settings = readStack(projectDir, stack ?? "dev", standIn);
  if (context === undefined) await removeFromNode(run, settings);
  else await removeFromContext(run, settings, context);
  return 0;
}

async function removeNode(run: Run, projectDir: string): Promise<void> {
  const removed = (await traces()).length > 0;
  const node = await runningNode();
  const steps =
    node === undefined ? [] : await removals(projectDir, { kubeconfig: node.kubeconfig }, run.signal);
  await runSteps(
    [...steps, step("Removing the one-node Kubernetes and everything it runs", () => stopNode())],
    run,
  );
  console.log(
    removed ? "Nothing is left running. What was built stays in the cache." : "There was nothing to remove.",
  );
}

/**
 * Removes every stack of the engine on the node. If one fails, the node is removed anyway, with all objects.
 */
async function removals(projectDir: string, target: Target, signal: AbortSignal): Promise<ListrTask<Run>[]> {
  const steps: ListrTask<Run>[] = [];
  for (const stack of stackNames(projectDir)) {
    const settings = readStack(projectDir, stack, standIn);
    if (!(await hasEngineStack({ projectDir, stack, ...target, signal }))) continue;
    const title = `Removing stack ${stack}`;
    steps.push(
      step(title, async (c) => {
        await remove(settings, target, c).catch((error: Error) => {
          c.signal.throwIfAborted();
          c.report(`${title}: ${error.message}`);
        });
      }),
    );
  }
  return steps;
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

/** Removes a stack's objects, and returns their number. */
function removal(settings: StackSettings, target: Target, outcome: { deleted: number }): ListrTask<Run> {
  return step(`Removing stack ${settings.stack}`, async (c) => {
    outcome.deleted = await remove(settings, target, c);
  });
}

async function remove(settings: StackSettings, target: Target, c: BuildContext): Promise<number> {
  const { projectDir, stack } = settings;
  const options = { projectDir, stack, config: engineConfig(settings), ...target, signal: c.signal };
  if (!(await hasEngineStack(options))) {
    await refuseInventory(settings, target, c.signal);
    return 0;
  }
  const engine = await findEngine(c);
  return (await engineDown({ ...options, engine, onEvent: eventLines(c) })).deleted;
}

function tell({ stack }: StackSettings, { deleted }: { deleted: number }): void {
  console.log(deleted > 0 ? `Nothing is left of stack ${stack}.` : `There was nothing of stack ${stack}.`);
}
