import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/** Differences between a folder and its expected content. */
export interface Difference {
  /** Own files with other content. */
  changed: string[];
  missing: string[];
  /** Own files without an object. */
  stale: string[];
  /** Files of others, which stay unchanged. */
  foreign: string[];
  /** Files of others at the paths of own files. */
  inTheWay: string[];
}

/** Compares without any change. Own files begin with one of our first lines. */
export function compare(
  folder: string,
  files: ReadonlyMap<string, string>,
  headers: readonly string[],
): Difference {
  const found = existing(folder);
  const difference: Difference = { changed: [], missing: [], stale: [], foreign: [], inTheWay: [] };
  for (const file of found) {
    const content = readFileSync(path.join(folder, file), "utf8");
    const wanted = files.get(file);
    const ours = headers.some((header) => content.startsWith(`${header}\n`));
    if (wanted === content) continue;
    if (wanted !== undefined) (ours ? difference.changed : difference.inTheWay).push(file);
    else (ours ? difference.stale : difference.foreign).push(file);
  }
  difference.missing = [...files.keys()].filter((file) => !found.includes(file)).sort();
  return difference;
}

/**
 * Updates the folder. Writes all files beside it first, so that an error does not change it, and moves each
 * file atomically. Files that list a folder's content are last.
 */
export function write(folder: string, files: ReadonlyMap<string, string>, { stale }: Difference): void {
  const parent = path.dirname(path.resolve(folder));
  mkdirSync(parent, { recursive: true });
  const temporary = mkdtempSync(path.join(parent, ".flink-kubernetes-render-"));
  try {
    for (const [file, content] of files) {
      mkdirSync(path.dirname(path.join(temporary, file)), { recursive: true });
      writeFileSync(path.join(temporary, file), content);
    }
    if (!existsSync(folder)) {
      renameSync(temporary, folder);
      return;
    }
    const isList = (file: string) => path.basename(file) === "kustomization.yaml";
    for (const file of [...files.keys()].sort((a, b) => Number(isList(a)) - Number(isList(b)))) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      renameSync(path.join(temporary, file), path.join(folder, file));
    }
    for (const file of stale) {
      rmSync(path.join(folder, file));
      removeIfEmpty(path.dirname(path.join(folder, file)), folder);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function removeIfEmpty(directory: string, folder: string): void {
  if (path.resolve(directory) !== path.resolve(folder) && readdirSync(directory).length === 0) {
    rmSync(directory, { recursive: true });
  }
}

/** Files below the folder, sorted, without those of version control. */
function existing(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return found
    .filter((file) => file.split(path.sep)[0] !== ".git" && statSync(path.join(folder, file)).isFile())
    .map((file) => file.split(path.sep).join("/"))
    .sort();
}
