import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import Mocha from "mocha";
import { bringUpLocalNode } from "../bring-up";

/** In the order they run: what needs no cluster first, and last what takes the node down. */
const SUITES = ["unit", "policies", "preview", "local", "engine", "cluster", "down"];
const NEED_NODE = ["local", "engine", "cluster", "down"];

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
  const stats = await runMocha(projectDir, files, signal);
  await stop?.();
  console.log(`${stats.passes} passed, ${stats.failures} failed, ${stats.pending} skipped`);
  return stats.failures > 0 || stats.passes === 0 ? 1 : 0;
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

function runMocha(projectDir: string, files: string[], signal: AbortSignal): Promise<Mocha.Stats> {
  const mocha = new Mocha({ timeout: 20_000, reporter: "spec" });
  for (const file of ["tests/support/seed.ts", ...files]) mocha.addFile(path.resolve(projectDir, file));
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats!));
    signal.addEventListener("abort", () => runner.abort());
  });
}
