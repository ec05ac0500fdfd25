import { containerdSocket } from "./layout";
import { output } from "../run";
import type { LocalNode } from "./start";

const ctr = (program: string, ...args: string[]) =>
  output(program, ["--address", containerdSocket, "--namespace", "k8s.io", ...args]);

/** Imports a docker-archive tar unless an image with that reference is there; a reference carries a hash of the content. */
export async function importTar(ctrProgram: string, tar: string, ref: string): Promise<void> {
  const present = await ctr(ctrProgram, "images", "list", "--quiet", `name==${ref}`);
  if (present.trim() === ref) return;
  await ctr(ctrProgram, "images", "import", "--local", tar);
}

/** Makes an image usable for pods of the node. Nothing happens when it is there already. */
export async function importImage(node: LocalNode, tar: string, ref: string): Promise<void> {
  await importTar(node.ctr, tar, ref);
}
