import { execa } from "execa";
import { UserError } from "../errors";
import { runningNode } from "../node";

/** `kubectl` of the local node, with its kubeconfig. */
export async function kubectl(_projectDir: string, args: string[]): Promise<number> {
  const node = await runningNode();
  if (!node) throw new UserError("The local node is not running.", ["Start it with `npm start`."]);
  const { exitCode } = await execa(node.kubectl, args, {
    stdio: "inherit",
    reject: false,
    env: { KUBECONFIG: node.kubeconfig },
  });
  return exitCode ?? 1;
}
