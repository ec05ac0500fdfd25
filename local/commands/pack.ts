import { mkdirSync } from "node:fs";
import path from "node:path";
import { checkPlace, readOptions } from "../../cli/options";
import { packages } from "../package/compile";
import { packStaged, stagePackage } from "../package/stage";
import { scratchFolder } from "../../cli/scratch";

/** `npm run pack`: the npm packages as tarballs, each built in a clean folder. */
export async function pack(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "pack",
      about: "The npm packages as tarballs, each built in a clean folder.",
      options: { out: { type: "string", default: ".", value: "FOLDER", about: "where they go" } },
    },
    args,
  );
  const into = path.resolve(projectDir, values.out);
  checkPlace("--out", into, "folder");
  mkdirSync(into, { recursive: true });
  const scratch = scratchFolder("pack");
  try {
    for (const folder of packages) {
      const staged = path.join(scratch.folder, folder);
      await stagePackage(projectDir, folder, staged, signal);
      const { file, files } = await packStaged(staged, into, signal);
      console.log(`${path.relative(projectDir, file)}  ${files.length} files`);
    }
  } finally {
    scratch.remove();
  }
  return 0;
}
