import { parseArgs } from "node:util";
import { render as renderStack } from "../direct";
import { readStack } from "../stack";

/** `npm run render`: a stack as Kubernetes YAML, on standard output or as one file per object. */
export async function render(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { stack: { type: "string", default: "dev" }, out: { type: "string" } },
  });
  const result = await renderStack({
    ...readStack(projectDir, values.stack),
    out: values.out,
    signal,
    onEvent: (event) => {
      if (event.type === "log") console.error(event.message);
    },
  });
  if (values.out === undefined) process.stdout.write(result.yaml);
  return 0;
}
