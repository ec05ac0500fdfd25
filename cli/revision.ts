import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { scratchFolder } from "./scratch";

export interface Checkout {
  folder: string;
  has(file: string): boolean;
  remove(): void;
}

/**
 * The project as it was in a revision, in a folder of its own that finds the dependencies of this one. Nothing of the repository changes: no branch, no
 * worktree, no index.
 */
export async function projectAt(
  projectDir: string,
  revision: string,
  signal: AbortSignal,
): Promise<Checkout | { problem: string }> {
  const git = (...args: string[]) =>
    execa("git", args, { cwd: projectDir, reject: false, cancelSignal: signal });
  const root = await git("rev-parse", "--show-toplevel");
  if (root.failed) return { problem: "this is no Git repository, so there is nothing to compare with" };
  // A name that begins with a dash is no revision, whatever git would take it for.
  const commit = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`);
  if (commit.failed) return { problem: `there is no revision ${revision} in this repository` };
  const { folder: scratch, remove } = scratchFolder("revision");
  const within = path.relative(root.stdout, projectDir);
  const archive = path.join(scratch, "revision.tar");
  const written = await git("archive", "--format=tar", `--output=${archive}`, `${commit.stdout}:${within}`);
  const folder = path.join(scratch, path.basename(projectDir));
  mkdirSync(folder);
  const unpacked = written.failed
    ? written
    : await execa("tar", ["-xf", archive, "-C", folder], { reject: false, cancelSignal: signal });
  if (unpacked.failed) {
    remove();
    signal.throwIfAborted();
    return { problem: `the revision ${revision} could not be unpacked` };
  }
  symlinkSync(path.join(projectDir, "node_modules"), path.join(folder, "node_modules"));
  return { folder, has: (file) => existsSync(path.join(folder, file)), remove };
}
