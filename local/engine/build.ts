import fs from "node:fs";
import path from "node:path";
import type { BuildContext } from "../cache";
import { buildGoModule, moduleFolder } from "../go";

const goFolder = path.join(__dirname, "go");

/** The release of the CLI's Go module, the same as in go.mod. */
export const CLI_VERSION = "3.274.1";

/** The release of the commit in go.mod. */
export const KUBERNETES_PROVIDER_VERSION = "4.25.0";

const PROVIDER_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/**
 * Sets a variable of the program, and omits debugging symbols, which saves a tenth of the compiler's work.
 */
function flagsWith(variable: string, value: string): string[] {
  return ["-gcflags=all=-dwarf=false", "-ldflags", `-s -w -X ${variable}=${value}`];
}

/** Compiles the Pulumi CLI, once: 4 min 39 s on two cores without caches. Returns its path. */
export async function buildCli(ctx: BuildContext): Promise<string> {
  const version = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  const flags = flagsWith(version, `v${CLI_VERSION}`);
  const folder = await buildGoModule({ name: "pulumi", folder: path.join(goFolder, "pulumi"), flags }, ctx);
  return path.join(folder, "pulumi");
}

/**
 * Compiles Pulumi's Kubernetes provider, once: 9 min 8 s on two cores without caches. Returns the plugin's
 * folder.
 */
export function buildKubernetesProvider(ctx: BuildContext): Promise<string> {
  const name = "pulumi-resource-kubernetes";
  const flags = flagsWith(`${PROVIDER_MODULE}/pkg/version.Version`, KUBERNETES_PROVIDER_VERSION);
  return buildGoModule(
    {
      name,
      folder: path.join(goFolder, name),
      packages: ["."],
      flags,
      // The provider's schema is a data file in another package, which is not built here.
      prepare: async (copy) => {
        const from = path.join(await moduleFolder(copy, PROVIDER_MODULE), "cmd", name);
        for (const file of ["schema.json", "terraform-mapping.json"]) {
          fs.copyFileSync(path.join(from, file), path.join(copy, file));
        }
      },
    },
    ctx,
  );
}

/**
 * Compiles Pulumi's language host for YAML, once, for tests: 17 s if Go has compiled the CLI before, 2 min
 * without caches. Returns the folder with the program.
 */
export function buildYamlLanguageHost(ctx: BuildContext): Promise<string> {
  const name = "pulumi-language-yaml";
  const flags = flagsWith("github.com/pulumi/pulumi-yaml/pkg/version.Version", "v1.25.0");
  return buildGoModule({ name, folder: path.join(goFolder, name), flags }, ctx);
}
