// What `npm start` and its siblings run first, on a machine where nothing is installed yet: only Node's own modules here.
// Installs the dependencies of the lock file when they are not there, then hands over to local/cli.ts.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** npm writes node_modules/.package-lock.json last, so an interrupted install has none and is done again. */
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

/** What is missing, told; undefined when the commands can run. */
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

/** Runs local/cli.ts in a process of its own, and gives its exit code on. */
function runCommand() {
  // As cacheFolder in local/cache.ts, which is not loaded yet.
  const { FLINK_KUBERNETES_CACHE, XDG_CACHE_HOME } = process.env;
  const cache =
    FLINK_KUBERNETES_CACHE ||
    path.join(XDG_CACHE_HOME || path.join(os.homedir(), ".cache"), "flink-kubernetes");

  // The lock file brings a Node that the Pulumi SDK supports; a machine's own Node may be older.
  const bundledNode = path.join(root, "node_modules", ".bin", "node");
  const node = existsSync(bundledNode) ? bundledNode : process.execPath;
  const child = spawn(
    node,
    ["-r", "ts-node/register/transpile-only", path.join(root, "local", "cli.ts"), ...process.argv.slice(2)],
    {
      cwd: root,
      stdio: "inherit",
      env: {
        // Compiled code of the libraries is kept: every command and every run of the program starts sooner.
        NODE_COMPILE_CACHE: path.join(cache, "node-compile-cache"),
        // That of the compiler would be in the temporary folder.
        V8_COMPILE_CACHE_CACHE_DIR: path.join(cache, "v8-compile-cache"),
        ...process.env,
        TS_NODE_PROJECT: path.join(root, "local", "tsconfig.json"),
      },
    },
  );
  // The terminal sends Ctrl-C to the whole process group: the child decides what it means.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => (process.exitCode = signal ? 130 : (code ?? 1)));
}

// No process.exit here: it would cut off what a slow reader has not read yet.
process.stderr.on("error", () => {});
const problem = missing();
if (problem === undefined) {
  runCommand();
} else {
  console.error(problem);
  process.exitCode = 1;
}
