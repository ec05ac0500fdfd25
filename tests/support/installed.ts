import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import type { PackageFolder } from "../../local/package/compile";
import { packStaged, stagePackage } from "../../local/package/stage";
import { projectDir } from "./project";

/** An npm package of this project as a user gets it, beside the packages that it depends on. */
export interface InstalledPackage {
  folder: string;
  remove(): void;
}

/** Packs a workspace as it is released, and unpacks it into a folder of its own. */
export async function installPackage(workspace: PackageFolder): Promise<InstalledPackage> {
  const folder = mkdtempSync(path.join(os.tmpdir(), `flink-kubernetes-${workspace}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const staged = path.join(folder, "staged");
    await stagePackage(projectDir, workspace, staged);
    const { file } = await packStaged(staged, folder);
    const modules = path.join(folder, "app", "node_modules");
    mkdirSync(modules, { recursive: true });
    await execa("tar", ["xzf", file, "-C", modules]);
    renameSync(path.join(modules, "package"), path.join(modules, workspace));
    symlinkSync(path.join(projectDir, "node_modules"), path.join(folder, "node_modules"));
    return { folder: path.join(modules, workspace), remove };
  } catch (error) {
    remove();
    throw error;
  }
}
