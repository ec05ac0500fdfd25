import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cached, contentKey } from "../../local/cache";
import { runningNode } from "../../local/node";
import { output, waitFor } from "../../local/run";
import { buildContext } from "./build";
import pins from "./crd-pins.json";

/** Projects whose kinds a FlinkCluster can make objects of. */
export type CrdSet = keyof typeof pins;
export const crdSets = Object.keys(pins) as CrdSet[];

/**
 * Installs the CustomResourceDefinitions of these projects, none of their programs, and waits until the API server knows the
 * kinds. What is there already stays as it is, but for fields that differ.
 */
export async function installCrds(kubeconfig: string, ...sets: CrdSet[]): Promise<void> {
  const node = await runningNode();
  if (!node) throw new Error("no local node runs whose kubectl could be used (npm start)");
  const kubectl = (...args: string[]) =>
    spawnSync(node.kubectl, ["--kubeconfig", kubeconfig, ...args], { encoding: "utf8" });
  for (const set of sets) {
    const folder = await crds(set);
    const applied = kubectl("apply", "--server-side", "--force-conflicts", "--filename", folder);
    if (applied.status !== 0) throw new Error(`the CRDs of ${set}: ${applied.stderr}`);
    const established = kubectl("wait", "--for=condition=Established", "--timeout=60s", "--filename", folder);
    if (established.status !== 0) throw new Error(`the CRDs of ${set}: ${established.stderr}`);
    // What lists the kinds is made anew a moment after a definition is established.
    const names = applied.stdout.match(/(?<=customresourcedefinition\.apiextensions\.k8s\.io\/)\S+/g);
    const listed = () => kubectl("get", names!.join(","), "--all-namespaces").status === 0;
    await waitFor(`the kinds of ${set}`, 60_000, listed);
  }
}

/** A folder with the definitions as the project's Go module has them. */
async function crds(set: CrdSet): Promise<string> {
  const { module, version, sum, folder } = pins[set];
  return cached(`crds-${set}`, contentKey({ ...pins[set] }), buildContext, async (building) => {
    // Not in this repository: its own Go modules are none of this one's business.
    const fetched = await output("go", ["mod", "download", "-json", `${module}@${version}`], {
      cwd: os.tmpdir(),
    });
    const { Dir, Sum } = JSON.parse(fetched) as { Dir: string; Sum: string };
    if (Sum !== sum) throw new Error(`${module} ${version} has the checksum ${Sum}, and not ${sum}`);
    const files = fs.readdirSync(path.join(Dir, folder)).filter((file) => file.endsWith(".yaml"));
    for (const file of files) {
      const text = fs.readFileSync(path.join(Dir, folder, file), "utf8");
      // Some have an admission policy beside them.
      if (/^kind: CustomResourceDefinition$/m.test(text)) fs.writeFileSync(path.join(building, file), text);
    }
  });
}
