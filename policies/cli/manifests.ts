import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
} from "yaml";
import type { StackResourceInput } from "../core/stack";
import type { Key } from "../core/value";

/** A Kubernetes object in a file. */
export interface Manifest {
  input: StackResourceInput;
  /** `Deployment shop/web`. */
  object: string;
  file: string;
  /** Line and column of a place in it, or of the nearest existing place around it. Both begin with 1. */
  at(keys: readonly Key[]): { line: number; column: number };
}

export interface Manifests {
  all: Manifest[];
  /** Files, or parts of them, that could not be read: `web.yaml:3:1: what is wrong`. */
  problems: string[];
}

/**
 * All objects in a folder with its subfolders, in a file, or for `-` in `input`. File names are relative to
 * `cwd`.
 */
export function readManifests(places: readonly string[], cwd: string, input: () => string): Manifests {
  const found: Manifests = { all: [], problems: [] };
  for (const place of places) {
    if (place === "-") addText(found, "stdin", input());
    else
      for (const file of filesIn(path.resolve(cwd, place)))
        addText(found, nameOf(cwd, file), readFileSync(file, "utf8"));
  }
  return found;
}

function nameOf(cwd: string, file: string): string {
  return path.relative(cwd, file).split(path.sep).join("/");
}

/** A named file is always read. In folders only manifests are, without hidden or installed files. */
function filesIn(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place];
  return readdirSync(place, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(place, entry.name);
      if (entry.isDirectory()) return filesIn(file);
      return entry.isFile() && /\.(ya?ml|json)$/i.test(entry.name) ? [file] : [];
    });
}

function addText(found: Manifests, file: string, text: string): void {
  const lines = new LineCounter();
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  for (const document of parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })) {
    const [error] = document.errors;
    if (error) {
      const { line, column } = placeAt(error.pos[0]);
      found.problems.push(`${file}:${line}:${column}: ${error.message}`);
      continue;
    }
    for (const { keys, value } of objectsIn(plain(document), [])) {
      const at = (inside: readonly Key[]) => placeAt(offsetOf(document, [...keys, ...inside]));
      found.all.push({ ...described(value, found.all.length), file, at });
    }
  }
}

type Plain = Record<string, unknown>;

function plain(document: Document.Parsed): unknown {
  // Aliases must not expand a small file until it fills the memory.
  return document.toJS({ maxAliasCount: 1000 });
}

/** The objects of a document: itself, or the items of a list. Ignores other data. */
function objectsIn(value: unknown, keys: Key[]): { keys: Key[]; value: Plain }[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const { apiVersion, kind, items } = value as Plain;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return [];
  if (kind.endsWith("List") && Array.isArray(items))
    return items.flatMap((item, index) => objectsIn(item, [...keys, "items", index]));
  return [{ keys, value: value as Plain }];
}

function described(props: Plain, index: number): { input: StackResourceInput; object: string } {
  const apiVersion = props.apiVersion as string;
  const kind = props.kind as string;
  const { name, namespace } = (props.metadata ?? {}) as Plain;
  const own = typeof name === "string" ? name : "unnamed";
  const full = typeof namespace === "string" ? `${namespace}/${own}` : own;
  const type = `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
  // Two files may contain the same object, such as variants.
  const urn = `urn:pulumi:check::check::${type}::${full}#${index}`;
  return { input: { type, props, urn, name: own }, object: `${kind} ${full}` };
}

/** The position of a place. Uses the key, because the value may begin on the next line. */
function offsetOf(document: Document.Parsed, keys: readonly Key[]): number {
  let at: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of keys) {
    if (isAlias(at)) at = at.resolve(document);
    if (isMap(at)) {
      const pair = at.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) break;
      offset = (pair.key as Scalar).range?.[0] ?? offset;
      at = pair.value;
    } else if (isSeq(at) && typeof key === "number") {
      at = at.items[key];
      offset = isNode(at) ? (at.range?.[0] ?? offset) : offset;
    } else break;
  }
  return offset;
}
