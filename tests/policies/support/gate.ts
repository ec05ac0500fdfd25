import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import ts from "typescript";
import type { Rule } from "../../../policies/core";
import type { Fixtures } from "../../../policies/core/fixtures";
import { projectDir } from "../../support/project";
import accepted from "../mutants/accepted.json";
import { type Change, changesIn } from "./operators";

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
    changesIn(readFileSync(path.join(root, file), "utf8")).map((change) => ({ ...change, file })),
  );
}

/** Of how many of all errors one is in the gate: each decides by its own name, whatever else changes. */
export const GATE = 8;

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

type Loader = (module: Module, file: string) => void;
const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;

const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
};
const compiled = new Map<string, string>();

function codeOf(file: string, mutant?: Mutant): string {
  const source = readFileSync(file, "utf8");
  if (mutant && file === path.join(root, mutant.file)) {
    const changed = source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
    return ts.transpileModule(changed, { compilerOptions }).outputText;
  }
  let code = compiled.get(file);
  if (code === undefined)
    compiled.set(file, (code = ts.transpileModule(source, { compilerOptions }).outputText));
  return code;
}

/** Modules loaded anew with an error in one of them: all that `isAnew` names, and none of them stays. */
function withError<T>(mutant: Mutant | undefined, isAnew: (file: string) => boolean, use: () => T): T {
  const before = loaders[".ts"]!;
  const kept = new Map<string, NodeJS.Module>();
  const forget = () => {
    for (const file of Object.keys(require.cache).filter(isAnew)) Reflect.deleteProperty(require.cache, file);
  };
  for (const file of Object.keys(require.cache).filter(isAnew)) kept.set(file, require.cache[file]!);
  forget();
  loaders[".ts"] = (module, file) => {
    if (!isAnew(file)) return before(module, file);
    (module as unknown as { _compile(code: string, file: string): void })._compile(
      codeOf(file, mutant),
      file,
    );
  };
  try {
    return use();
  } finally {
    loaders[".ts"] = before;
    forget();
    for (const [file, module] of kept) require.cache[file] = module;
  }
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded anew for every error */
function packOf(folder: string): { rules: readonly Rule[]; fixtures: Readonly<Record<string, Fixtures>> } {
  const { rules } = require(path.join(root, folder, "rules")) as { rules: readonly Rule[] };
  const { fixtures } = require(path.join(root, folder, "all.fixtures")) as ReturnType<typeof packOf>;
  return { rules, fixtures };
}

const judging = path.join(projectDir, "tests", "policies", "support");

function isCaughtBy(
  rules: readonly Rule[],
  fixtures: Readonly<Record<string, Fixtures>>,
  unknowns: boolean,
): boolean {
  const { fixtureMistakes } = require(path.join(judging, "verdicts")) as typeof import("./verdicts");
  const { unknownMistakes } = require(path.join(judging, "unknowns")) as typeof import("./unknowns");
  return rules.some((rule) => {
    const own = fixtures[rule.name];
    if (own === undefined) return false;
    if (!unknowns) return fixtureMistakes(rule, own).length > 0;
    return unknownMistakes(rule, [...own.fails, ...own.passes]).mistakes.length > 0;
  });
}

/** Rules that a file itself makes, with the error in it, beside everything else as it is. */
function ownRules(mutant: Mutant): Rule[] {
  const file = path.join(root, mutant.file);
  const made = withError(
    mutant,
    (name) => name === file,
    () => require(file) as Record<string, unknown>,
  );
  return Object.values(made)
    .flat()
    .filter((one): one is Rule => typeof one === "object" && one !== null && "check" in one && "why" in one);
}
/* eslint-enable @typescript-eslint/no-require-imports */

/** Whether the fixtures, or with each field of them unknown, or the tests of `core`, catch an error. */
export function isCaught(mutant: Mutant): boolean {
  const [folder] = mutant.file.split("/") as [string];
  try {
    if (folder !== "core") {
      const { fixtures } = packOf(folder);
      const own = ownRules(mutant);
      if (isCaughtBy(own, fixtures, false)) return true;
      const isAnew = (file: string) => file.startsWith(path.join(root, folder) + path.sep);
      const isFound = withError(mutant, isAnew, () => isCaughtBy(packOf(folder).rules, fixtures, false));
      return isFound || isCaughtBy(own, fixtures, true);
    }
    const isAnew = (file: string) =>
      file.startsWith(root + path.sep) ||
      file.startsWith(path.join(judging, "verdicts")) ||
      file.startsWith(path.join(judging, "unknowns.ts"));
    const isFound = withError(mutant, isAnew, () =>
      ["kubernetes", "flink"].some((name) => {
        const { rules, fixtures } = packOf(name);
        return isCaughtBy(rules, fixtures, false);
      }),
    );
    return isFound || !passes(mutant);
  } catch {
    // Code that does not load, or throws, is noticed by everybody.
    return true;
  }
}

/** Whether the tests of `core` pass with an error in it: in a process of their own, as they cannot be loaded twice. */
function passes(mutant: Mutant): boolean {
  try {
    execFileSync(
      process.execPath,
      [
        // Without the usual files, of which mocha would load TypeScript's only behind this one.
        ...[require.resolve("mocha/bin/mocha.js"), "--no-config", "--bail", "--timeout", "60000"],
        ...["--require", "ts-node/register/transpile-only", "--require", path.join(judging, "mutate.ts")],
        ...["core.test.ts", "choice.test.ts"].map((file) => path.join(projectDir, "tests", "policies", file)),
      ],
      {
        cwd: projectDir,
        stdio: "ignore",
        timeout: 120_000,
        env: { ...process.env, MUTANT: JSON.stringify(mutant) },
      },
    );
    return true;
  } catch {
    return false;
  }
}

/** What a whole run has come to. */
export interface GateResult {
  all: number;
  caught: number;
  /** Names of those that nothing catches. */
  survivors: string[];
}

/** Tries all errors of the gate, for minutes. */
export function runGate(): GateResult {
  const mutants = oneIn(GATE, allMutants());
  const survivors = survivorsOf(mutants).map(nameOf);
  return { all: mutants.length, caught: mutants.length - survivors.length, survivors };
}

/** Errors that nothing catches. */
export function survivorsOf(mutants: readonly Mutant[]): Mutant[] {
  return mutants.filter((mutant) => !isCaught(mutant));
}
