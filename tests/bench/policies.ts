import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildPacks, packNames } from "../../local/policies/build";
import { RunningPack, type TestResource } from "../../policies/testing";
import { type Bench, type BenchContext, type Figure, median, ratioOfMedians, secondsSince } from "./bench";
import { stacks } from "./policy-stacks";
import { realManifests } from "./real-manifests";

const counts = [50, 500, 2000];

/** What a pack took: seconds of each start, and for each size of a stack milliseconds a resource and memory. */
interface Costs {
  starts: number[];
  sizes: { count: number; alone: number[]; together: number[]; memory: number }[];
}

/** What the policy packs cost: their start against that of a pack without policies, and time and memory in stacks of three sizes. */
export const policies: Bench = {
  name: "policies",
  async run(ctx) {
    const bin = await buildPacks(ctx.projectDir, ctx.signal);
    const names = packNames(path.join(ctx.projectDir, "policies"));
    const folders = new Map([
      ["empty", emptyPack(bin)],
      ...names.map((name) => [name, path.join(bin, name)] as const),
    ]);
    const starts = await startTimes(folders, ctx);
    const empty = starts.get("empty")!;
    const figures: Figure[] = [{ name: "start of a policy pack without policies", unit: "s", values: empty }];
    const all: Record<string, Costs> = {};
    for (const name of names) {
      const own = { starts: starts.get(name)!, sizes: await sizes(name, folders.get(name)!, ctx) };
      all[name] = own;
      figures.push(...figuresOf(name, own, empty));
    }
    figures.push(
      ...(await manifestCosts(
        names.map((name) => folders.get(name)!),
        ctx,
      )),
    );
    ctx.markdown(tableOf(all, empty));
    return figures;
  },
};

/** How many manifests people have in a large folder. */
const MANIFESTS = 500;

/** All packs over the same manifests, at the same time as in an update: with their start, each resource, and the stack. */
async function manifestCosts(folders: string[], ctx: BenchContext): Promise<Figure[]> {
  const resources = await realManifests(MANIFESTS);
  const [wall, each, cpu]: number[][] = [[], [], []];
  for (let run = 1; run <= ctx.runs; run++) {
    ctx.signal.throwIfAborted();
    const start = performance.now();
    const costs = await Promise.all(folders.map((folder) => manifestCost(folder, resources)));
    wall!.push(secondsSince(start));
    each!.push(Math.max(...costs.map((cost) => cost.each)));
    cpu!.push(costs.reduce((sum, cost) => sum + cost.cpu, 0));
    ctx.say(
      `  ${MANIFESTS} manifests, all packs: ${wall!.at(-1)!.toFixed(2)} s, ${cpu!.at(-1)} ms of processor`,
    );
  }
  return [
    { name: `${MANIFESTS} real manifests, all packs, all in all`, unit: "s", values: wall!, aim: 2.5 },
    { name: "… a resource, in the slower pack", unit: "ms", values: each!, aim: 2 },
    { name: "… processor time of the packs", unit: "ms", values: cpu! },
  ];
}

/** Milliseconds a resource without the start, and milliseconds of processor time with it. */
async function manifestCost(
  folder: string,
  resources: readonly TestResource[],
): Promise<{ each: number; cpu: number }> {
  const running = await RunningPack.start(folder);
  try {
    await running.configure();
    const start = performance.now();
    await oneByOne(running, resources);
    await running.analyzeStack(resources);
    return { each: (performance.now() - start) / resources.length, cpu: processorTime(running.pid!) };
  } finally {
    await running.close();
  }
}

/** In turn, so that what else the machine does is shared by all. */
async function startTimes(
  folders: ReadonlyMap<string, string>,
  ctx: BenchContext,
): Promise<Map<string, number[]>> {
  const times = new Map([...folders.keys()].map((name): [string, number[]] => [name, []]));
  for (let run = 1; run <= Math.max(ctx.runs, 5); run++) {
    for (const [name, folder] of folders) {
      ctx.signal.throwIfAborted();
      const start = performance.now();
      const running = await RunningPack.start(folder);
      times.get(name)!.push(secondsSince(start));
      await running.close();
    }
    const shown = [...times].map(([name, list]) => `${name} ${list.at(-1)!.toFixed(2)} s`);
    ctx.say(`  run ${run}: ${shown.join(", ")}`);
  }
  return times;
}

