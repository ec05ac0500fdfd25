import { execa } from "execa";
import { UserError } from "../../recorder/errors";
import { runningNode } from "../node";
import { readOptions } from "../../cli/options";

/** `kubectl` of the local node, with its kubeconfig. */
export async function kubectl(_projectDir: string, args: string[]): Promise<number> {
  const node = await runningNode();
  // If a node runs, --help shows kubectl's own help.
  if (!node && args.includes("--help")) {
    const about = "kubectl of the local node, with its kubeconfig; its own options need no further --.";
    readOptions({ name: "kubectl", about, positionals: "ARGUMENTS OF kubectl", options: {} }, args);
  }
  if (!node) throw new UserError("The local node is not running.", ["Start it with `npm start`."]);
  const { exitCode } = await execa(node.kubectl, args, {
    stdio: "inherit",
    reject: false,
    env: { KUBECONFIG: node.kubeconfig },
  });
  return exitCode ?? 1;
}
