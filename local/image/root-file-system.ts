import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { installPackages } from "../packages";
import { run } from "../run";
import { saveLayer, savedLayer, type Layer } from "./archive";

const suite = "bookworm";
// In addition to Java: programs of the official images that Flink's scripts or the launcher use.
const packages = [
  "openjdk-17-jre-headless",
  "ca-certificates",
  "ca-certificates-java",
  "curl",
  "libjemalloc2",
  "libsnappy1v5",
  "gettext-base",
];
/** Files that are only for installing packages, or documentation. */
const unneeded = [
  "var/cache/apt",
  "var/lib/apt/lists",
  "var/log",
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
];
const user = { name: "flink", id: 9999 };

/** Increase it when the code below changes the layer's content. */
const recipe = 1;

/**
 * Debian with Java 17 and the user flink (9999): the lowest layer of the Flink image. Takes a minute or two,
 * once.
 */
export async function rootFileSystem(ctx: BuildContext): Promise<Layer> {
  const key = contentKey({ suite, packages, unneeded, user, recipe, arch: process.arch });
  const entry = await cached("root-file-system", key, ctx, async (folder) => {
    const root = path.join(folder, "root");
    await installPackages(ctx);
    ctx.report("Debian with Java 17");
    // In its own mount namespace, so that debootstrap's mounts always end with it.
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
    // Java compares the time of its module file with the one in its class data archive.
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
  // debootstrap copies this machine's name and resolver.
  for (const file of ["etc/hostname", "etc/resolv.conf"]) fs.rmSync(path.join(root, file), { force: true });
  // The path in the official images, where their start script looks for it.
  fs.mkdirSync(path.join(root, "opt/java"), { recursive: true });
  const java = fs.readdirSync(path.join(root, "usr/lib/jvm")).find((name) => /^java-17-openjdk-/.test(name));
  fs.symlinkSync(`/usr/lib/jvm/${java}`, path.join(root, "opt/java/openjdk"));
  const libraries = path.join(root, "usr/lib");
  for (const folder of fs.readdirSync(libraries).filter((name) => name.endsWith("-linux-gnu"))) {
    const library = path.join(libraries, folder, "libjemalloc.so");
    if (fs.existsSync(`${library}.2`)) fs.symlinkSync("libjemalloc.so.2", library);
  }
}
