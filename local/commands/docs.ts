import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { stagePages } from "../docs";
import { UserError } from "../../recorder/errors";
import { readOptions } from "../../cli/options";

/**
 * `npm run docs`: the Markdown of this repository as a site, in site/dist. Broken links and warnings are
 * errors.
 */
export async function docs(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const about =
    "The Markdown of this repository as a site, in site/dist. A link that leads nowhere, or a warning, fails it.";
  readOptions({ name: "docs", about, options: {} }, args);
  const site = path.join(projectDir, "site");
  const options = { cwd: site, cancelSignal: signal } as const;
  if (!isInstalled(site)) {
    console.error("Installing the site's generator, once …");
    await execa("npm", ["ci", "--ignore-scripts", "--loglevel=error"], {
      ...options,
      stdio: ["ignore", 2, 2],
    });
  }
  const count = stagePages(projectDir, path.join(site, "pages"));
  rmSync(path.join(site, "dist"), { recursive: true, force: true });
  const vitepress = path.join(site, "node_modules/vitepress/bin/vitepress.js");
  const { exitCode, all } = await execa(process.execPath, [vitepress, "build", site], {
    ...options,
    all: true,
    reject: false,
  });
  const said = stripVTControlCharacters(all);
  const warnings = said.split("\n").filter((line) => /\bwarn|\(!\)|dead link/i.test(line));
  if (exitCode !== 0 || warnings.length > 0) {
    console.error(said);
    throw new UserError("The site was not built without warnings, see above.", warnings);
  }
  console.log(`${count} pages in site/dist. To look at them: npx --prefix site vitepress preview site`);
  return 0;
}

/** Whether the last file that npm writes matches the current lock file. */
function isInstalled(site: string): boolean {
  const installed = path.join(site, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const packages = (file: string) =>
    (
      JSON.parse(readFileSync(file, "utf8")) as {
        packages: Record<string, { version?: string; optional?: boolean }>;
      }
    ).packages;
  const has = packages(installed);
  return Object.entries(packages(path.join(site, "package-lock.json"))).every(
    ([name, { version, optional }]) => name === "" || optional === true || has[name]?.version === version,
  );
}
