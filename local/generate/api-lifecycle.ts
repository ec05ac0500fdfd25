import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Writes policies/kubernetes/objects/api-lifecycle.json: the first and the last minor version of Kubernetes 1
 * for each kind of each API version. Run it once for each new minor version, with the modules of all, oldest
 * first:
 *
 *     go mod download -json k8s.io/api@v0.20.6 … k8s.io/api@v0.37.2 \
 *       k8s.io/apiextensions-apiserver@v0.37.2 k8s.io/kube-aggregator@v0.37.2   (prints the folders, "Dir")
 *     npx ts-node local/generate/api-lifecycle.ts FOLDER…
 *
 * The newest module with a kind has its lifecycle (APILifecycleIntroduced, APILifecycleRemoved). A kind that
 * is missing in later modules was removed with them at the latest.
 */
export interface Lifecycle {
  /** Minor versions: the first with it, and the first without it again. */
  introduced?: number;
  removed?: number;
  /** API version to use instead, with the kind if it differs. */
  instead?: string;
}

/** By API version and kind. */
export type Lifecycles = Record<string, Record<string, Lifecycle>>;

/** Still in the modules without a mark, but no longer served, according to Kubernetes' change log. */
const notServed: Record<string, number> = { "rbac.authorization.k8s.io/v1alpha1": 22 };

const lifecycleFile = "zz_generated.prerelease-lifecycle.go";

/** The lifecycles in one module. Lists have the lifecycle of their kind, and options are not objects. */
export function readModule(folder: string): Lifecycles {
  const found: Lifecycles = {};
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (path.basename(file) !== "register.go") continue;
    const register = readFileSync(path.join(folder, file), "utf8");
    const group = /GroupName\s*=\s*"([^"]*)"/.exec(register)?.[1];
    const version = path.basename(path.dirname(file));
    const known = /AddKnownTypes\((?:SchemeGroupVersion|GroupVersion),([^)]*)\)/.exec(register)?.[1];
    if (group === undefined || known === undefined || !/^v\d/.test(version)) continue;
    const beside = path.join(folder, path.dirname(file), lifecycleFile);
    const methods = existsSync(beside) ? readMethods(readFileSync(beside, "utf8")) : {};
    const kinds = [...known.matchAll(/&(\w+)\{\}/g)].map(([, kind]) => kind!);
    found[group === "" ? version : `${group}/${version}`] = Object.fromEntries(
      kinds
        .filter((kind) => !/(List|Options)$/.test(kind))
        .map((kind) => [kind, methods[kind] ?? {}] as const),
    );
  }
  return found;
}

function readMethods(text: string): Record<string, Lifecycle> {
  const found: Record<string, Lifecycle> = {};
  const of = (kind: string) => (found[kind] ??= {});
  const times =
    /func \(in \*(\w+)\) APILifecycle(Introduced|Removed)\(\) \(major, minor int\) \{\s*return 1, (\d+)/g;
  for (const [, kind, what, minor] of text.matchAll(times)) {
    of(kind!)[what === "Introduced" ? "introduced" : "removed"] = Number(minor);
  }
  const replacements =
    /func \(in \*(\w+)\) APILifecycleReplacement\(\)[^{]*\{\s*return schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)", Kind: "([^"]*)"/g;
  for (const [, kind, group, version, other] of text.matchAll(replacements)) {
    const apiVersion = group === "" ? version! : `${group}/${version}`;
    of(kind!).instead = other === kind ? apiVersion : `${apiVersion} ${other}`;
  }
  return found;
}

/** The combined lifecycles of several minor versions. */
export function merge(modules: readonly { minor: number; kinds: Lifecycles }[]): Lifecycles {
  const all: Lifecycles = {};
  const newest = Math.max(...modules.map(({ minor }) => minor));
  const last = new Map<string, number>();
  for (const { minor, kinds } of [...modules].sort((a, b) => a.minor - b.minor)) {
    for (const [version, own] of Object.entries(kinds)) {
      for (const [kind, lifecycle] of Object.entries(own)) {
        (all[version] ??= {})[kind] = { ...lifecycle };
        last.set(`${version} ${kind}`, minor);
      }
    }
  }
  const minors = [...new Set(modules.map(({ minor }) => minor))];
  for (const [version, own] of Object.entries(all)) {
    for (const [kind, lifecycle] of Object.entries(own)) {
      const seen = last.get(`${version} ${kind}`)!;
      const gone = seen < newest ? Math.min(...minors.filter((minor) => minor > seen)) : Infinity;
      const removed = Math.min(lifecycle.removed ?? Infinity, gone, notServed[version] ?? Infinity);
      if (removed < Infinity) lifecycle.removed = removed;
      if (removed < Infinity) lifecycle.instead ??= successor(all, version, kind);
    }
  }
  for (const own of Object.values(all)) {
    for (const [kind, lifecycle] of Object.entries(own)) {
      const [version = "", other = kind] = lifecycle.instead?.split(" ") ?? [];
      // A replacement that is removed too does not help.
      if ((all[version]?.[other]?.removed ?? Infinity) <= newest || version === "") delete lifecycle.instead;
    }
  }
  return all;
}

/** The most stable version of the same kind that is not removed. */
function successor(all: Lifecycles, version: string, kind: string): string | undefined {
  const group = version.split("/").slice(0, -1).join("/");
  const others = Object.keys(all).filter(
    (other) => other.split("/").slice(0, -1).join("/") === group && all[other]?.[kind]?.removed === undefined,
  );
  return others.filter((other) => all[other]?.[kind] !== undefined && other !== version).sort()[0];
}

function main(folders: readonly string[]): void {
  if (folders.length === 0)
    throw new Error("Give the folders of the Go module k8s.io/api, and of the others.");
  const modules = folders.map((folder) => ({
    minor: Number(/@v0\.(\d+)\./.exec(path.basename(folder))?.[1]),
    kinds: readModule(folder),
  }));
  const newest = Math.max(...modules.map(({ minor }) => minor));
  // Modules other than k8s.io/api have not lost a kind, so one version is enough.
  const isApi = (folder: string) => path.basename(folder).startsWith("api@");
  const own = merge(modules.filter((_, index) => isApi(folders[index]!)));
  const others = merge(modules.filter((_, index) => !isApi(folders[index]!)));
  const lines = Object.entries({ ...own, ...others })
    .flatMap(([version, kinds]) =>
      Object.entries(kinds).map(([kind, life]) => [version, kind, life] as const),
    )
    // Kinds without an introduction or removal since the oldest module always exist.
    .filter(([, , life]) => Object.keys(life).length > 0)
    .map(([version, kind, life]) => `    ${JSON.stringify(`${version} ${kind}`)}: ${JSON.stringify(life)}`)
    .sort();
  const sources = folders
    .map((folder) => path.basename(folder))
    .filter((name) => name.includes(`@v0.${newest}.`));
  writeFileSync(
    path.join(__dirname, "../../policies/kubernetes/objects/api-lifecycle.json"),
    `{\n  "source": ${JSON.stringify(sources.map((name) => `k8s.io/${name}`).join(", "))},\n  "newest": ${newest},\n  "kinds": {\n${lines.join(",\n")}\n  }\n}\n`,
  );
}

if (require.main === module) main(process.argv.slice(2));
