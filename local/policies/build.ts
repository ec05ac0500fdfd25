import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { cacheFolder, sources, withLock } from "../cache";
import { compilePackage } from "../package/compile";

/**
 * Compiles the policy packs into policies/bin: JavaScript, and for each pack a folder with its
 * PulumiPolicy.yaml. They must be inside the project, because Pulumi looks for the SDK from a pack's folder.
 * Does nothing for unchanged sources.
 */
export async function buildPacks(projectDir: string, signal?: AbortSignal): Promise<string> {
  const folder = path.join(projectDir, "policies");
  const bin = path.join(folder, "bin");
  const stamp = path.join(bin, ".sources");
  const key = keyOf(projectDir);
  const isBuilt = () => fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === key;
  if (isBuilt()) return bin;
  const lock = createHash("sha256").update(projectDir).digest("hex").slice(0, 12);
  await withLock(
    path.join(cacheFolder(), "locks", `policies-${lock}`),
    () => undefined,
    signal,
    async () => {
      if (isBuilt()) return;
      const building = path.join(folder, "bin.building");
      fs.rmSync(building, { recursive: true, force: true });
      await compilePackage(projectDir, "policies", building, signal);
      writePacks(folder, building);
      fs.writeFileSync(path.join(building, ".sources"), key);
      fs.rmSync(bin, { recursive: true, force: true });
      fs.renameSync(building, bin);
    },
  );
  return bin;
}

/** Folders of packs in policies/: those with an index.ts that starts one. */
export function packNames(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => fs.existsSync(path.join(folder, name, "pack.ts")) && name !== "core")
    .sort();
}

function keyOf(projectDir: string): string {
  const inputs = ["core", "testing", ...packNames(path.join(projectDir, "policies"))].map((name) =>
    sources(path.join(projectDir, "policies", name)),
  );
  const shared = ["components/flink", "components/args"].map((name) => sources(path.join(projectDir, name)));
  const files = ["policies/package.json", "policies/tsconfig.json", "policies/index.ts", "tsconfig.json"].map(
    (file) => fs.readFileSync(path.join(projectDir, file), "utf8"),
  );
  return createHash("sha256")
    .update(JSON.stringify([inputs, shared, files]))
    .digest("hex");
}

/** Creates a folder for each pack from the compiled package in `out`. */
export function writePacks(folder: string, out: string): void {
  for (const name of packNames(folder)) writePack(folder, out, name);
}

/** The files that `--policy-pack` requires. The pack has the package's version. */
function writePack(folder: string, out: string, name: string): void {
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as {
    version: string;
    license: string;
  };
  const pack = path.join(out, name);
  fs.mkdirSync(pack, { recursive: true });
  const project = [
    "runtime:",
    "  name: nodejs",
    "  options:",
    "    typescript: false",
    `version: ${version}`,
    `license: ${license}`,
  ];
  fs.writeFileSync(path.join(pack, "PulumiPolicy.yaml"), `${project.join("\n")}\n`);
  const manifest = { name: `flink-kubernetes-policies-${name}`, version, private: true, main: "index.js" };
  fs.writeFileSync(path.join(pack, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  fs.writeFileSync(path.join(pack, "index.js"), `require("../policies/${name}/index.js");\n`);
}
