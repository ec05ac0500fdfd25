import { copyFileSync, cpSync, mkdirSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { writePacks } from "../policies/build";
import { compilePackage, type PackageFolder } from "./compile";
import { readManifest, without, writeJson } from "./manifest";

/** Creates a package in its published form in the folder `out`. */
export async function stagePackage(
  projectDir: string,
  folder: PackageFolder,
  out: string,
  signal?: AbortSignal,
): Promise<void> {
  mkdirSync(out, { recursive: true });
  const bin = path.join(out, "bin");
  await compilePackage(projectDir, folder, bin, signal);
  if (folder === "policies") {
    writePacks(path.join(projectDir, folder), bin);
    // Links in messages lead to the pages in the package.
    cpSync(path.join(projectDir, "docs", "policies"), path.join(out, "docs", "policies"), {
      recursive: true,
    });
  }
  copyFileSync(path.join(projectDir, folder, "README.md"), path.join(out, "README.md"));
  for (const file of ["CHANGELOG.md", "LICENSE"]) {
    copyFileSync(path.join(projectDir, file), path.join(out, file));
  }
  // Private in the repository, so that nobody publishes it without its compiled code.
  const manifest = without(readManifest(projectDir, folder), "private", "scripts");
  writeJson(path.join(out, "package.json"), manifest);
}

export interface Tarball {
  name: string;
  version: string;
  /** Path of the file. */
  file: string;
  integrity: string;
  /** Every file in it. */
  files: string[];
}

/** Creates the tarball of a staged package in the folder `into`. */
export async function packStaged(staged: string, into: string, signal?: AbortSignal): Promise<Tarball> {
  const { stdout } = await execa(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", into],
    { cwd: staged, cancelSignal: signal },
  );
  const [{ name, version, filename, integrity, files }] = JSON.parse(stdout) as [
    { name: string; version: string; filename: string; integrity: string; files: { path: string }[] },
  ];
  const list = files.map((entry) => entry.path);
  return { name, version, file: path.join(into, filename), integrity, files: list };
}
