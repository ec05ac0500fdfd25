import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { UserError } from "../errors";
import { ENCRYPTED, type FolderResult, renderFolder, type Tool } from "../gitops";
import { readOtherStacks, record, render as renderStack, type RunEvent, writeOutputs } from "../record";
import { readStack, standIn } from "../stack";

const TOOLS: Record<string, Tool> = { kubectl: "kubectl", argocd: "argocd", flux: "flux" };

/**
 * `npm run render`: a stack as Kubernetes YAML, on standard output or as a folder for GitOps; or, with `--format registrations`, what the program
 * registers, secrets masked, for `npm run preview` to compare.
 */
export async function render(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", default: "dev" },
      out: { type: "string" },
      format: { type: "string", default: "yaml" },
      for: { type: "string", default: "kubectl" },
      check: { type: "boolean", default: false },
      "secret-ref": { type: "string", multiple: true, default: [] },
      "no-prune": { type: "boolean", default: false },
      source: { type: "string", default: "flux-system/flux-system" },
      "stack-output": { type: "string", multiple: true, default: [] },
      outputs: { type: "string" },
      "show-secrets": { type: "boolean", default: false },
    },
  });
  const onEvent = (event: RunEvent): void => {
    if (event.type === "log") console.error(event.message);
  };
  if (values.format !== "yaml" && values.format !== "registrations") {
    throw new UserError(`--format ${values.format}: there is no such format.`, [
      "Use yaml or registrations.",
    ]);
  }
  const otherStacks = readOtherStacks(values["stack-output"]);
  if (values.outputs !== undefined && (values.out !== undefined || values.format !== "yaml")) {
    throw new UserError("--outputs goes with YAML on standard output only.", [
      "Run npm run render once more for the outputs, without --out and --format.",
    ]);
  }
  if (values.format === "registrations") {
    const settings = readStack(projectDir, values.stack, standIn);
    const recording = await record({ ...settings, otherStacks, signal, onEvent });
    const text = `${JSON.stringify(recording.registrations(settings), undefined, 1)}\n`;
    if (values.out === undefined) process.stdout.write(text);
    else writeFileSync(values.out, text);
    return 0;
  }
  if (values.out === undefined) {
    const settings = readStack(projectDir, values.stack);
    const { yaml, ...outputs } = await renderStack({ ...settings, otherStacks, signal, onEvent });
    process.stdout.write(yaml);
    if (values.outputs !== undefined) {
      console.error(writeOutputs(values.outputs, outputs, { showSecrets: values["show-secrets"] }));
    }
    return 0;
  }
  const tool = Object.hasOwn(TOOLS, values.for) ? TOOLS[values.for] : undefined;
  const [namespace, name, ...rest] = values.source.split("/");
  const wrong = [
    ...(tool ? [] : [`--for ${values.for}: there is no such tool. Use ${Object.keys(TOOLS).join(", ")}.`]),
    ...(namespace && name && rest.length === 0
      ? []
      : [`--source ${values.source}: write NAMESPACE/NAME of Flux's GitRepository.`]),
  ];
  if (tool === undefined || wrong.length > 0) throw new UserError(wrong.join("\n"), []);
  const result = await renderFolder({
    ...readStack(projectDir, values.stack, () => ENCRYPTED),
    otherStacks,
    out: values.out,
    tool,
    check: values.check,
    secretRefs: values["secret-ref"],
    prune: !values["no-prune"],
    source: { namespace: namespace!, name: name! },
    signal,
    onEvent,
  });
  return values.check ? tellCheck(values.out, result) : tellWritten(values.out, result);
}

function tellCheck(out: string, { files, changed, missing, stale, foreign, inTheWay }: FolderResult): number {
  const lines = [
    ...changed.map((file) => `changed  ${file}`),
    ...missing.map((file) => `missing  ${file}`),
    ...stale.map((file) => `stale    ${file}`),
    ...inTheWay.map((file) => `foreign  ${file}: not of this stack, and where a file of it belongs`),
  ];
  for (const line of lines) console.log(line);
  tellForeign(out, foreign);
  if (lines.length === 0) console.log(`${out} is up to date: ${files.length} files.`);
  else console.error(`${out} is not up to date. Write it again without --check, and commit it.`);
  return lines.length === 0 ? 0 : 1;
}

function tellWritten(
  out: string,
  { files, changed, missing, stale, foreign, warnings }: FolderResult,
): number {
  for (const file of stale) console.log(`removed  ${file}`);
  tellForeign(out, foreign);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  console.log(
    `${out}: ${files.length} files (${missing.length} new, ${changed.length} changed, ${stale.length} removed).`,
  );
  return 0;
}

function tellForeign(out: string, foreign: readonly string[]): void {
  for (const file of foreign) console.log(`left     ${file}: not written by npm run render for this stack`);
  if (foreign.length > 0) console.log(`No kustomization.yaml of ${out} names them.`);
}
