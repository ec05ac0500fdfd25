import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import ts from "typescript";
import type { Rule } from "../../../policies/core";
import type { Fixtures } from "../../../policies/core/fixtures";
import { fixtures as flinkFixtures } from "../../../policies/flink/all.fixtures";
import { fixtures as kubernetesFixtures } from "../../../policies/kubernetes/all.fixtures";
import { projectDir } from "../../support/project";
import podSecurity from "../mutants/pod-security.json";
import flink from "../mutants/flink.json";
import { fixtureMistakes } from "./verdicts";

/** One deliberate small error, as a person could make it: the first occurrence of a text in a file replaced by another. */
export interface Mutant {
  file: string;
  from: string;
  to: string;
}

/** Code that small errors are put into, and the fixtures that have to catch them. */
export interface Mutated {
  folder: string;
  /** The module and its export that has the rules. */
  module: string;
  rules: string;
  fixtures: Readonly<Record<string, Fixtures>>;
  mutants: readonly Mutant[];
}

export const mutated: Readonly<Record<"podSecurity" | "flink", Mutated>> = {
  podSecurity: {
    folder: path.join(projectDir, "policies", "kubernetes", "pod-security"),
    module: "index.ts",
    rules: "podSecurity",
    fixtures: kubernetesFixtures,
    mutants: read(podSecurity),
  },
  flink: {
    folder: path.join(projectDir, "policies", "flink"),
    module: "rules.ts",
    rules: "rules",
    fixtures: flinkFixtures,
    mutants: read(flink),
  },
};

function read(files: Record<string, string[][]>): Mutant[] {
  return Object.entries(files).flatMap(([file, errors]) =>
    errors.map(([from, to]) => ({ file: `${file}.ts`, from: from!, to: to! })),
  );
}

const survivors = new Map<Mutated, Mutant[]>();

/** The errors that the fixtures do not catch. Looked for once: the scoreboard counts them, too. */
export function survivorsOf(code: Mutated): Mutant[] {
  const found =
    survivors.get(code) ?? code.mutants.filter((mutant) => mistakesWith(code, mutant).next().done);
  survivors.set(code, found);
  return found;
}

/** What is wrong with the verdicts on the fixtures, with one error put in or with none: only as far as somebody asks. */
export function* mistakesWith(code: Mutated, mutant?: Mutant): Generator<string> {
  for (const rule of rulesWith(code, mutant)) yield* fixtureMistakes(rule, code.fixtures[rule.name]!);
}

type Loader = (module: Module, file: string) => void;

/** The rules with one error in them, or with none. Compiled in memory, apart from those that are loaded already. */
function rulesWith({ folder, module: main, rules }: Mutated, mutant?: Mutant): readonly Rule[] {
  const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
  const before = loaders[".ts"]!;
  const kept = new Map<string, NodeJS.Module>();
  for (const file of Object.keys(require.cache).filter((name) => name.startsWith(folder + path.sep))) {
    kept.set(file, require.cache[file]!);
    Reflect.deleteProperty(require.cache, file);
  }
  loaders[".ts"] = (module, file) => {
    if (!file.startsWith(folder + path.sep)) return before(module, file);
    let source = readFileSync(file, "utf8");
    if (mutant && path.relative(folder, file) === path.normalize(mutant.file)) {
      if (source.split(mutant.from).length < 2) throw new Error(`${mutant.file} has no "${mutant.from}"`);
      source = source.replace(mutant.from, () => mutant.to);
    }
    (module as unknown as { _compile(code: string, file: string): void })._compile(compiled(source), file);
  };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded anew for every error
    return (require(path.join(folder, main)) as Record<string, readonly Rule[]>)[rules]!;
  } finally {
    loaders[".ts"] = before;
    for (const file of Object.keys(require.cache).filter((name) => name.startsWith(folder + path.sep))) {
      Reflect.deleteProperty(require.cache, file);
    }
    for (const [file, module] of kept) require.cache[file] = module;
  }
}

const done = new Map<string, string>();

function compiled(source: string): string {
  let code = done.get(source);
  if (code === undefined) {
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    code = ts.transpileModule(source, { compilerOptions }).outputText;
    done.set(source, code);
  }
  return code;
}
