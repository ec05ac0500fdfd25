import fs from "node:fs";
import path from "node:path";
import { cacheFolder, contentKey } from "../cache";
import type { Pack } from "../../cli/policies/packs";

/** Files with the packs' configuration, in the packs' order. The engine requires one for each pack. */
export function configFiles(packs: readonly Pack[]): string[] {
  return packs.map(({ name, config }) => {
    const folder = path.join(cacheFolder(), "policy-config");
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${path.basename(name)}-${contentKey({ config })}.json`);
    fs.writeFileSync(file, JSON.stringify(config, undefined, 2));
    return file;
  });
}

/** The packs as options of `pulumi preview` and `pulumi up`. */
export function packFlags(packs: readonly Pack[], projectDir: string): string[] {
  const files = configFiles(packs);
  return packs.flatMap(({ folder }, index) => [
    ...["--policy-pack", path.relative(projectDir, folder)],
    ...["--policy-pack-config", files[index]!],
  ]);
}
