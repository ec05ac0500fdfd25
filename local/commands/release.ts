import { UserError } from "../../recorder/errors";
import { readOptions } from "../../cli/options";
import { tagRelease } from "../package/release";
import { pack } from "./pack";

/**
 * `npm run release`: the plugin's tag in this repository, and the npm packages' tarballs. Publishes nothing.
 */
export async function release(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const about = "The plugin's tag in this repository, and the npm packages' tarballs. Publishes nothing.";
  const { positionals } = readOptions({ name: "release", about, positionals: "VERSION", options: {} }, args);
  const [version] = positionals;
  if (version === undefined) {
    throw new UserError("Which version?", ["npm run release -- VERSION"]);
  }
  const tag = await tagRelease(projectDir, version, signal);
  await pack(projectDir, [], signal);
  console.log(`The tag ${tag} is in this repository. What publishes it:`);
  console.log(`  git push origin ${tag}`);
  console.log("  npm publish flink-kubernetes-*.tgz, one after the other");
  return 0;
}
