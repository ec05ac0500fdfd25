// The first step of `npm start` and its siblings, with Node's own modules only, because nothing may be
// installed. Installs the dependencies of the lock file if they are missing, then hands over to local/cli.ts.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * npm writes node_modules/.package-lock.json last, so an interrupted install does not have it and is
 * repeated.
 */
function dependenciesInstalled() {
  const installedLock = path.join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedLock)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  return Object.entries(wanted).every(
    ([where, entry]) =>
      !where.startsWith("node_modules/") ||
      entry.optional ||
      entry.link ||
      installed[where]?.version === entry.version,
  );
}

/** A message about missing parts; undefined if the commands can run. */
function missing() {
  if (Number(process.versions.node.split(".")[0]) < 20) {
    return `Node ${process.versions.node} is too old: install Node 20.20 or newer.`;
  }
  if (dependenciesInstalled()) return undefined;
  console.error("Installing the dependencies of package-lock.json (npm ci), once …");
  const npm = spawnSync("npm", ["ci", "--include=dev", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status === 0) return undefined;
  return "npm ci failed, see above. The package registry must be reachable; then run the same command again.";
}

/** Runs local/cli.ts in its own process, and passes on its exit code. */
function runCommand() {
  // The same as cacheFolder in local/cache.ts, which cannot be loaded yet.
  const { FLINK_KUBERNETES_CACHE, XDG_CACHE_HOME } = process.env;
  const cache =
    FLINK_KUBERNETES_CACHE ||
    path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flink-kubernetes");

  // The lock file contains a Node that the Pulumi SDK supports; the machine's own Node may be older.
  const bundledNode = path.join(root, "node_modules", ".bin", "node");
  const node = existsSync(bundledNode) ? bundledNode : process.execPath;
  const child = spawn(
    node,
    ["-r", "ts-node/register/transpile-only", path.join(root, "local", "cli.ts"), ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        // Caches compiled code of the libraries, so that every command and every run of the program starts
        // faster.
        NODE_COMPILE_CACHE: path.join(cache, "node-compile-cache"),
        // The compiler's default cache would be in the temporary folder.
        V8_COMPILE_CACHE_CACHE_DIR: path.join(cache, "v8-compile-cache"),
        ...process.env,
        TS_NODE_PROJECT: path.join(root, "local", "tsconfig.json"),
      },
    },
  );
  // The terminal sends Ctrl-C to the whole process group, and the child handles it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => (process.exitCode = signal ? 130 : (code ?? 1)));
}

// No process.exit here: it would drop output that a slow reader has not read yet.
process.stderr.on("error", () => {});
const problem = missing();
if (problem === undefined) {
  runCommand();
} else {
  console.error(problem);
  process.exitCode = 1;
}
