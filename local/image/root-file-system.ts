import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { installPackages } from "../packages";
import { run } from "../run";
import { saveLayer, savedLayer, type Layer } from "./archive";

const suite = "bookworm";
// Beside Java: what the official images have and Flink's scripts or the launcher use.
const packages = [
  "openjdk-17-jre-headless",
  "ca-certificates",
  "ca-certificates-java",
  "curl",
  "libjemalloc2",
  "libsnappy1v5",
  "gettext-base",
];
/** Only needed to install packages, or to read about them. */
const unneeded = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "var/log",
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
];
const user = { name: "flink", id: 9999 };

/** Bump when the code below changes what the layer holds. */
const recipe = 1;

/** Debian with Java 17 and the user flink (9999): the lowest layer of the Flink image. A minute or two, once. */
export async function rootFileSystem(ctx: BuildContext): Promise<Layer> {
  const key = contentKey({ suite, packages, unneeded, user, recipe, arch: process.arch });
  const entry = await cached("root-file-system", key, ctx, async (folder) => {
    const root = path.join(folder, "root");
    await installPackages(ctx);
    ctx.report("Debian with Java 17");
    // In a mount namespace of its own: what debootstrap mounts is gone when it ends, however it ends.
    await run(ctx, "unshare", [
      ...["--mount", "--propagation", "private"],
      ...["debootstrap", "--variant=minbase", `--include=${packages.join(",")}`, suite, root],
    ]);
    finish(root);
    const as = ["--system", "--no-create-home", "--home-dir", "/opt/flink", "--shell", "/bin/bash"];
    await run(ctx, "chroot", [root, "groupadd", "--gid", String(user.id), user.name]);
    await run(ctx, "chroot", [
      ...[root, "useradd", ...as, "--uid", String(user.id), "--gid", String(user.id), user.name],
    ]);
    // Java checks the time of its module file against the one in its class data archive.
    await saveLayer(ctx, root, folder, { sameTime: false });
    fs.rmSync(root, { recursive: true });
  });
  return savedLayer(entry);
}

function finish(root: string): void {
  for (const folder of unneeded) {
    fs.rmSync(path.join(root, folder), { recursive: true, force: true });
    fs.mkdirSync(path.join(root, folder), { recursive: true });
  }
  // debootstrap leaves this machine's name and resolver there.
  for (const file of ["etc/hostname", "etc/resolv.conf"]) fs.rmSync(path.join(root, file), { force: true });
  // Where the official images have it, and where their start script looks for it.
  fs.mkdirSync(path.join(root, "opt/java"), { recursive: true });
  const java = fs.readdirSync(path.join(root, "usr/lib/jvm")).find((name) => /^java-17-openjdk-/.test(name));
  fs.symlinkSync(`/usr/lib/jvm/${java}`, path.join(root, "opt/java/openjdk"));
  const libraries = path.join(root, "usr/lib");
  for (const folder of fs.readdirSync(libraries).filter((name) => name.endsWith("-linux-gnu"))) {
    const library = path.join(libraries, folder, "libjemalloc.so");
    if (fs.existsSync(`${library}.2`)) fs.symlinkSync("libjemalloc.so.2", library);
  }
}
