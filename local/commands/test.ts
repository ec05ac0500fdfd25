import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";
import { bringUpLocalNode } from "../bring-up";

/** In the order they run: what needs no cluster first, and last what takes the node down. */
const SUITES = ["unit", "policies", "preview", "local", "engine", "cluster", "down"];
const NEED_NODE = ["local", "engine", "cluster", "down"];

/** Files of the cluster suite that want the node for themselves: they measure its load, or change its network. The others run two at a time. */
const ALONE = ["autoscaling", "network-policies", "scaling"];

/**
 * Runs the tests named on the command line, all of them by default. The local node is built and started when a test
 * needs it and it is not running, and stopped afterwards if this run started it.
 */
export async function test(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const files = args.length > 0 ? args : findTests(projectDir);
  let stop: (() => Promise<void>) | undefined;
  if (files.some((file) => NEED_NODE.includes(suiteOf(projectDir, file)))) {
    const local = await bringUpLocalNode(projectDir, signal);
    process.env.FLINK_KUBERNETES_TEST_KUBECONFIG = local.node.kubeconfig;
    process.env.FLINK_KUBERNETES_TEST_IMAGE = local.exampleImage;
    if (local.startedHere) stop = local.stop;
  }
  const total = { passes: 0, failures: 0, pending: 0 };
  for (const { chosen, parallel } of inGroups(projectDir, files)) {
    const stats = await runMocha(projectDir, chosen, parallel, signal);
    for (const count of ["passes", "failures", "pending"] as const) total[count] += stats[count];
  }
  await stop?.();
  console.log(`${total.passes} passed, ${total.failures} failed, ${total.pending} skipped`);
  return total.failures > 0 || total.passes === 0 ? 1 : 0;
}

/**
 * The files in their order, in groups: those that need no node, and those of the cluster suite that can share it (which mostly wait), two at a
 * time; all others one after another.
 */
function inGroups(projectDir: string, files: string[]): { chosen: string[]; parallel: boolean }[] {
  const needsNode = (file: string) => NEED_NODE.includes(suiteOf(projectDir, file));
  const isShared = (file: string) =>
    suiteOf(projectDir, file) === "cluster" && !ALONE.includes(path.basename(file, ".test.ts"));
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

function findTests(projectDir: string): string[] {
  return SUITES.flatMap((suite) => {
    const folder = path.join(projectDir, "tests", suite);
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files
      .filter((file) => file.endsWith(".test.ts"))
      .sort()
      .map((file) => path.join(folder, file));
  });
}

function runMocha(
  projectDir: string,
  files: string[],
  parallel: boolean,
  signal: AbortSignal,
): Promise<Mocha.Stats> {
  const required = ["ts-node/register/transpile-only", path.join(projectDir, "tests/support/seed.ts")];
  const workers = parallel ? { parallel, jobs: 2, require: required } : {};
  const mocha = new Mocha({ timeout: 20_000, reporter: "spec", ...workers });
  if (!parallel) mocha.addFile(required[1]);
  for (const file of files) mocha.addFile(path.resolve(projectDir, file));
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats!));
    signal.addEventListener("abort", () => runner.abort());
  });
}
