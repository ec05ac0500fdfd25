import type { ListrTask } from "listr2";
import { type Run, engineStep, localNodeSteps, newRun, step, runSteps } from "../bring-up";
import { cacheFolder } from "../cache";
import { deploy, describeEngine, describeEvent } from "../deploy";
import { UserError } from "../../recorder/errors";
import { type FlinkPods, findRestAddress, firstLines, forgetSubmissions, reachable } from "../flink-pods";
import { runningNode } from "../node";
import { checkPlace, contextOption, readOptions, stackOption } from "../../cli/options";
import {
  type Outputs,
  type ProgramRun,
  record,
  type RunEvent,
  StackError,
  writeOutputs,
} from "../../recorder";
import { type StackSettings, readStack, standIn } from "../../cli/stack";
import { quickCompiler } from "../quick-compiler";
import { clusterOf, usesLocalImage, withBuiltImage } from "../stack";

/** A line of the hello-world example, and the name of its jar, which shows that a stack runs it. */
const GREETING = /Hello, World! \d+/;
const EXAMPLE = "/opt/flink/usrlib/hello-world.jar";

/**
 * `npm start`: from nothing to the first lines of the job, on the local node or on the cluster of
 * `--context`.
 */
export async function start(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "start",
      about: "From nothing to the first lines of the job, on the local node or on the cluster of --context.",
      options: {
        stack: stackOption,
        context: contextOption,
        outputs: { type: "string", value: "FILE", about: "writes the stack's outputs there" },
        "show-secrets": {
          type: "boolean",
          default: false,
          about: "secret outputs in clear",
          needs: "outputs",
        },
      },
    },
    args,
  );
  checkPlace("--outputs", values.outputs, "file");
  const { context } = values;
  let settings = readStack(projectDir, values.stack, standIn);
  if (context !== undefined && usesLocalImage(settings)) {
    throw new UserError(
      `Stack ${settings.stack} runs an image that only the local node has (flink-kubernetes.local/…).`,
      [
        "Build one that the cluster can pull: examples/hello-world/Dockerfile",
        `and name it in Pulumi.${settings.stack}.yaml or in a stack file of its own (cluster: image:), then use --stack.`,
      ],
    );
  }

  const run = newRun(projectDir, "start", signal);
  const target = (): { kubeconfig?: string; context?: string } =>
    context === undefined ? { kubeconfig: run.node!.kubeconfig } : { context };
  let pods: FlinkPods | undefined;
  let lines: string[] = [];
  let changes = "";
  let outputs: Outputs | undefined;
  /** Warnings of the check, which the engine's run of the program need not repeat. */
  const told = new Set<string>();
  const isExample =
    usesLocalImage(settings) && Object.values(settings.config).some((value) => value.includes(EXAMPLE));

  const tasks: ListrTask<Run>[] = [
    {
      // The deployment checks this too; this check saves waiting for a build first.
      enabled: async () => context === undefined && !(await isBuilt()),
      ...step("Checking the program and its configuration", async (c) => {
        await checkProgram({ ...settings, signal: c.signal, onEvent: warningsTo(c.report, told) });
      }),
    },
    ...(context === undefined
      ? localNodeSteps(() => clusterOf(settings).flinkVersion)
      : [
          step(`Reaching the cluster of context ${context}`, (c) => reachable({ context }, c.signal)),
          engineStep("Finding the Pulumi engine"),
        ]),
    step(`Deploying stack ${settings.stack}`, async (c) => {
      if (run.exampleImage) settings = withBuiltImage(settings, run.exampleImage);
      const { name, namespace } = clusterOf(settings);
      if (run.node?.resumed) await forgetSubmissions({ ...target(), cluster: name, namespace }, c.report);
      describeEngine(run.engine!).forEach((line) => c.report(line));
      changes = await deploy(run.engine!, settings, target(), c, {
        // A restarted node has lost its pods, including those of the deleted submissions.
        refresh: run.node?.resumed,
        told,
        onOutputs: (found) => (outputs = found),
      });
      c.report(changes);
    }),
  ];
  if (isExample) {
    tasks.push(
      step("Waiting for the first lines out of a TaskManager", async (c) => {
        const { name, namespace } = clusterOf(settings);
        pods = { ...target(), cluster: name, namespace };
        lines = await firstLines(pods, GREETING, 5, c.signal);
      }),
    );
  }
  await runSteps(tasks, run);

  console.log();
  if (lines.length > 0) console.log(`${lines.join("\n")}\n…\n`);
  if (values.outputs !== undefined && outputs !== undefined) {
    console.log(`${writeOutputs(values.outputs, outputs, { showSecrets: values["show-secrets"] })}\n`);
  }
  console.log(await whatNext(settings, context, target()));
  return 0;
}

/** Runs the program without the engine, to find its own mistakes. The engine finds others. */
async function checkProgram(program: ProgramRun): Promise<void> {
  try {
    await record({ ...program, env: quickCompiler });
  } catch (error) {
    const isLeft = error instanceof StackError && error.findings.every(({ needsEngine }) => needsEngine);
    if (!isLeft || program.signal?.aborted) throw error;
  }
}

/** If the node runs from this cache, all its parts are built. */
async function isBuilt(): Promise<boolean> {
  const node = await runningNode();
  return node !== undefined && node.kubeconfig.startsWith(cacheFolder());
}

function warningsTo(report: (line: string) => void, told: Set<string>) {
  return (event: RunEvent): void => {
    if (event.type !== "log" || event.severity !== "warning") return;
    const line = describeEvent(event)!;
    told.add(line);
    report(line);
  };
}

/** Next steps after a successful start, as commands to paste. */
async function whatNext(
  settings: StackSettings,
  context: string | undefined,
  target: { kubeconfig?: string; context?: string },
): Promise<string> {
  const { name, namespace } = clusterOf(settings);
  const local = context === undefined;
  const kubectl = local ? "npm run kubectl --" : `kubectl --context ${context}`;
  const options = [
    settings.stack === "dev" ? "" : ` --stack ${settings.stack}`,
    local ? "" : ` --context ${context}`,
  ].join("");
  const again = options === "" ? "npm start" : `npm start --${options}`;
  const down = options === "" ? "npm run down" : `npm run down --${options}`;
  const web = local
    ? `http://${await findRestAddress({ ...target, cluster: name, namespace })}`
    : `${kubectl} port-forward -n ${namespace} service/${name}-rest 8081 (then http://localhost:8081)`;
  return [
    `Web UI           ${web}`,
    `Follow the logs  ${kubectl} logs -n ${namespace} -l app.kubernetes.io/component=taskmanager --prefix -f`,
    `Watch it         ${kubectl} top pods -n ${namespace}`,
    `Scale it         ${kubectl} scale -n ${namespace} deployment/${name}-taskmanager --replicas=3`,
    `Change it        edit Pulumi.${settings.stack}.yaml, then ${again}`,
    `Take it down     ${down}`,
  ].join("\n");
}
