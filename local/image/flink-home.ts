import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { run } from "../run";
import { saveLayer, savedLayer, type Layer } from "./archive";

/** Increase it when the code below changes the layer's content. */
const recipe = 2;

/**
 * Flink's distribution at /opt/flink, from its two Python packages: apache-flink-libraries has the jars, and
 * apache-flink the scripts and the default configuration. No package registry has the release's own archive.
 */
export async function flinkHome(version: string, ctx: BuildContext): Promise<Layer> {
  const entry = await cached(`flink-${version}`, contentKey({ version, recipe }), ctx, async (folder) => {
    const root = path.join(folder, "root");
    const home = path.join(root, "opt/flink");
    const downloads = path.join(folder, "downloads");
    fs.mkdirSync(home, { recursive: true });

    ctx.report(`Flink ${version}: downloading`);
    await download(ctx, "apache-flink", version, downloads);
    await download(ctx, "apache-flink-libraries", version, downloads);

    ctx.report(`Flink ${version}: unpacking`);
    const unpacked = path.join(folder, "unpacked");
    fs.mkdirSync(unpacked);
    for (const file of fs.readdirSync(downloads).sort()) {
      const archive = path.join(downloads, file);
      if (file.endsWith(".whl")) await run(ctx, "python3", ["-m", "zipfile", "-e", archive, unpacked]);
      else await run(ctx, "tar", ["--extract", "--file", archive, "--directory", unpacked]);
      fs.rmSync(archive);
    }
    for (const source of homeFolders(unpacked)) copyDistribution(source, home);
    for (const name of ["log", "usrlib"]) fs.mkdirSync(path.join(home, name), { recursive: true });
    makeRunnable(path.join(home, "bin"));
    checkComplete(home, version);

    await saveLayer(ctx, root, folder, { part: "opt/flink", owner: 9999 });
    for (const scratch of [root, downloads, unpacked]) fs.rmSync(scratch, { recursive: true });
  });
  return savedLayer(entry);
}

async function download(ctx: BuildContext, name: string, version: string, folder: string): Promise<void> {
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder];
  // The wheel of a fixed platform, independent of the local Python, because only its scripts and jars are
  // used.
  const wheel = ["--only-binary=:all:", "--python-version=3.11", "--platform=manylinux2014_x86_64"];
  try {
    await run(ctx, "python3", [...pip, ...wheel, `${name}==${version}`]);
  } catch {
    ctx.signal.throwIfAborted();
    // Older versions have the libraries only as a source package.
    await run(ctx, "python3", [...pip, "--no-binary=:all:", `${name}==${version}`]);
  }
}

/** Folders with parts of the distribution: `pyflink` in a wheel, `deps` in a source package. */
function homeFolders(unpacked: string): string[] {
  const candidates = [path.join(unpacked, "pyflink")];
  for (const entry of fs.readdirSync(unpacked)) candidates.push(path.join(unpacked, entry, "deps"));
  return candidates.filter((folder) => fs.existsSync(folder));
}

const parts = ["bin", "conf", "lib", "opt", "plugins", "licenses", "LICENSE", "NOTICE", "README.txt"];
/** Python's own files in these folders, and scripts for another system. */
const foreign = /(\.pyc?|\.bat|^__pycache__)$/;

function copyDistribution(source: string, home: string): void {
  for (const part of parts) {
    const from = path.join(source, part);
    if (!fs.existsSync(from)) continue;
    const filter = (file: string) => !foreign.test(path.basename(file));
    fs.cpSync(from, path.join(home, part), { recursive: true, filter });
  }
}

function makeRunnable(bin: string): void {
  for (const name of fs.readdirSync(bin)) {
    if (!name.endsWith(".jar")) fs.chmodSync(path.join(bin, name), 0o755);
  }
}

function checkComplete(home: string, version: string): void {
  const needed = [
    "bin/config.sh",
    "bin/bash-java-utils.jar",
    "conf",
    "plugins",
    `lib/flink-dist-${version}.jar`,
  ];
  const missing = needed.filter((name) => !fs.existsSync(path.join(home, name)));
  if (missing.length > 0) {
    throw new Error(
      `The Python packages of Flink ${version} lack ${missing.join(", ")}: this version cannot be put together from them. ` +
        `Versions known to work: 2.2.1, 1.20.5.`,
    );
  }
}
