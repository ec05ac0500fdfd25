import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Pass, serve } from "../../local/direct/host";
import { runProgram } from "../../local/direct/program";
import { readStack } from "../../local/stack";
import { type Bench, type BenchContext, ratioOfMedians, secondsSince } from "./bench";

/** Time and memory of the program itself in a preview: no engine, no provider, no cluster, only answers to its registrations. */
export const preview: Bench = {
  name: "preview",
  async run(ctx) {
    const ours = { ...readStack(ctx.projectDir, "dev") };
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
      }
      ctx.say(
        `  run ${run}: ${seconds.ours.at(-1)!.toFixed(1)} s, an empty program ${seconds.empty.at(-1)!.toFixed(1)} s`,
      );
    }
    return [
      { name: "preview, the program alone", unit: "s", values: seconds.ours },
      ratioOfMedians("… against an empty program", seconds.ours, seconds.empty),
      { name: "preview, CPU time of the program", unit: "s", values: cpu.ours },
      ratioOfMedians("… against an empty program", cpu.ours, cpu.empty),
      { name: "preview, peak memory of the program", unit: "MiB", values: memory.ours },
      ratioOfMedians("… against an empty program", memory.ours, memory.empty),
    ];
  },
};

/** Takes every registration and gives its inputs back, as an engine does in a preview. */
const echo: Pass = {
  register: async (registration) => ({ outputs: registration.inputs }),
  read: async () => ({ outputs: {} }),
  invoke: (token) => {
    throw new Error(`The program calls the function ${token}, which this bench does not answer.`);
  },
};

async function previewOnce(
  ctx: BenchContext,
  program: ReturnType<typeof readStack>,
): Promise<{ seconds: number; cpuSeconds: number; mebibytes: number }> {
  const file = path.join(ctx.scratch, "usage");
  const probe = pathToFileURL(path.join(__dirname, "usage-probe.mjs")).href;
  const lines: string[] = [];
  const host = await serve(program, echo, () => undefined);
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
    return { seconds, cpuSeconds, mebibytes: usage.maxRSS / 1024 };
  } finally {
    host.close();
  }
}

/** A Pulumi program that does nothing, in the same language with the same settings. */
function emptyProgram(ctx: BenchContext): string {
  const dir = path.join(ctx.scratch, "empty");
  mkdirSync(dir);
  for (const file of ["Pulumi.yaml", "tsconfig.json"]) {
    writeFileSync(path.join(dir, file), readFileSync(path.join(ctx.projectDir, file)));
  }
  writeFileSync(path.join(dir, "package.json"), JSON.stringify({ private: true, main: "index.ts" }));
  writeFileSync(path.join(dir, "index.ts"), 'import "@pulumi/pulumi";\n');
  symlinkSync(path.join(ctx.projectDir, "node_modules"), path.join(dir, "node_modules"));
  return dir;
}
