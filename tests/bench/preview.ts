import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Responder, serve } from "../../recorder/host";
import { quickCompilerOf } from "../../local/quick-compiler";
import { runProgram } from "../../recorder/program";
import type { Registration } from "../../recorder/registration";
import { compilePackage } from "../../local/package/compile";
import { readStack } from "../../cli/stack";
import { productionArgs } from "../support/production";
import { type Bench, type BenchContext, ratioOfMedians, secondsSince } from "./bench";

type Program = ReturnType<typeof readStack>;

/** What one resource may cost beyond the program's start, in seconds. */
const allowedPerResource = 0.005;

/**
 * Time and memory of the program itself in a preview of a production cluster: no engine, no provider, no cluster, only answers to its
 * registrations. The package is what people import; this repository's own program is also translated from TypeScript each time.
 * The empty program loads the same SDKs and makes nothing. The one with the SDKs alone registers what the package registered, each
 * resource given in full: what it takes longer than the empty one is the SDKs' part, what the package takes longer than it is ours.
 */
export const preview: Bench = {
  name: "preview",
  async run(ctx) {
    const stack = { ...readStack(ctx.projectDir, "prod") };
    const packaged = { ...stack, projectDir: await packageProgram(ctx) };
    const programs = {
      package: packaged,
      "SDKs alone": { ...stack, projectDir: sdkProgram(ctx, await registrationsOf(ctx, packaged)) },
      repository: stack,
      empty: { ...stack, projectDir: emptyProgram(ctx) },
    };
    type Name = keyof typeof programs;
    const names = Object.keys(programs) as Name[];
    const usage = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Usage[]>;
    // In turn, so that a slower minute of the machine meets all.
    for (let run = 1; run <= Math.max(ctx.runs, 5); run++) {
      for (const name of names) usage[name].push(await previewOnce(ctx, programs[name]));
      const times = names.map((name) => `${name} ${usage[name].at(-1)!.seconds.toFixed(2)} s`);
      ctx.say(`  run ${run}: ${times.join(", ")}`);
    }
    const of = (name: Name, what: keyof Usage) => usage[name].map((one) => one[what]);
    const { resources } = usage.package[0]!;
    const allowed = of("empty", "seconds").map((time) => time * 1.1 + resources * allowedPerResource);
    return [
      { name: "preview of an empty program", unit: "s", values: of("empty", "seconds") },
      {
        name: `preview of a production cluster (${resources} resources)`,
        unit: "s",
        values: of("package", "seconds"),
      },
      {
        ...ratioOfMedians(
          "… against an empty program, a tenth more, and 5 ms a resource",
          of("package", "seconds"),
          allowed,
        ),
        aim: 1,
      },
      {
        name: "preview of the same resources by the SDKs alone",
        unit: "s",
        values: of("SDKs alone", "seconds"),
      },
      ratioOfMedians(
        "… the production cluster against it",
        of("package", "seconds"),
        of("SDKs alone", "seconds"),
      ),
      ratioOfMedians("… and in CPU time", of("package", "cpuSeconds"), of("SDKs alone", "cpuSeconds")),
      {
        name: "peak memory of a production cluster's preview",
        unit: "MiB",
        values: of("package", "mebibytes"),
      },
      ratioOfMedians("… against an empty program", of("package", "mebibytes"), of("empty", "mebibytes")),
      {
        name: `preview of this repository's program (${usage.repository[0]!.resources} resources)`,
        unit: "s",
        values: of("repository", "seconds"),
      },
    ];
  },
};

interface Usage {
  seconds: number;
  /** User and system, of all its threads. */
  cpuSeconds: number;
  mebibytes: number;
  resources: number;
}

/** Takes every registration and gives its inputs back, as an engine does in a preview. */
const echo = (heard: (registration: Registration) => void): Responder => ({
  register: async (registration) => {
    heard(registration);
    return { outputs: registration.inputs };
  },
  read: async () => ({ outputs: {} }),
  invoke: (token) => {
    throw new Error(`The program calls the function ${token}, which this bench does not answer.`);
  },
});

