import { writeFileSync } from "node:fs";
import path from "node:path";
import { scratchFolder } from "../scratch";
import type { Pack } from "./packs";

/**
 * Temporary files with the packs' configuration, in the packs' order. The engine requires one for each pack.
 */
export function configFiles(packs: readonly Pack[]): string[] {
  const { folder } = scratchFolder("policy-config");
  return packs.map(({ config }, index) => {
    const file = path.join(folder, `${index}.json`);
    writeFileSync(file, JSON.stringify(config, undefined, 2));
    return file;
  });
}
