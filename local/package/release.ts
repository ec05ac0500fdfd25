import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { UserError } from "../../recorder/errors";
import { scratchFolder } from "../../cli/scratch";
import { packages } from "./compile";
import { readManifest } from "./manifest";
import { stagePlugin } from "./plugin";

/**
 * Creates the tag of a release in the repository of `projectDir`. Its commit follows the checked out one, and
 * its tree is the plugin, for `pulumi package add`. Neither the branch nor the working tree changes.
 */
export async function tagRelease(projectDir: string, version: string, signal?: AbortSignal): Promise<string> {
  const tag = `v${version}`;
  const scratch = scratchFolder("release");
  const git = async (args: string[], env?: NodeJS.ProcessEnv) =>
    (await execa("git", args, { cwd: projectDir, env, cancelSignal: signal })).stdout;
  try {
    const problems = await obstacles(projectDir, version, git);
    if (problems.length > 0) throw new UserError(`Release ${version} cannot be made:`, problems);
    const staged = path.join(scratch.folder, "plugin");
    await stagePlugin(projectDir, staged, signal);
    const ownIndex = { GIT_INDEX_FILE: path.join(scratch.folder, "index") };
    await git(["--work-tree", staged, "add", "--all", "--force", "."], ownIndex);
    const tree = await git(["write-tree"], ownIndex);
    const message = `flink-kubernetes ${version}, the plugin`;
    const commit = await git(["commit-tree", tree, "-p", "HEAD", "-m", message]);
    await git(["tag", "--annotate", tag, commit, "-m", message]);
    return tag;
  } finally {
    scratch.remove();
  }
}

async function obstacles(
  projectDir: string,
  version: string,
  git: (args: string[]) => Promise<string>,
): Promise<string[]> {
  const found: string[] = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    found.push(`"${version}" is not a version such as 1.2.0 or 1.2.0-beta.1.`);
  }
  for (const folder of packages) {
    const own = readManifest(projectDir, folder).version;
    if (own !== version) found.push(`${folder}/package.json says ${own}: write ${version} there.`);
  }
  const changes = readFileSync(path.join(projectDir, "CHANGELOG.md"), "utf8").split("\n");
  if (!changes.includes(`## ${version}`)) found.push(`CHANGELOG.md has no heading "## ${version}".`);
  if ((await git(["status", "--porcelain"])) !== "") found.push("There are changes that are not committed.");
  if ((await git(["tag", "--list", `v${version}`])) !== "")
    found.push(`The tag v${version} is there already.`);
  return found;
}