async function previewOnce(ctx: BenchContext, program: Program): Promise<Usage> {
  const file = path.join(ctx.scratch, "usage");
  const probe = pathToFileURL(path.join(__dirname, "usage-probe.mjs")).href;
  let resources = 0;
  const seconds = await run(ctx, program, () => resources++, {
    NODE_OPTIONS: `--import ${probe}`,
    FLINK_KUBERNETES_BENCH_USAGE: file,
  });
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(
    readFileSync(file, "utf8"),
  ) as NodeJS.ResourceUsage;
  return { seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, mebibytes: maxRSS / 1024, resources };
}

async function registrationsOf(ctx: BenchContext, program: Program): Promise<Registration[]> {
  const registrations: Registration[] = [];
  await run(ctx, program, (registration) => registrations.push(registration));
  return registrations;
}

/** One preview; how long the program took in seconds. */
async function run(
  ctx: BenchContext,
  program: Program,
  heard: (registration: Registration) => void,
  env: Record<string, string> = {},
): Promise<number> {
  const lines: string[] = [];
  const host = await serve(program, echo(heard), () => undefined);
  try {
    const start = performance.now();
    const code = await runProgram(
      { ...program, env: { ...quickCompilerOf(program.projectDir), ...env } },
      { monitor: host.address, engine: host.address, dryRun: true },
      ctx.signal,
      (line) => lines.push(line),
    );
    const seconds = secondsSince(start);
    if (code !== 0) {
      const said = [...host.errors().map((error) => error.message), ...lines];
      throw new Error(
        `The program in ${program.projectDir} ended with exit code ${code}: ${said.join("\n")}`,
      );
    }
    return seconds;
  } finally {
    host.close();
  }
}

/** A Pulumi program that makes nothing, with the same SDKs. */
function emptyProgram(ctx: BenchContext): string {
  const sdks = ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random"];
  return writeProgram(ctx, "empty", sdks.map((sdk) => `require("${sdk}");\n`).join(""));
}

/** A Pulumi program that makes given resources with the classes of the SDKs, with the same parents and dependencies. */
function sdkProgram(ctx: BenchContext, registrations: Registration[]): string {
  const dir = writeProgram(
    ctx,
    "sdk",
    `const pulumi = require("@pulumi/pulumi");
const kubernetes = require("@pulumi/kubernetes");
const random = require("@pulumi/random");
const made = new Map();
for (const { urn, type, name, custom, inputs, parent, dependencies } of require("./resources.json")) {
  const options = { parent: made.get(parent), dependsOn: dependencies.map((urn) => made.get(urn)) };
  made.set(
    urn,
    custom ? new (classOf(type))(name, inputs, options) : new pulumi.ComponentResource(type, name, {}, options),
  );
}

function classOf(type) {
  const [sdk, module, name] = type.split(":");
  if (sdk === "random") return random[name];
  const [group, version] = module.split("/");
  return kubernetes[group.split(".")[0]]?.[version]?.[name] ?? kubernetes.apiextensions.CustomResource;
}
`,
  );
  const [stack, ...resources] = registrations;
  if (stack?.type !== "pulumi:pulumi:Stack") {
    throw new Error(`The program's first registration is of the type ${stack?.type}, not its stack.`);
  }
  writeFileSync(path.join(dir, "resources.json"), JSON.stringify(resources));
  return dir;
}

/** A Pulumi program that imports the components as npm has them: compiled. */
async function packageProgram(ctx: BenchContext): Promise<string> {
  const dir = writeProgram(
    ctx,
    "package",
    `const { FlinkCluster } = require("./out");
new FlinkCluster("orders", ${JSON.stringify(productionArgs())});
`,
  );
  await compilePackage(ctx.projectDir, "components", path.join(dir, "out"), ctx.signal);
  return dir;
}

function writeProgram(ctx: BenchContext, name: string, text: string): string {
  const dir = path.join(ctx.scratch, name);
  mkdirSync(dir);
  writeFileSync(path.join(dir, "Pulumi.yaml"), readFileSync(path.join(ctx.projectDir, "Pulumi.yaml")));
  writeFileSync(path.join(dir, "package.json"), JSON.stringify({ private: true, main: "index.js" }));
  writeFileSync(path.join(dir, "index.js"), text);
  symlinkSync(path.join(ctx.projectDir, "node_modules"), path.join(dir, "node_modules"));
  return dir;
}
