import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { compilePackage } from "./compile";
import { lockFor } from "./lock";
import { readManifest, without, writeJson } from "./manifest";
import { inferSchema } from "./schema";

/**
 * Creates the tree of a plugin's release in the folder `out`: the components' sources, their compiled code
 * with the schema, and the dependencies in their tested versions. It needs nothing else from the repository.
 */
export async function stagePlugin(projectDir: string, out: string, signal?: AbortSignal): Promise<void> {
  const { stdout } = await execa("git", ["ls-files", "-z", "components"], { cwd: projectDir });
  for (const file of stdout.split("\0").filter((name) => name !== "")) {
    const to = path.join(out, path.relative("components", file));
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(path.join(projectDir, file), to);
  }
  for (const file of ["LICENSE", "CHANGELOG.md"]) {
    copyFileSync(path.join(projectDir, file), path.join(out, file));
  }
  await compilePackage(projectDir, "plugin", path.join(out, "bin"), signal);
  writeJson(path.join(out, "bin", "schema.json"), inferSchema(projectDir));
  const { peerDependencies, ...own } = without(
    readManifest(projectDir, "components"),
    "types",
    "bin",
    "dependencies",
  );
  const { dependencies: versions = {} } = readManifest(projectDir, "");
  const dependencies = Object.fromEntries(
    Object.keys(peerDependencies ?? {}).map((name) => [name, versions[name]!]),
  );
  const manifest = { ...own, main: "bin/plugin.js", dependencies };
  writeJson(path.join(out, "package.json"), manifest);
  writeJson(path.join(out, "package-lock.json"), lockFor(projectDir, manifest));
  // Not used for compiling: Pulumi's host loads the SDK's own compiler, which does not know newer settings.
  const compilerOptions = {
    target: "es2020",
    module: "commonjs",
    moduleResolution: "node",
    resolveJsonModule: true,
    esModuleInterop: true,
    strict: true,
    outDir: "bin",
  };
  writeJson(path.join(out, "tsconfig.json"), { compilerOptions, files: ["plugin.ts"] });
}
