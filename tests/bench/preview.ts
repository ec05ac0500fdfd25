import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Pass, serve } from "../../local/direct/host";
import { runProgram } from "../../local/direct/program";
import { readStack } from "../../local/stack";
import { type Bench, type BenchContext, ratioOfMedians, secondsSince } from "./bench";

/** What one resource may cost beyond the program's start, in seconds. */
const allowedPerResource = 0.005;

/**
 * Time and memory of the program itself in a preview of the production stack: no engine, no provider, no cluster, only answers to its
 * registrations. The empty program loads the same SDKs and makes nothing.
 */
export const preview: Bench = {
  name: "preview",
  async run(ctx) {
    const ours = { ...readStack(ctx.projectDir, "prod") };
    let resources = 0;
    const empty = { ...ours, projectDir: emptyProgram(ctx) };
    const seconds = { ours: [] as number[], empty: [] as number[] };
    const cpu = { ours: [] as number[], empty: [] as number[] };
    const memory = { ours: [] as number[], empty: [] as number[] };
    // In turn, so that a slower minute of the machine meets both.
    for (let run = 1; run <= Math.max(ctx.runs, 5); run++) {
      for (const which of ["ours", "empty"] as const) {
        const usage = await previewOnce(ctx, which === "ours" ? ours : empty);
        seconds[which].push(usage.seconds);
        cpu[which].push(usage.cpuSeconds);
        memory[which].push(usage.mebibytes);
        if (which === "ours") resources = usage.resources;
      }
      ctx.say(
        `  run ${run}: ${seconds.ours.at(-1)!.toFixed(1)} s, an empty program ${seconds.empty.at(-1)!.toFixed(1)} s`,
      );
    }
    return [
      {
        name: `preview of production (${resources} resources), the program alone`,
        unit: "s",
        values: seconds.ours,
      },
      ratioOfMedians("… against an empty program", seconds.ours, seconds.empty),
      {
        name: "… against what is allowed: an empty program, a tenth more, and 5 ms a resource",
        unit: "ratio",
        aim: 1,
        values: seconds.ours.map(
          (time, run) => time / (seconds.empty[run] * 1.1 + resources * allowedPerResource),
        ),
      },
      { name: "preview, CPU time of the program", unit: "s", values: cpu.ours },
      ratioOfMedians("… against an empty program", cpu.ours, cpu.empty),
      { name: "preview, peak memory of the program", unit: "MiB", values: memory.ours },
      ratioOfMedians("… against an empty program", memory.ours, memory.empty),
    ];
  },
};

/** Takes every registration and gives its inputs back, as an engine does in a preview. */
const echo = (count: () => void): Pass => ({
  register: async (registration) => {
    count();
    return { outputs: registration.inputs };
  },
  read: async () => ({ outputs: {} }),
  invoke: (token) => {
    throw new Error(`The program calls the function ${token}, which this bench does not answer.`);
  },
});

async function previewOnce(
  ctx: BenchContext,
  program: ReturnType<typeof readStack>,
): Promise<{ seconds: number; cpuSeconds: number; mebibytes: number; resources: number }> {
  const file = path.join(ctx.scratch, "usage");
  const probe = pathToFileURL(path.join(__dirname, "usage-probe.mjs")).href;
  const lines: string[] = [];
  let resources = 0;
  const host = await serve(
    program,
    echo(() => resources++),
    () => undefined,
  );
  try {
    const start = performance.now();
    const env = { NODE_OPTIONS: `--import ${probe}`, FLINK_KUBERNETES_BENCH_USAGE: file };
    const code = await runProgram({ ...program, env }, host.address, true, ctx.signal, (line) =>
      lines.push(line),
    );
    const seconds = secondsSince(start);
    if (code !== 0) {
      const said = [...host.errors().map((error) => error.message), ...lines];
      throw new Error(
        `The program in ${program.projectDir} ended with exit code ${code}: ${said.join("\n")}`,
      );
    }
    const usage = JSON.parse(readFileSync(file, "utf8")) as NodeJS.ResourceUsage;
    const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
    return { seconds, cpuSeconds, mebibytes: usage.maxRSS / 1024, resources };
  } finally {
    host.close();
  }
}

/** A Pulumi program that makes nothing, in the same language with the same settings and SDKs. */
function emptyProgram(ctx: BenchContext): string {
  const dir = path.join(ctx.scratch, "empty");
  mkdirSync(dir);
  for (const file of ["Pulumi.yaml", "tsconfig.json"]) {
    writeFileSync(path.join(dir, file), readFileSync(path.join(ctx.projectDir, file)));
  }
  writeFileSync(path.join(dir, "package.json"), JSON.stringify({ private: true, main: "index.ts" }));
  const sdks = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random"];
  writeFileSync(path.join(dir, "index.ts"), sdks.map((sdk) => `import "${sdk}";\n`).join(""));
  symlinkSync(path.join(ctx.projectDir, "node_modules"), path.join(dir, "node_modules"));
  return dir;
}
