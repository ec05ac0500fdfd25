import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { examine, render as renderStack } from "../direct";
import { UserError } from "../errors";
import type { DirectEvent } from "../direct/events";
import { readStack } from "../stack";

/**
 * `npm run render`: a stack as Kubernetes YAML, on standard output or as one file per object; or, with `--format registrations`, what the program
 * registers, secrets masked, for `npm run preview` to compare.
 */
export async function render(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", default: "dev" },
      out: { type: "string" },
      format: { type: "string", default: "yaml" },
    },
  });
  if (values.format !== "yaml" && values.format !== "registrations") {
    throw new UserError(`--format ${values.format}: there is no such format.`, [
      "Use yaml or registrations.",
    ]);
  }
  const settings = readStack(projectDir, values.stack);
  const onEvent = (event: DirectEvent): void => {
    if (event.type === "log") console.error(event.message);
  };
  if (values.format === "registrations") {
    const recording = await examine({ ...settings, signal, onEvent });
    const text = `${JSON.stringify(recording.registrations(settings), undefined, 1)}\n`;
    if (values.out === undefined) process.stdout.write(text);
    else writeFileSync(values.out, text);
    return 0;
  }
  const result = await renderStack({ ...settings, out: values.out, signal, onEvent });
  if (values.out === undefined) process.stdout.write(result.yaml);
  return 0;
}
