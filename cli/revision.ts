import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, realpathSync, symlinkSync } from "node:fs";
import path from "node:path";
import { scratchFolder } from "./scratch";

export interface Checkout {
  /** The project in it. */
  folder: string;
  remove(): void;
}

/**
 * Checks out a revision into a separate folder, with access to the packages that are installed here. The
 * repository does not change: no branch, no worktree, no index. The folder contains the whole repository,
 * because a project may use files outside of its folder.
 */
export async function projectAt(
  projectDir: string,
  revision: string,
  signal: AbortSignal,
): Promise<Checkout | { problem: string }> {
  const run = (command: string, ...args: string[]) => output(command, args, projectDir, signal);
  const root = await run("git", "rev-parse", "--show-toplevel");
  if (root === undefined)
    return { problem: "this is no Git repository, so there is nothing to compare with" };
  // A name that begins with a dash is not a revision, but git would read it as an option.
  const commit = await run(
    "git",
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  );
  if (commit === undefined) return { problem: `there is no revision ${revision} in this repository` };
  const { folder: scratch, remove } = scratchFolder("revision");
  const archive = path.join(scratch, "revision.tar");
  const checkout = path.join(scratch, path.basename(root));
  mkdirSync(checkout);
  // From the top folder, because git archives only the current folder.
  const unpacked =
    (await output("git", ["archive", "--format=tar", `--output=${archive}`, commit], root, signal)) !==
      undefined && (await run("tar", "-xf", archive, "-C", checkout)) !== undefined;
  if (!unpacked) {
    remove();
    signal.throwIfAborted();
    return { problem: `the revision ${revision} could not be unpacked` };
  }
  const within = path.relative(realpathSync(root), realpathSync(projectDir));
  const folder = path.join(checkout, within);
  mkdirSync(folder, { recursive: true });
  for (let at = within; ; at = path.dirname(at)) {
    linkModules(root, checkout, at === "." ? "" : at);
    if (at === "" || at === ".") break;
  }
  linkModulesAbove(root, scratch);
  return { folder, remove };
}

/** Makes packages that are installed above the repository available to the checkout. */
function linkModulesAbove(root: string, scratch: string): void {
  for (let at = path.dirname(root); ; at = path.dirname(at)) {
    const modules = path.join(at, "node_modules");
    if (existsSync(modules)) return symlinkSync(modules, path.join(scratch, "node_modules"));
    if (path.dirname(at) === at) return;
  }
}

/**
 * Links the installed packages of a folder. Links into the repository, such as workspaces, lead to the
 * revision.
 */
function linkModules(root: string, checkout: string, folder: string): void {
  const modules = path.join(root, folder, "node_modules");
  const place = path.join(checkout, folder, "node_modules");
  if (!existsSync(modules) || existsSync(place)) return;
  if (!hasLinksInto(root, modules)) {
    symlinkSync(modules, place);
    return;
  }
  mkdirSync(place, { recursive: true });
  for (const name of packagesIn(modules)) {
    const at = path.join(modules, name);
    const link = path.join(place, name);
    mkdirSync(path.dirname(link), { recursive: true });
    const own = workspaceOf(root, at);
    const there = own === undefined ? undefined : path.join(checkout, own);
    symlinkSync(there !== undefined && existsSync(there) ? there : at, link);
  }
}

function hasLinksInto(root: string, modules: string): boolean {
  return packagesIn(modules).some((name) => workspaceOf(root, path.join(modules, name)) !== undefined);
}

function packagesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(path.join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/**
 * The repository path of a link's target in node_modules, unless the target is an installed package, as in
 * pnpm.
 */
function workspaceOf(root: string, link: string): string | undefined {
  let target: string;
  try {
    target = path.resolve(path.dirname(link), readlinkSync(link));
  } catch {
    return undefined; // not a link
  }
  const within = path.relative(root, target);
  const isInside = within !== "" && !within.startsWith("..") && !path.isAbsolute(within);
  return isInside && !within.split(path.sep).includes("node_modules") ? within : undefined;
}

/** A command's output; undefined if it fails. */
function output(
  command: string,
  args: string[],
  cwd: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, signal, encoding: "utf8" }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    );
  });
}
