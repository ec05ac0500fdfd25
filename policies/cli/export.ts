import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packs } from "./packs";
import { Misuse, type Surroundings } from "./surroundings";

const HELP = `flink-kubernetes-policies export PACK FOLDER

Writes a policy pack (${Object.keys(packs).join(" or ")}) with all its code into a folder that is new or empty. It is a pack of yours then: change its name
or its rules' levels in policies/PACK/pack.js, and publish it:

  cd FOLDER && npm install && pulumi policy publish YOUR-ORGANISATION`;

/** The compiled code of this package, with `policies` and `components`. */
const code = path.resolve(__dirname, "..", "..");

/** `flink-kubernetes-policies export`: returns the exit code. */
export function exportPack(args: string[], { cwd, out }: Surroundings): number {
  if (args.includes("--help")) {
    out(HELP);
    return 0;
  }
  const [name, place, ...others] = args;
  if (name === undefined || place === undefined || others.length > 0) throw new Misuse(HELP);
  if (!Object.hasOwn(packs, name))
    throw new Misuse(`There is no pack ${name}: write ${Object.keys(packs).join(" or ")}.`);
  const folder = path.resolve(cwd, place);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Misuse(`${place} is not empty: name a new folder.`);
  writePack(name, folder);
  out(
    `${place} holds the pack ${packs[name]!.name}: cd ${place} && npm install && pulumi policy publish YOUR-ORGANISATION`,
  );
  return 0;
}

function writePack(name: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  // The package already has the files that Pulumi requires; only the place of the code differs.
  cpSync(path.join(code, name, "PulumiPolicy.yaml"), path.join(folder, "PulumiPolicy.yaml"));
  for (const part of ["components", "policies/core", `policies/${name}`]) {
    const filter = (file: string) => !/\.(d\.ts|js\.map)$/.test(file);
    cpSync(path.join(code, part), path.join(folder, part), { recursive: true, filter });
  }
  writeFileSync(path.join(folder, "index.js"), `require("./policies/${name}/index.js");\n`);
  const { version, license, dependencies } = JSON.parse(
    readFileSync(path.join(code, "..", "package.json"), "utf8"),
  ) as Record<string, unknown>;
  const { name: title, description } = packs[name]!;
  const manifest = {
    name: title,
    version,
    description,
    license,
    private: true,
    main: "index.js",
    dependencies,
  };
  writeFileSync(path.join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}
