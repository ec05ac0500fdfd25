import { readFileSync } from "node:fs";
import path from "node:path";
import { type Manifest, without } from "./manifest";

interface Entry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  [other: string]: unknown;
}

export interface Lock {
  name: string;
  version: string;
  lockfileVersion: number;
  requires: boolean;
  packages: Record<string, Entry>;
}

/**
 * The lock file of a standalone package, with the dependencies of this repository's lock file, which are the
 * tested versions. `given` adds packages that are not from a registry, such as tarballs.
 */
export function lockFor(projectDir: string, manifest: Manifest, given: Record<string, Entry> = {}): Lock {
  const all = JSON.parse(readFileSync(path.join(projectDir, "package-lock.json"), "utf8")) as Lock;
  const from = { ...all.packages, ...given };
  const needed = new Set<string>();
  const need = (name: string, at: string, isRequired: boolean) => {
    const place = placeOf(from, name, at);
    if (place === undefined) {
      if (isRequired)
        throw new Error(`package-lock.json has no ${name}, which ${at || manifest.name} needs.`);
      return;
    }
    if (needed.has(place)) return;
    needed.add(place);
    const entry = from[place]!;
    for (const dependency of Object.keys(entry.dependencies ?? {})) need(dependency, place, true);
    for (const dependency of Object.keys(entry.optionalDependencies ?? {})) need(dependency, place, false);
    for (const peer of Object.keys(entry.peerDependencies ?? {})) {
      if (!entry.peerDependenciesMeta?.[peer]?.optional) need(peer, place, true);
    }
  };
  for (const name of Object.keys(manifest.dependencies ?? {})) need(name, "", true);
  const { name, version, dependencies } = manifest;
  const packages = [...needed].sort().map((place) => [place, without(from[place]!, "dev")] as const);
  return {
    name,
    version,
    lockfileVersion: all.lockfileVersion,
    requires: true,
    packages: { "": { name, version, dependencies }, ...Object.fromEntries(packages) },
  };
}

/** Node's lookup of a package: in its own node_modules, then in those of parent folders. */
function placeOf(packages: Record<string, Entry>, name: string, at: string): string | undefined {
  for (let folder = at; ;) {
    const place = path.posix.join(folder, "node_modules", name);
    if (packages[place] && !packages[place].link) return place;
    if (folder === "") return undefined;
    folder = folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0));
  }
}
