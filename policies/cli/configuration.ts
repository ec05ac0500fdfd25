import { parseArgs } from "node:util";
import { choiceHelp, choiceOf, choiceOptions } from "./choice-options";
import { oneOf, reading } from "./conclude";
import { chosen } from "./config";
import { packs } from "./packs";
import { Misuse, type Surroundings } from "./surroundings";

const HELP = `flink-kubernetes-policies config [options] PACK

Writes the configuration of a pack (${Object.keys(packs).join(" or ")}) that enables only the chosen rules, for --policy-pack-config FILE of pulumi.

${choiceHelp}`;

/** `flink-kubernetes-policies config`: returns the exit code. */
export function config(args: string[], { out }: Surroundings): number {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    out(HELP);
    return 0;
  }
  const [pack, ...others] = positionals;
  if (pack === undefined || others.length > 0) throw new Misuse(HELP);
  const definition = packs[oneOf("PACK", pack, Object.keys(packs))]!;
  const levels = reading(pack, () => chosen(definition, { pack, choice: choiceOf(values), config: {} }));
  out(JSON.stringify(levels, undefined, 2));
  return 0;
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { ...choiceOptions, help: { type: "boolean", default: false } },
    });
  } catch (error) {
    throw new Misuse(`${(error as Error).message}\n\n${HELP}`);
  }
}
