import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import type { Connection } from "../operations/kubernetes";
import { UserError } from "../recorder/errors";
import { findProject } from "../recorder/find-project";
import type { Caller, EnginePreview } from "./caller";

const POLICIES = "flink-kubernetes-policies";

/** The published command, in another project. */
export const installed: Caller = {
  call: (command) => `npx flink-kubernetes ${command}`,
  projectDir() {
    const found = findProject(process.cwd());
    if (found !== undefined) return found;
    throw new UserError(
      "There is no Pulumi project here: no folder from this one upwards has a Pulumi.yaml.",
      ["Go to the project's folder, or name it with --cwd FOLDER."],
    );
  },
  // The program starts sooner from its second run on: Node keeps the compiled code of the libraries there.
  programEnv: compileCache(),
  packFolder: async (pack, projectDir) => packOf(pack, projectDir),
  knowsRules: false,
  // The default is the kubeconfig's current context, as in kubectl.
  target: async (): Promise<Connection> => ({}),
  engineEvents,
};

function compileCache(): Record<string, string> {
  if (process.env.NODE_COMPILE_CACHE) return {};
  try {
    const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
    return { NODE_COMPILE_CACHE: path.join(cache, "flink-kubernetes", "node-compile-cache") };
  } catch {
    // A user of a container without a name and without HOME.
    return {};
  }
}

/** The compiled pack in the npm package that has it, as the project finds it. */
function packOf(pack: string, projectDir: string): string {
  let manifest: string | undefined;
  try {
    manifest = createRequire(path.join(projectDir, "package.json")).resolve(`${POLICIES}/package.json`);
  } catch {
    // Reported below.
  }
  const folder = manifest && path.join(path.dirname(manifest), "bin", pack);
  if (folder !== undefined && existsSync(path.join(folder, "PulumiPolicy.yaml"))) return folder;
  throw new UserError(
    `The policy pack ${pack} is in the npm package ${POLICIES}, which this project has not got.`,
    [`npm install --save-dev ${POLICIES}`],
  );
}

/** The Pulumi CLI on the PATH, with its own state and credentials. */
async function engineEvents({ settings, packs, signal, say }: EnginePreview) {
  say(`The engine previews stack ${settings.stack} …`);
  const { LocalWorkspace } =
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- half a second that no other command needs
    require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
  const stackName = settings.organization
    ? `${settings.organization}/${settings.project}/${settings.stack}`
    : settings.stack;
  const events: object[] = [];
  try {
    const stack = await LocalWorkspace.selectStack({ stackName, workDir: settings.projectDir });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
    const { configFiles } = require("./policies/config-files") as typeof import("./policies/config-files");
    await stack.preview({
      onEvent: (event) => events.push(event),
      signal,
      ...(packs.length === 0
        ? {}
        : { policyPacks: packs.map(({ folder }) => folder), policyPackConfigs: configFiles(packs) }),
    });
    return { events };
  } catch (error) {
    signal.throwIfAborted();
    return { events, failed: (error as Error).message };
  }
}
