import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { compilePackage } from "./compile";
import { lockFor } from "./lock";
import { readManifest, without, writeJson } from "./manifest";
import { inferSchema } from "./schema";

/**
 * The tree of a plugin's release, in the folder `out` that is made here: the components' sources, their compiled code with its schema, and the
 * dependencies in the versions that the tests ran with. It needs nothing else of the repository.
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
  // Nothing is compiled from it: Pulumi's host loads the compiler that comes with the SDK, which knows no newer settings.
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
