import { transformSync } from "@swc/core";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { compileFunction } from "node:vm";
import { projectDir } from "../../support/project";

/** A file with other text in it than it has. */
export interface Changed {
  file: string;
  code: string;
}

type Names = Readonly<Record<string, unknown>>;
type Body = (...parameters: unknown[]) => void;

const policies = path.join(projectDir, "policies");
const tests = path.join(projectDir, "tests", "policies");

/** What tests say beside what they import. */
const spoken = ["describe", "it", "before", "beforeEach", "after", "afterEach"];

/**
 * Modules of the packs and of their tests, loaded beside those of the process. Each file is compiled once, for all worlds; a world in which a file is
 * changed loads anew only that one and what imports it, and shares the rest.
 */
export class World {
  private readonly modules = new Map<string, { exports: unknown }>();

  private constructor(
    private readonly changed?: Changed,
    private readonly rest?: World,
    private readonly names: Names = {},
  ) {}

  static readonly unchanged = new World();

  /** @param names what {@link spoken} are, for a world that loads tests. */
  static with(changed: Changed, names?: Names): World {
    return new World(changed, World.unchanged, names);
  }

  /** What a file exports. */
  load(file: string): unknown {
    if (this.rest && !importersOf(this.changed!.file).has(file)) return this.rest.load(file);
    const known = this.modules.get(file);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    this.modules.set(file, module);
    const body = this.changed?.file === file ? compile(this.changed) : compiled(file);
    const own = spoken.map((name) => this.names[name]);
    body(module.exports, this.requireIn(file), module, file, path.dirname(file), ...own);
    return module.exports;
  }

  private requireIn(file: string): (name: string) => unknown {
    const outside = createRequire(file);
    const inside = (name: string): unknown => {
      const found = importedBy(file, name);
      return found === undefined ? outside(name) : this.load(found);
    };
    return Object.assign(inside, { resolve: outside.resolve });
  }
}

const bodies = new Map<string, Body>();

function compiled(file: string): Body {
  let body = bodies.get(file);
  if (!body) bodies.set(file, (body = compile({ file, code: textOf(file) })));
  return body;
}

function compile({ file, code }: Changed): Body {
  const { code: made } = transformSync(code, {
    filename: file,
    configFile: false,
    swcrc: false,
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "commonjs", importInterop: "node" },
  });
  const parameters = ["exports", "require", "module", "__filename", "__dirname", ...spoken];
  return compileFunction(made, parameters, { filename: file }) as Body;
}

const texts = new Map<string, string>();

/** The text of a file, read once. */
export function textOf(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = readFileSync(file, "utf8")));
  return text;
}

/** The files of the packs and of their tests. */
const own: ReadonlySet<string> = new Set([
  ...readdirSync(policies)
    .filter((name) => !/\.|^(bin|node_modules)$/.test(name))
    .flatMap((name) => filesIn(path.join(policies, name))),
  ...filesIn(tests),
]);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name));
}

/** The file that a name in a file means, if it is one of these. */
function importedBy(file: string, name: string): string | undefined {
  if (!name.startsWith(".")) return undefined;
  const plain = path.resolve(path.dirname(file), name);
  return [`${plain}.ts`, path.join(plain, "index.ts")].find((found) => own.has(found));
}

/** Not what is imported for its types alone. */
const imports = /^(?:import|export)\s(?!type\b)[^;]*?from "(\.[^"]*)"/gm;

let direct: Map<string, Set<string>> | undefined;

function directImporters(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of own) {
    for (const [, name] of textOf(file).matchAll(imports)) {
      const imported = importedBy(file, name!);
      if (imported !== undefined) found.set(imported, (found.get(imported) ?? new Set()).add(file));
    }
  }
  return found;
}

const closures = new Map<string, Set<string>>();

/** A file and all that import it, by any number of steps. */
function importersOf(file: string): Set<string> {
  let all = closures.get(file);
  if (all) return all;
  direct ??= directImporters();
  all = new Set([file]);
  for (const one of all) for (const next of direct.get(one) ?? []) all.add(next);
  closures.set(file, all);
  return all;
}
