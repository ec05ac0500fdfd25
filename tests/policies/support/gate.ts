import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { Script } from "node:vm";
import type { Rule } from "../../../policies/core";
import type { Fixtures } from "../../../policies/core/fixtures";
import { projectDir } from "../../support/project";
import accepted from "../mutants/accepted.json";
import { type Change, changesIn } from "./operators";
import { writtenSaid, type Written } from "./said";
import { Spoken } from "./spoken";
import { textOf, World } from "./world";

/** One small error, made by an operator. */
export interface Mutant extends Change {
  /** Relative to `policies/`. */
  file: string;
}

const root = path.join(projectDir, "policies");
const folders = ["kubernetes", "flink", "core"];

/** What the engine alone runs, and what only shows: the packs' tests over the protocol are about these. */
const notHere =
  /fixtures|manifests|\/(index|pack|rules)\.ts$|core\/(serve|wire|pack|fixtures|frameworks|reference)\.ts$/;

/** The files whose code decides what the packs find. */
export function gatedFiles(): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .filter(
      (file) =>
        file.endsWith(".ts") &&
        (!notHere.test(file) || /^flink\/.+\/rules\.ts$|^kubernetes\/rbac\/rules\.ts$/.test(file)),
    )
    .sort();
}

export function allMutants(files: readonly string[] = gatedFiles()): Mutant[] {
  return files.flatMap((file) =>
    changesIn(textOf(path.join(root, file))).map((change) => ({ ...change, file })),
  );
}

/** Of how many of all errors one is tried by `npm run scoreboard`: all of them would take too long. */
export const GATE = 10;

/** One in so many of them: each decides by its own name, whatever else changes. */
export function oneIn(share: number, mutants: readonly Mutant[]): Mutant[] {
  return mutants.filter((mutant) => {
    const digest = createHash("sha256").update(nameOf(mutant)).digest();
    return digest.readUInt32BE(0) % share === 0;
  });
}

/** The name that a mutant keeps while other code changes. */
export function nameOf({ file, about }: Mutant): string {
  return `${file}: ${about}`;
}

/** Why an error that nothing catches is none, or cannot be caught, by its name. */
export const reasons: Readonly<Record<string, string>> = accepted;

const tests = path.join(projectDir, "tests", "policies");
const load = <T>(world: World, ...file: string[]) => world.load(path.join(...file)) as T;

interface Pack {
  rules: readonly Rule[];
  fixtures: Readonly<Record<string, Fixtures>>;
  said: Map<string, Written>;
}

const packs = ["kubernetes", "flink"] as const;
const written = new Map(packs.map((pack) => [pack, writtenSaid(pack)]));

function packIn(world: World, pack: (typeof packs)[number]): Pack {
  const { rules } = load<Pick<Pack, "rules">>(world, root, pack, "rules.ts");
  const { fixtures } = load<Pick<Pack, "fixtures">>(world, root, pack, "all.fixtures.ts");
  return { rules, fixtures, said: written.get(pack)! };
}

interface Touched {
  rule: Rule;
  own: Fixtures;
  /** What is written that it says. */
  written: Written;
}

/** Rules that are made with an error in what they are made of: they are other objects than without. */
function touchedBy(world: World, mutant: Mutant): Touched[] {
  const touched = packs.flatMap((name) => {
    const { rules, fixtures, said } = packIn(world, name);
    const before = packIn(World.unchanged, name).rules;
    return rules
      .filter((rule) => !before.includes(rule))
      .map((rule) => ({ rule, own: fixtures[rule.name]!, written: said.get(rule.name)! }));
  });
  const likely = [likelyRule(mutant), lastToShow.get(mutant.file)];
  return touched.sort((a, b) => Number(likely.includes(b.rule.name)) - Number(likely.includes(a.rule.name)));
}

/** Whether rules say something else of their fixtures. */
function isSaid(world: World, touched: readonly Touched[], { file }: Mutant): boolean {
  const { fixtureMistakes } = load<typeof import("./verdicts")>(world, tests, "support", "verdicts.ts");
  const { saidOf } = load<typeof import("./said")>(world, tests, "support", "said.ts");
  const found = touched.find(
    ({ rule, own, written }) => saidOf(rule, own) !== written.said || fixtureMistakes(rule, own).length > 0,
  );
  if (found) lastToShow.set(file, found.rule.name);
  return found !== undefined;
}

/** Of how many rules one is tried with each field changed, where an error is in what all of them use. */
const SHARE = 8;

/** Whether rules say something else of their fixtures when a field is not known, left out or another one. */
function isSaidOfChanges(world: World, touched: readonly Touched[], { file }: Mutant): boolean {
  const { digestsOf } = load<typeof import("./said")>(world, tests, "support", "said.ts");
  const share = file.startsWith("core/") ? SHARE : 1;
  return touched.some(({ rule, own, written }, index) => {
    if (index % share !== 0) return false;
    let at = 0;
    for (const digest of digestsOf(rule, own)) if (digest !== written.digests[at++]) return true;
    return false;
  });
}

/** Asked first, as it often shows the next error of a file, too. */
const lastToShow = new Map<string, string>();

/** The rule in whose text an error is, in a file of several. */
function likelyRule({ file, start }: Mutant): string | undefined {
  return [
    ...textOf(path.join(root, file))
      .slice(0, start)
      .matchAll(/\bname: "([a-z0-9-]+)"/g),
  ].at(-1)?.[1];
}

/** Tests of what is in `core`, in which fixtures have no part. */
const coreTests = ["core.test.ts", "choice.test.ts"];

/** Whether the fixtures, or with each field of them unknown, or the tests of `core`, catch an error. */
export async function isCaught(mutant: Mutant): Promise<boolean> {
  const file = path.join(root, mutant.file);
  const source = textOf(file);
  const code = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
  const spoken = new Spoken();
  const world = World.with({ file, code }, spoken.names);
  try {
    const touched = bounded(() => touchedBy(world, mutant));
    if (bounded(() => isSaid(world, touched, mutant))) return true;
    if (mutant.file.startsWith("core/")) {
      for (const test of coreTests) load(world, tests, test);
      await spoken.run();
    }
    return bounded(() => isSaidOfChanges(world, touched, mutant));
  } catch (error) {
    // Code that does not load, throws, or never ends is noticed by everybody. Without a change, that is a fault of the gate.
    if (mutant.text === source.slice(mutant.start, mutant.end)) throw error;
    return true;
  }
}

/** An error may make a loop endless. */
const MILLISECONDS = 60_000;
const script = new Script("globalThis.workOfTheGate()");

function bounded<T>(work: () => T): T {
  Object.assign(globalThis, { workOfTheGate: work });
  return script.runInThisContext({ timeout: MILLISECONDS }) as T;
}

/** What a whole run has come to. */
export interface GateResult {
  all: number;
  caught: number;
  /** Names of those that nothing catches. */
  survivors: string[];
}

/** Tries all errors of the gate, for minutes. */
export async function runGate(): Promise<GateResult> {
  const mutants = oneIn(GATE, allMutants());
  const survivors = (await survivorsOf(mutants)).map(nameOf);
  return { all: mutants.length, caught: mutants.length - survivors.length, survivors };
}

/** Errors that nothing catches. */
export async function survivorsOf(mutants: readonly Mutant[]): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  for (const mutant of mutants) if (!(await isCaught(mutant))) survivors.push(mutant);
  return survivors;
}
