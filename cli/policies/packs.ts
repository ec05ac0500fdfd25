import { existsSync } from "node:fs";
import path from "node:path";
import { describeProblem, type Problem } from "../../components/problems";
import type { PackConfig } from "../../policies/testing";
import { ownPacks, readPolicyPacks } from "../../policy-packs";
import { Misuse, UserError } from "../../recorder/errors";
import { record } from "../../recorder";
import type { Caller } from "../caller";
import type { StackSettings } from "../stack";

/** A compiled pack with its configuration. */
export interface Pack {
  /** Its name in the stack's file. */
  name: string;
  folder: string;
  config: PackConfig;
}

type Packs = Pick<Caller, "packFolder" | "knowsRules" | "programEnv">;

/** The key of the list of packs in a stack's file, in any project. */
const KEY = "flink-kubernetes:policyPacks";

/** The compiled packs from a stack's list and from the command line. */
export async function packsOf(
  settings: StackSettings,
  caller: Packs,
  signal?: AbortSignal,
  named: readonly string[] = [],
): Promise<Pack[]> {
  const { projectDir } = settings;
  const problems: Problem[] = [];
  const given = parsed(settings.config[KEY]);
  const listed = readPolicyPacks(KEY, given, projectDir, problems, { rules: caller.knowsRules });
  if (problems.length > 0) {
    // The program reports these too, together with its other problems.
    await record({ ...settings, env: caller.programEnv, signal });
    const text = problems.map((problem) => describeProblem(problem)).join("\n");
    throw new UserError(`The policy packs in Pulumi.${settings.stack}.yaml:\n${text}`);
  }
  const wrong = named.filter((pack) => !ownPacks.includes(pack) && !isPack(path.resolve(projectDir, pack)));
  if (wrong.length > 0) {
    throw new Misuse(
      wrong
        .map((pack) => `--pack ${pack}: this is no pack, and no folder with a PulumiPolicy.yaml.`)
        .join("\n"),
      [`Write ${ownPacks.join(", ")}, or the folder of a pack of yours.`],
    );
  }
  const more = named.filter((pack) => !listed.some((other) => other.pack === pack)).map((pack) => ({ pack }));
  const all: typeof listed = [...listed, ...more];
  return Promise.all(
    all.map(async ({ pack, config = {} }) => ({
      name: pack,
      folder: ownPacks.includes(pack)
        ? await caller.packFolder(pack, projectDir, signal)
        : path.resolve(projectDir, pack),
      config: config as PackConfig,
    })),
  );
}

function isPack(folder: string): boolean {
  return existsSync(path.join(folder, "PulumiPolicy.yaml"));
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return text;
  }
}
