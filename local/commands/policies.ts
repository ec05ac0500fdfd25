import path from "node:path";
import { readOptions, stackOption } from "../../cli/options";
import { buildPacks } from "../policies/build";
import { packFlags } from "../policies/flags";
import { packsOf } from "../../cli/policies/packs";
import { repository } from "../caller";
import { readStack, standIn } from "../../cli/stack";

/**
 * `npm run policies`: compiles the packs of this project. With --stack it prints the options of `pulumi` for
 * the packs of a stack, and with --pages it regenerates the rules' pages of the documentation. */
export async function policies(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "policies",
      about: "Compiles the policy packs of this project.",
      options: {
        stack: {
          ...stackOption,
          default: undefined,
          about: "prints the options that pulumi needs for the packs of this stack",
        },
        pages: {
          type: "boolean",
          default: false,
          about: "writes the rules' pages of the documentation anew",
        },
      },
    },
    args,
  );
  if (values.pages) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- it brings all rules and their fixtures, needed only here
    const { writeAllPages } = require("../policies/all-pages") as typeof import("../policies/all-pages");
    writeAllPages(projectDir);
    return 0;
  }
  const bin = await buildPacks(projectDir, signal);
  if (values.stack === undefined) {
    console.error(`Compiled into ${path.relative(projectDir, bin)}.`);
    return 0;
  }
  console.log(
    packFlags(
      await packsOf(readStack(projectDir, values.stack, standIn), repository, signal),
      projectDir,
    ).join(" "),
  );
  return 0;
}
