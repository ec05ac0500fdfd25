import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { digestOf, type Layer, saveLayer, savedLayer } from "./archive";

/**
 * A folder for the user's files, copied to /opt/flink of the local node's image: `image/usrlib/my-job.jar`.
 */
const ownFolder = path.join(__dirname, "../../image");

/** Increase it when the code below changes the layer's content. */
const recipe = 1;

/** The layer with the user's own files, if any. */
export async function ownLayer(ctx: BuildContext, folder = ownFolder): Promise<Layer | undefined> {
  const files = fs.existsSync(folder)
    ? fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    : [];
  if (files.length === 0) return undefined;
  const content: Record<string, string> = {};
  for (const file of files) content[file] = await digestOf(path.join(folder, file));
  const entry = await cached("layer-own", contentKey({ content, recipe }), ctx, async (building) => {
    const root = path.join(building, "root");
    for (const file of files) {
      const to = path.join(root, "opt/flink", file);
      fs.mkdirSync(path.dirname(to), { recursive: true });
      fs.copyFileSync(path.join(folder, file), to);
    }
    await saveLayer(ctx, root, building, { part: "opt/flink", owner: 9999 });
    fs.rmSync(root, { recursive: true });
  });
  return savedLayer(entry);
}