async function sizes(name: string, folder: string, ctx: BenchContext): Promise<Costs["sizes"]> {
  const found: Costs["sizes"] = [];
  for (const count of counts) {
    const resources = stacks[name]!(count);
    const running = await RunningPack.start(folder);
    try {
      await running.configure();
      await running.analyze(resources[0]!); // what is loaded at the first request belongs to the start
      const alone: number[] = [];
      const together: number[] = [];
      for (let run = 1; run <= ctx.runs; run++) {
        ctx.signal.throwIfAborted();
        alone.push(await perResource(count, () => oneByOne(running, resources)));
        together.push(await perResource(count, () => running.analyzeStack(resources)));
      }
      ctx.say(
        `  ${name}, ${count} resources: ${median(alone).toFixed(2)} ms each by itself, ${median(together).toFixed(2)} ms each as a stack`,
      );
      found.push({ count, alone, together, memory: mebibytesOf(running.pid!) });
    } finally {
      await running.close();
    }
  }
  return found;
}

async function oneByOne(running: RunningPack, resources: readonly TestResource[]): Promise<void> {
  for (const resource of resources) await running.analyze(resource);
}

async function perResource(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / count;
}

function figuresOf(name: string, { starts, sizes: all }: Costs, empty: number[]): Figure[] {
  const [, middle, large] = all;
  return [
    { name: `start of the policy pack ${name}`, unit: "s", values: starts },
    ratioOfMedians("… against the one without policies", starts, empty, 1.3),
    ...all.flatMap(({ count, alone, together, memory }): Figure[] => [
      { name: `${name}: a resource, of ${count} (one by one)`, unit: "ms", values: alone },
      { name: `${name}: a resource, of ${count} (as a stack)`, unit: "ms", values: together },
      { name: `${name}: memory after ${count}`, unit: "MiB", values: [memory] },
    ]),
    // Linear: a resource costs no more in a large stack than in a small one.
    ratioOfMedians(
      `${name}: a resource of ${large!.count} against one of ${middle!.count}, as a stack`,
      large!.together,
      middle!.together,
      1.5,
    ),
  ];
}

function tableOf(all: Readonly<Record<string, Costs>>, empty: number[]): string[][] {
  const names = Object.keys(all);
  const row = (what: string, value: (costs: Costs) => string) => [
    what,
    ...names.map((name) => value(all[name]!)),
  ];
  const of = (what: (size: Costs["sizes"][number]) => string) => (costs: Costs) =>
    costs.sizes.map(what).join(" / ");
  const ms = (values: number[]) => median(values).toFixed(2);
  return [
    ["What", ...names.map((name) => `Pack ${name}`)],
    row("Start, against a pack without policies", ({ starts }) =>
      (median(starts) / median(empty)).toFixed(2),
    ),
    row("Start (s)", ({ starts }) => median(starts).toFixed(2)),
    row(
      `A resource by itself, in a stack of ${counts.join(" / ")} (ms)`,
      of(({ alone }) => ms(alone)),
    ),
    row(
      `A resource in the policies for whole stacks, of ${counts.join(" / ")} (ms)`,
      of(({ together }) => ms(together)),
    ),
    row(
      `Memory after a stack of ${counts.join(" / ")} (MiB)`,
      of(({ memory }) => memory.toFixed(0)),
    ),
  ];
}

function mebibytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Milliseconds that a process has computed; the kernel counts in hundredths of a second. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

/** Beside the compiled packs, as it must find the same SDK; and started as they are, which their PulumiPolicy.yaml decides. */
function emptyPack(bin: string): string {
  const folder = path.join(bin, "empty");
  mkdirSync(folder, { recursive: true });
  const project = readFileSync(path.join(bin, "kubernetes", "PulumiPolicy.yaml"));
  writeFileSync(path.join(folder, "PulumiPolicy.yaml"), project);
  writeFileSync(
    path.join(folder, "package.json"),
    '{ "name": "empty", "version": "0.0.1", "main": "index.js" }\n',
  );
  const source = 'new (require("@pulumi/policy").PolicyPack)("empty", { policies: [] });\n';
  writeFileSync(path.join(folder, "index.js"), source);
  return folder;
}
