import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { writeJson } from "../../local/package/manifest";
import { stagePlugin } from "../../local/package/plugin";
import { portOf, runPlugin } from "../unit/package/support";
import { type Bench, type BenchContext, ratioOfMedians, secondsSince } from "./bench";

/**
 * What every preview and update of a program in another language waits for: from the start of the plugin's process, as released, to the line with its port. Beside it a
 * provider with no components, started the same way, and Node alone.
 */
export const plugin: Bench = {
  name: "plugin",
  async run(ctx) {
    const released = path.join(ctx.scratch, "plugin");
    await stagePlugin(ctx.projectDir, released, ctx.signal);
    symlinkSync(path.join(ctx.projectDir, "node_modules"), path.join(released, "node_modules"));
    const empty = emptyProvider(ctx);
    const [plugins, empties, nodes]: [number[], number[], number[]] = [[], [], []];
    // In turn, so that a slower minute of the machine meets all.
    for (let run = 1; run <= Math.max(ctx.runs, 5); run++) {
      plugins.push(await started(ctx, released));
      empties.push(await started(ctx, empty));
      const start = performance.now();
      await execa(process.execPath, ["-e", "0"]);
      nodes.push(secondsSince(start));
      const times = [plugins, empties, nodes].map((values) => `${values.at(-1)!.toFixed(2)} s`);
      ctx.say(`  run ${run}: plugin ${times[0]}, empty provider ${times[1]}, node alone ${times[2]}`);
    }
    return [
      { name: "start of the plugin, to its port", unit: "s", values: plugins },
      { name: "start of an empty provider", unit: "s", values: empties },
      ratioOfMedians("… the plugin against it", plugins, empties),
      ratioOfMedians("… the plugin against node -e 0", plugins, nodes),
    ];
  },
};

async function started(ctx: BenchContext, folder: string): Promise<number> {
  const start = performance.now();
  // It talks to an engine only when it is asked for something.
  const child = spawn(
    process.execPath,
    runPlugin(folder, path.join(ctx.projectDir, "node_modules"), "127.0.0.1:1"),
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TS_NODE_PROJECT: undefined },
    },
  );
  try {
    await portOf(child);
    return secondsSince(start);
  } finally {
    child.kill();
  }
}

function emptyProvider(ctx: BenchContext): string {
  const folder = path.join(ctx.scratch, "empty-provider");
  mkdirSync(folder);
  writeJson(path.join(folder, "package.json"), { name: "empty", version: "1.0.0", main: "index.js" });
  writeFileSync(
    path.join(folder, "index.js"),
    `const pulumi = require("@pulumi/pulumi");\npulumi.provider.main({ version: "1.0.0", schema: "{}" }, process.argv.slice(2));\n`,
  );
  symlinkSync(path.join(ctx.projectDir, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}
