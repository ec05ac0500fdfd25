import { writeFileSync } from "node:fs";
import path from "node:path";
import { scratchFolder } from "../scratch";
import type { Pack } from "./packs";

/** Files with the packs' configuration, in the packs' order: the engine wants as many of them as packs. They go with this process. */
export function configFiles(packs: readonly Pack[]): string[] {
  const { folder } = scratchFolder("policy-config");
  return packs.map(({ config }, index) => {
    const file = path.join(folder, `${index}.json`);
    writeFileSync(file, JSON.stringify(config, undefined, 2));
    return file;
  });
}
