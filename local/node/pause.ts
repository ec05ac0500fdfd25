import * as fs from "node:fs";
import * as path from "node:path";
import { cached, contentKey, type BuildContext } from "../cache";
import { createLayer, writeImage } from "../image/archive";
import type { NodePrograms } from "./build";
import { pauseImage } from "./configuration";
import { importTar } from "./images";

/** The image of the process that holds a pod's namespaces: one static program. */
export async function importPauseImage(programs: NodePrograms, ctx: BuildContext): Promise<void> {
  const folder = await cached("pause", contentKey({ programs: programs.key }), ctx, async (building) => {
    const root = path.join(building, "root");
    fs.mkdirSync(root);
    fs.copyFileSync(path.join(programs.kubernetes, "pause"), path.join(root, "pause"));
    fs.chmodSync(path.join(root, "pause"), 0o755);
    const layer = await createLayer(ctx, root, path.join(building, "layer.tar"), { owner: 0 });
    const config = { Entrypoint: ["/pause"], User: "65535:65535" };
    await writeImage(path.join(building, "image.tar"), pauseImage, [layer], config);
  });
  await importTar(path.join(programs.containerd, "ctr"), path.join(folder, "image.tar"), pauseImage);
}
