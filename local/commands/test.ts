import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import Mocha from "mocha";
import { bringUpLocalNode } from "../bring-up";
import { readOptions } from "../../cli/options";
import { helloWorldTestImage } from "../../tests/support/image";
import { type Case, slowest, soakReport } from "../test-report";

/** Suites in their order: those without a cluster first, and the one that removes the node last. */
const SUITES = ["unit", "policies", "preview", "local", "cluster", "down"];
const NEED_NODE = ["local", "cluster", "down"];

/** Files of the cluster suite that need the node alone: they measure its load or change its network. */
const ALONE = ["autoscaling", "network-policies", "scaling"];

/** The result of a test run. */
interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  cases: Case[];
  /** Seconds in the tests and hooks of each file. */
  files: Map<string, number>;
}

/** `npm test`: the tests named on the command line, by default every `*.test.ts`. */
export async function test(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const about = "Runs the tests of these files, or all. Those that need the local node bring it up.";
  const { positionals } = readOptions({ name: "test", about, positionals: "[FILE…]", options: {} }, args);
  return finish(projectDir, await run(projectDir, positionals, ".test.ts", signal));
}

/** `npm run soak`: the long matrices. `npm test` has one case of each kind. Default: every `*.soak.ts`. */
export async function soak(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const about = "Runs the long matrices of these files, or all, and writes soak-results.md.";
  const { positionals } = readOptions({ name: "soak", about, positionals: "[FILE…]", options: {} }, args);
  const outcome = await run(projectDir, positionals, ".soak.ts", signal);
  const { stdout } = await execa("git", ["describe", "--always", "--dirty"], {
    cwd: projectDir,
    reject: false,
  });
  const day = new Date().toISOString().slice(0, 10);
  const command = ["npm run soak", ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
  const heading = `\`${command}\`, ${day}, commit ${stdout ?? "unknown"}: ${closingLine(outcome)}.`;
  writeFileSync(path.join(projectDir, "soak-results.md"), soakReport(projectDir, heading, outcome.cases));
  console.log("Every case, as a table for docs/figures.md: soak-results.md");
  return finish(projectDir, outcome);
}

function finish(projectDir: string, outcome: Outcome): number {
  if (outcome.files.size > 1) {
    console.log("Slowest files:");
    for (const line of slowest(projectDir, outcome.files, 15)) console.log(line);
  }
  console.log(closingLine(outcome));
  return outcome.failed > 0 || outcome.passed === 0 ? 1 : 0;
}

function closingLine({ passed, failed, skipped }: Outcome): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Runs these files, or all with this ending. The local node is built and started when a test needs it and
 * none runs. It is stopped afterwards if this run started it.
 */
async function run(
  projectDir: string,
  args: string[],
  ending: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const files = args.length > 0 ? args : findTests(projectDir, ending);
  let stop: (() => Promise<void>) | undefined;
  if (files.some((file) => NEED_NODE.includes(suiteOf(projectDir, file)))) {
    const local = await bringUpLocalNode(projectDir, signal);
    process.env.FLINK_KUBERNETES_TEST_KUBECONFIG = local.node.kubeconfig;
    // Processes of tests live for a minute: optimising their code costs two fifths of their CPU.
    if (ending === ".test.ts") process.env.FLINK_KUBERNETES_TEST_JVM_ARGS = "-XX:TieredStopAtLevel=1";
    process.env.FLINK_KUBERNETES_TEST_IMAGE = await helloWorldTestImage("2.2.1");
    if (local.startedHere) stop = local.stop;
  }
  const outcome: Outcome = { passed: 0, failed: 0, skipped: 0, cases: [], files: new Map() };
  for (const { chosen, parallel } of inGroups(projectDir, files)) {
    await runMocha(projectDir, chosen, parallel, outcome, signal);
  }
  await stop?.();
  return outcome;
}

/**
 * The files in their order, in groups. Two at a time: those that need no node, and those of the cluster suite
 * that can share it. All others run one after another.
 */
function inGroups(projectDir: string, files: string[]): { chosen: string[]; parallel: boolean }[] {
  const needsNode = (file: string) => NEED_NODE.includes(suiteOf(projectDir, file));
  const isShared = (file: string) =>
    suiteOf(projectDir, file) === "cluster" && !ALONE.includes(path.basename(file).split(".")[0]!);
  const first = files.filter((file) => !needsNode(file));
  const shared = files.filter(isShared);
  const alone = files.filter((file) => needsNode(file) && !isShared(file));
  const before = alone.filter((file) => files.indexOf(file) < files.indexOf(shared[0] ?? ""));
  const after = alone.filter((file) => !before.includes(file));
  return [
    { chosen: first, parallel: first.length > 1 },
    { chosen: before, parallel: false },
    { chosen: shared, parallel: shared.length > 1 },
    { chosen: after, parallel: false },
  ].filter(({ chosen }) => chosen.length > 0);
}

function suiteOf(projectDir: string, file: string): string {
  return (
    path.relative(path.join(projectDir, "tests"), path.resolve(projectDir, file)).split(path.sep)[0] ?? ""
  );
}

function findTests(projectDir: string, ending: string): string[] {
  return SUITES.flatMap((suite) => {
    const folder = path.join(projectDir, "tests", suite);
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(ending))
      .sort()
      .map((file) => path.join(folder, file));
  });
}

function runMocha(
  projectDir: string,
  files: string[],
  parallel: boolean,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<void> {
  const support = ["seed", "stack-traces"].map((name) => path.join(projectDir, `tests/support/${name}.ts`));
  const required = ["ts-node/register/transpile-only", ...support];
  const workers = parallel ? { parallel, jobs: 2, require: required } : {};
  const mocha = new Mocha({ timeout: 20_000, reporter: "spec", ...workers });
  if (!parallel) for (const file of support) mocha.addFile(file);
  for (const file of files) mocha.addFile(path.resolve(projectDir, file));
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      outcome.passed += runner.stats!.passes;
      outcome.failed += runner.stats!.failures;
      outcome.skipped += runner.stats!.pending;
      resolve();
    });
    const took = ({ file = "", duration = 0 }: Mocha.Runnable) => {
      // The hooks of tests/support have no file.
      if (file !== "") outcome.files.set(file, (outcome.files.get(file) ?? 0) + duration / 1000);
    };
    const keep = (result: Case["result"]) => (each: Mocha.Runnable) => {
      const { file = "", duration = 0 } = each;
      outcome.cases.push({ file, title: each.fullTitle(), result, seconds: duration / 1000 });
    };
    runner.on("pass", keep("passed"));
    runner.on("fail", keep("failed"));
    runner.on("pending", keep("skipped"));
    runner.on("test end", took);
    runner.on("hook end", took);
    signal.addEventListener("abort", () => runner.abort());
  });
}
