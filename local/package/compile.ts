import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { version as compilerVersion } from "typescript";
import { cached, sources } from "../cache";
import { UserError } from "../../recorder/errors";

/** The workspaces that are npm packages. */
export const packages = ["components", "policies"] as const;
export type PackageFolder = (typeof packages)[number];

/** A compilation target: an npm package, or the components alone, for the plugin. */
type Target = PackageFolder | "plugin";

/** Folders of the command in the components' npm package. */
const COMMAND = ["cli", "operations", "preview", "recorder", "policies"];

/**
 * Writes the compiled code of a package into `out`: CommonJS with types and source maps, and the data files
 * that it reads at run time. It compiles in a clean folder of the cache, once for the same sources. A build
 * beside the sources could become stale and silently take precedence over them.
 */
export async function compilePackage(
  projectDir: string,
  target: Target,
  out: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const context = { log: "", report: () => undefined, signal };
  const key = keyOf(projectDir, target);
  const folder = path.join(projectDir, target === "plugin" ? "components" : target);
  const bin = await cached(`compiled-${target}`, key, context, async (building) => {
    await compile(folder, target, building, signal);
    if (target === "plugin") copyScripts(folder, building);
    if (target === "components") {
      copyScripts(folder, path.join(building, "components"));
      cpSync(path.join(folder, "schema.json"), path.join(building, "components", "schema.json"));
      withoutTypes(building);
    }
    correctSourceMaps(building, path.join(folder, "bin"));
  });
  cpSync(bin, out, { recursive: true });
}

function keyOf(projectDir: string, target: Target): string {
  // The policies share some files with the components.
  const folders = { plugin: [], policies: ["policies"], components: COMMAND }[target];
  const inputs = ["components", ...folders].map((name) =>
    Object.entries(sources(path.join(projectDir, name))).filter(
      ([file]) => !/^(bin|node_modules)\b/.test(file),
    ),
  );
  const ofCommand = target === "components" ? ["policy-packs.ts", "local/package/tsconfig.npm.json"] : [];
  const files = ["tsconfig.json", "package-lock.json", ...ofCommand].map((file) =>
    readFileSync(path.join(projectDir, file), "utf8"),
  );
  const content = JSON.stringify([compilerVersion, inputs, files]);
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}

async function compile(folder: string, target: Target, out: string, signal: AbortSignal): Promise<void> {
  const file =
    target === "components" ? path.join(__dirname, "tsconfig.npm.json") : path.join(folder, "tsconfig.json");
  const project = ["--project", file, "--outDir", out];
  const { exitCode, all } = await execa(
    process.execPath,
    [require.resolve("typescript/lib/tsc.js"), ...project],
    { cwd: folder, reject: false, all: true, cancelSignal: signal },
  );
  if (exitCode !== 0) throw new UserError(`The package in ${folder} does not compile:\n${all}`);
}

/** Nobody imports the command's code, and its types and source maps would be half of the package. */
function withoutTypes(out: string): void {
  for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
    if (name.startsWith(`components${path.sep}`) || !/(\.d\.ts|\.js\.map)$/.test(name)) continue;
    rmSync(path.join(out, name));
  }
}

/** Scripts for the pods. The compiler copies imported JSON, but not scripts. */
function copyScripts(folder: string, out: string): void {
  const scripts = readdirSync(path.join(folder, "submitter")).filter((name) =>
    /\.(sh|awk|py|class)$/.test(name),
  );
  for (const name of scripts) {
    cpSync(path.join(folder, "submitter", name), path.join(out, "submitter", name));
  }
}

/** Source maps must refer to the sources from `bin`, the code's final folder. */
function correctSourceMaps(out: string, bin: string): void {
  const maps = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".map"),
  );
  for (const name of maps) {
    const file = path.join(out, name);
    const map = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
    const from = path.dirname(path.join(bin, name));
    map.sources = map.sources.map((source) =>
      path
        .relative(from, path.resolve(path.dirname(file), source))
        .split(path.sep)
        .join("/"),
    );
    writeFileSync(file, JSON.stringify(map));
  }
}
