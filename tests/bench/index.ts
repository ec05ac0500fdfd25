import { rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { type BroughtUp, bringUpLocalNode } from "../../local/bring-up";
import { UserError } from "../../recorder/errors";
import { readOptions } from "../../cli/options";
import { scratchFolder } from "../../cli/scratch";
import { applyToRunning } from "./apply-to-running";
import type { Bench, BenchContext, Figure } from "./bench";
import { coldStart } from "./cold-start";
import { faults } from "./faults";
import { nodeStart } from "./node-start";
import { plugin } from "./plugin";
import { policies } from "./policies";
import { preview } from "./preview";
import { previewReport } from "./preview-report";
import { markdownTable, table } from "./report";
import { truth } from "./truth";
import { upgrades } from "./upgrades";
import { warmStart } from "./warm-start";

const benches: Bench[] = [
  preview,
  previewReport,
  plugin,
  policies,
  applyToRunning,
  nodeStart,
  warmStart,
  upgrades,
  faults,
  truth,
  coldStart,
];

/** `npm run bench`: runs the benches, prints a table and writes bench-results.json. Nothing here passes or fails by time. */
export async function bench(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { chosen, runs } = readArguments(args);
  let local: BroughtUp | undefined;
  const scratch = scratchFolder("bench").folder;
  const tables: string[] = [];
  const ctx: BenchContext = {
    projectDir,
    runs,
    signal,
    scratch,
    markdown: (rows) => void tables.push(markdownTable(rows)),
    say: (line) => console.error(line),
    localNode: async () => (local ??= await bringUpLocalNode(projectDir, signal)),
  };
  const results: { bench: string; load: number; seconds: number; figures: Figure[]; failed?: string }[] = [];
  try {
    for (const each of chosen) {
      signal.throwIfAborted();
      const load = os.loadavg()[0]!;
      ctx.say(`\n${each.name}${load > 1 ? ` (the machine is busy: load ${load.toFixed(1)})` : ""}`);
      const start = performance.now();
      let figures: Figure[] = [];
      let failed: string | undefined;
      try {
        figures = await each.run(ctx);
      } catch (error) {
        if (signal.aborted) throw error;
        failed = error instanceof Error ? error.message : String(error);
        ctx.say(`  failed: ${failed}`);
      }
      const seconds = Math.round((performance.now() - start) / 1000);
      results.push({ bench: each.name, load, seconds, figures, failed });
    }
    const file = path.join(projectDir, "bench-results.json");
    writeFileSync(
      file,
      JSON.stringify({ ...(await circumstances(projectDir)), runs, results }, null, 2) + "\n",
    );
    console.log(table(results));
    for (const each of tables) console.log(`\n${each}`);
    console.log(`\nAll values, and the machine they are from: ${path.basename(file)}`);
    return results.some((result) => result.failed !== undefined) ? 1 : 0;
  } finally {
    // A node that was there before is somebody's: benches that stop it start it again.
    if (local?.startedHere) await local.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readArguments(args: string[]): { chosen: Bench[]; runs: number } {
  const { values, positionals } = readOptions(
    {
      name: "bench",
      about: "Measures, prints a table and writes bench-results.json. Nothing passes or fails by time.",
      positionals: "[NAME…]",
      options: {
        cold: { type: "boolean", default: false, about: "also what begins with an empty cache" },
        runs: { type: "string", default: "3", value: "N", about: "how often each is run, from 1 to 20" },
      },
      more: [`Names: ${benches.map(({ name }) => name).join(", ")}`],
    },
    args,
  );
  const names = benches.map((each) => each.name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`There is no bench "${unknown[0]}".`, [`Use one of: ${names.join(", ")}`]);
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 20) {
    throw new UserError(`--runs is "${values.runs}", but must be a whole number from 1 to 20.`);
  }
  const chosen = benches.filter((each) =>
    positionals.length > 0 ? positionals.includes(each.name) : values.cold || !each.cold,
  );
  return { chosen, runs };
}

async function circumstances(projectDir: string): Promise<object> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { stdout, exitCode } = await execa("git", args, { cwd: projectDir, reject: false });
    return exitCode === 0 ? stdout : undefined;
  };
  return {
    date: new Date().toISOString(),
    commit: await git("rev-parse", "HEAD"),
    changedFiles: (await git("status", "--porcelain"))?.split("\n").filter(Boolean).length,
    machine: {
      cpus: os.cpus().length,
      cpu: os.cpus()[0]?.model,
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
      kernel: os.release(),
      node: process.version,
    },
  };
}
