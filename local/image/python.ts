import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cached, contentKey, type BuildContext } from "../cache";
import { UserError } from "../../recorder/errors";
import { output, run } from "../run";
import { saveLayer } from "./archive";
import { rootFileSystem } from "./root-file-system";

/** The Python version of the image's Debian. */
const python = "3.11";

/** Increase it when the code below changes the layer's content. */
const recipe = 1;

/**
 * The additions to a Flink image for jobs in Python: Python from Debian, and PyFlink with its dependencies
 * from PyPI, without Flink's own jars, which the image has. Returns the layer's folder.
 */
export async function pythonLayer(flinkVersion: string, ctx: BuildContext): Promise<string> {
  const base = await rootFileSystem(ctx);
  const key = contentKey({ base: base.digest, flinkVersion, python, recipe });
  return cached(`layer-python-${flinkVersion}`, key, ctx, async (building) => {
    const root = path.join(building, "root");
    fs.mkdirSync(root);
    ctx.report(`Python ${python}`);
    await run(ctx, "tar", ["--extract", "--file", base.tar, "--directory", root, "--numeric-owner"]);
    const since = path.join(building, "since");
    fs.writeFileSync(since, "");
    // The file system may have a coarse resolution of times.
    await sleep(20);
    await installPython(root, ctx);
    await installPyFlink(root, flinkVersion, ctx);
    // By default Python compares the times of sources. These compiled files contain the hash of their source
    // instead.
    await saveLayer(ctx, root, building, { since });
    for (const scratch of [root, since]) fs.rmSync(scratch, { recursive: true });
  });
}

/** As in debootstrap: with this machine's network, in its own mount namespace. */
async function installPython(root: string, ctx: BuildContext): Promise<void> {
  for (const file of ["etc/resolv.conf", "etc/hosts"]) fs.copyFileSync(`/${file}`, path.join(root, file));
  const install = [
    "mount -t proc proc /proc",
    "apt-get --quiet update",
    "apt-get --quiet --yes --no-install-recommends install python3 python-is-python3",
    "rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/log/* /usr/share/doc/* /usr/share/man/*",
  ];
  const env = { DEBIAN_FRONTEND: "noninteractive", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  await run(
    ctx,
    "unshare",
    [...["--mount", "--propagation", "private"], ...["chroot", root, "sh", "-c", install.join(" && ")]],
    { env },
  );
  for (const file of ["etc/resolv.conf", "etc/hosts"]) fs.rmSync(path.join(root, file));
}

async function installPyFlink(root: string, flinkVersion: string, ctx: BuildContext): Promise<void> {
  const here = (await output("python3", ["--version"])).trim();
  if (!here.startsWith(`Python ${python}.`)) {
    throw new UserError(`PyFlink is built with Python ${python}, and python3 of this machine is ${here}.`, [
      `Install Python ${python} (Debian 12 has it), or leave jobs in Python out.`,
    ]);
  }
  const target = path.join(root, "usr/local/lib", `python${python}`, "dist-packages");
  fs.mkdirSync(target, { recursive: true });
  const flags = ["--quiet", "--no-compile", "--no-cache-dir", "--prefer-binary", "--target", target];
  const install = (...wanted: string[]) => run(ctx, "python3", ["-m", "pip", "install", ...flags, ...wanted]);
  ctx.report(`PyFlink ${flinkVersion}`);
  await install("--no-deps", `apache-flink==${flinkVersion}`);
  const needed = requirements(target, "apache_flink");
  // Beam has the strictest requirements. If pip gets them with the others, it need not search for a solution.
  ctx.report(`PyFlink ${flinkVersion}: Apache Beam`);
  await install("--no-deps", ...needed.filter((one) => one.startsWith("apache-beam")));
  ctx.report(`PyFlink ${flinkVersion}: what they need`);
  const others = [...needed, ...requirements(target, "apache_beam")];
  await install(...others.filter((one) => !/^apache-(flink-libraries|beam)\b/.test(one)));
  for (const name of fs.readdirSync(path.join(target, "pyflink/bin")))
    fs.chmodSync(path.join(target, "pyflink/bin", name), 0o755);
  // The libraries' own tests are a third of their size.
  for (const library of ["numpy", "pandas", "pyarrow"])
    fs.rmSync(path.join(target, library, "tests"), { recursive: true, force: true });
  ctx.report(`PyFlink ${flinkVersion}: compiling`);
  const compile = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", root];
  // Some libraries contain files for other versions of Python.
  await run(ctx, "python3", [...compile, target]).catch(() => ctx.signal.throwIfAborted());
}

/** The requirements of a package, without extras. */
function requirements(target: string, name: string): string[] {
  const folder = fs.readdirSync(target).find((entry) => new RegExp(`^${name}-.*\\.dist-info$`).test(entry));
  return fs
    .readFileSync(path.join(target, folder!, "METADATA"), "utf8")
    .split("\n")
    .flatMap((line) => /^Requires-Dist: (.+)$/.exec(line)?.[1] ?? [])
    .filter((requirement) => !/\bextra\b *==/.test(requirement));
}
