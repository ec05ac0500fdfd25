import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exitCodes } from "../exit-codes";
import { checkPlace, type CommandLine, readOptions } from "../options";
import type { schemaLine } from "../command-lines";

/** In the package, next to the components' compiled code. */
const FILE = path.join(__dirname, "..", "..", "components", "schema.json");

/** Prints the schema of the components. */
export async function schema(
  line: CommandLine<(typeof schemaLine)["options"]>,
  args: string[],
): Promise<number> {
  const { values } = readOptions(line, args);
  checkPlace("--out", values.out, "file");
  const text = readFileSync(FILE, "utf8");
  if (values.out === undefined) process.stdout.write(text);
  else writeFileSync(values.out, text);
  return exitCodes.done;
}
