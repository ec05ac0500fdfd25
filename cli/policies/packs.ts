import path from "node:path";
import { describeProblem, type Problem } from "../../components/problems";
import type { PackConfig } from "../../policies/testing";
import { ownPacks, readPolicyPacks } from "../../policy-packs";
import { UserError } from "../../recorder/errors";
import { record } from "../../recorder";
import type { StackSettings } from "../stack";
import { buildPacks } from "../../local/policies/build";

/** A compiled pack with its configuration. */
export interface Pack {
  /** As the stack's file names it. */
  name: string;
  folder: string;
  config: PackConfig;
}

/** The packs that a stack lists, compiled. */
export async function packsOf(settings: StackSettings, signal?: AbortSignal): Promise<Pack[]> {
  const key = `${settings.project}:policyPacks`;
  const problems: Problem[] = [];
  const listed = readPolicyPacks(key, parsed(settings.config[key]), settings.projectDir, problems);
  if (problems.length > 0) {
    // The program tells these too, with everything else that is wrong.
    await record({ ...settings, signal });
    const text = problems.map((problem) => describeProblem(problem)).join("\n");
    throw new UserError(`The policy packs in Pulumi.${settings.stack}.yaml:\n${text}`);
  }
  if (listed.length === 0) return [];
  const needsBuild = listed.some(({ pack }) => ownPacks.includes(pack));
  const bin = needsBuild ? await buildPacks(settings.projectDir, signal) : "";
  return listed.map(({ pack, config = {} }) => ({
    name: pack,
    folder: ownPacks.includes(pack) ? path.join(bin, pack) : path.resolve(settings.projectDir, pack),
    config: config as PackConfig,
  }));
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}
