import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { packages } from "../package/compile";
import { packStaged, stagePackage } from "../package/stage";

/** `npm run pack`: the npm packages as tarballs, each built in a clean folder. */
export async function pack(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args, options: { out: { type: "string", default: "." } } });
  const into = path.resolve(projectDir, values.out);
  mkdirSync(into, { recursive: true });
  const scratch = mkdtempSync(path.join(tmpdir(), "flink-kubernetes-pack-"));
  try {
    for (const folder of packages) {
      const staged = path.join(scratch, folder);
      await stagePackage(projectDir, folder, staged, signal);
      const { file, files } = await packStaged(staged, into, signal);
      console.log(`${path.relative(projectDir, file)}  ${files.length} files`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return 0;
}
