import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder, withLock, type BuildContext } from "./cache";
import { capture, run } from "./run";

/** Debian packages for the node and the image build, by a file of each. */
const packages: Record<string, string> = {
  runc: "/usr/sbin/runc",
  "containernetworking-plugins": "/usr/lib/cni/bridge",
  iptables: "/usr/sbin/iptables",
  iproute2: "/usr/sbin/ip",
  debootstrap: "/usr/sbin/debootstrap",
  "util-linux": "/usr/bin/nsenter",
  openssl: "/usr/bin/openssl",
};

/** The packages that this machine does not have. */
export function missingPackages(): string[] {
  return Object.keys(packages).filter((name) => !fs.existsSync(packages[name]));
}

/** Installs missing packages. Refreshes the package lists only if apt does not know a name. */
export async function installPackages(ctx: BuildContext): Promise<void> {
  if (missingPackages().length === 0) return;
  const lock = path.join(cacheFolder(), "locks", "packages");
  await withLock(
    lock,
    () => undefined,
    ctx.signal,
    () => install(ctx, missingPackages()),
  );
}

async function install(ctx: BuildContext, missing: string[]): Promise<void> {
  if (missing.length === 0) return;
  ctx.report(`installing ${missing.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const known = await capture("apt-get", ["install", "--simulate", "--no-install-recommends", ...missing]);
  if (known.code !== 0) await run(ctx, "apt-get", ["update"], { env });
  const wanted = ["install", "--yes", "--no-install-recommends", ...missing];
  try {
    await run(ctx, "apt-get", wanted, { env });
  } catch (error) {
    ctx.signal.throwIfAborted();
    // Old lists contain versions that the archive no longer has.
    await run(ctx, "apt-get", ["update"], { env });
    await run(ctx, "apt-get", wanted, { env }).catch(() => {
      throw error;
    });
  }
}
