import { spawn } from "node:child_process";
import { pipeline } from "node:stream/promises";
import { containerdSocket } from "./layout";
import { withoutBlobs } from "../image/archive";
import { CommandError, output } from "../run";
import type { LocalNode } from "./start";

const options = ["--address", containerdSocket, "--namespace", "k8s.io"];
const ctr = (program: string, ...args: string[]) => output(program, [...options, ...args]);

/**
 * Imports a tar, unless an image with this reference exists; references contain a hash of the content. It
 * skips layers that containerd has, so a changed job costs only its own layer.
 */
export async function importTar(ctrProgram: string, tar: string, ref: string): Promise<void> {
  const present = await ctr(ctrProgram, "images", "list", "--quiet", `name==${ref}`);
  if (present.trim() === ref) return;
  const known = new Set((await ctr(ctrProgram, "content", "list", "--quiet")).split("\n").filter(Boolean));
  const failure = await importWithout(ctrProgram, tar, known);
  // A listed layer may have been garbage collected meanwhile.
  const again = failure && known.size > 0 ? await importWithout(ctrProgram, tar, new Set()) : failure;
  if (again) throw new CommandError(`Importing ${ref} from ${tar} failed: ${again}`);
}

/** Returns ctr's error message on failure. */
async function importWithout(
  ctrProgram: string,
  tar: string,
  known: ReadonlySet<string>,
): Promise<string | undefined> {
  const importer = spawn(ctrProgram, [...options, "images", "import", "--local", "-"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let errors = "";
  importer.stderr.on("data", (data) => (errors += data));
  const ended = new Promise<number | null>((resolve, reject) => {
    importer.once("error", reject);
    importer.once("close", resolve);
  });
  // If ctr ends early, its exit code and message are more useful than the broken pipe.
  await pipeline(withoutBlobs(tar, known), importer.stdin).catch(() => undefined);
  const code = await ended;
  return code === 0 ? undefined : `ctr ended with ${code}: ${errors.trim()}`;
}

/** Makes an image available for pods of the node. Does nothing if it already is. */
export async function importImage(node: LocalNode, tar: string, ref: string): Promise<void> {
  await importTar(node.ctr, tar, ref);
}
