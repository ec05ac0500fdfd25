import { writeFileSync } from "node:fs";
import { UserError } from "../../recorder/errors";
import { ENCRYPTED, type FolderResult, renderFolder, type Tool } from "../../recorder/gitops";
import { checkPlace, readOptions, stackOption, stackOutputOption } from "../options";
import {
  describeLog,
  readOtherStacks,
  record,
  render as renderStack,
  type RunEvent,
  writeOutputs,
} from "../../recorder";
import { readStack, standIn } from "../stack";

const TOOLS: Record<string, Tool> = { kubectl: "kubectl", argocd: "argocd", flux: "flux" };

/**
 * `npm run render`: a stack as Kubernetes YAML, on standard output or as a folder for GitOps; or, with `--format registrations`, what the program
 * registers, secrets masked, for `npm run preview` to compare.
 */
export async function render(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "render",
      about: "A stack as Kubernetes YAML, on standard output or, with --out, as a folder for GitOps.",
      options: {
        stack: stackOption,
        out: {
          type: "string",
          value: "FOLDER",
          about: "writes the folder; with --format registrations a file",
        },
        format: {
          type: "string",
          default: "yaml",
          value: "FORMAT",
          about: "yaml, or registrations for npm run preview -- --base, --head",
        },
        for: {
          type: "string",
          value: "TOOL",
          about: "kubectl (unless said otherwise), argocd or flux",
          needs: "out",
        },
        check: {
          type: "boolean",
          about: "writes nothing; exit code 1 when the folder is not up to date",
          needs: "out",
        },
        "secret-ref": {
          type: "string",
          multiple: true,
          value: "NAMESPACE/NAME",
          about: "a Secret that somebody else brings; may be repeated",
          needs: "out",
        },
        "no-prune": { type: "boolean", about: "flux: leaves what is no longer in the stack", needs: "out" },
        source: {
          type: "string",
          value: "NAMESPACE/NAME",
          about: "flux: its GitRepository, unless it is flux-system/flux-system",
          needs: "out",
        },
        "stack-output": stackOutputOption,
        outputs: { type: "string", value: "FILE", about: "also writes the stack's outputs there" },
        "show-secrets": {
          type: "boolean",
          default: false,
          about: "secret outputs in clear",
          needs: "outputs",
        },
      },
    },
    args,
  );
  const onEvent = (event: RunEvent): void => {
    if (event.type !== "log") return;
    console.error(`${event.severity === "warning" ? "warning: " : ""}${describeLog(event)}`);
  };
  if (values.format !== "yaml" && values.format !== "registrations") {
    throw new UserError(`--format ${values.format}: there is no such format.`, [
      "Use yaml or registrations.",
    ]);
  }
  const otherStacks = readOtherStacks(values["stack-output"]);
  checkPlace("--outputs", values.outputs, "file");
  if (values.outputs !== undefined && (values.out !== undefined || values.format !== "yaml")) {
    throw new UserError("--outputs goes with YAML on standard output only.", [
      "Run npm run render once more for the outputs, without --out and --format.",
    ]);
  }
  if (values.format === "registrations") {
    const folderOnly = (["for", "check", "secret-ref", "no-prune", "source"] as const).filter(
      (name) => values[name] !== undefined,
    );
    if (folderOnly.length > 0) {
      throw new UserError(
        `--${folderOnly.join(", --")}: this is of folders, and --format registrations is one file.`,
      );
    }
    checkPlace("--out", values.out, "file");
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
  checkPlace("--out", values.out, "folder");
  const { for: wanted = "kubectl", source = "flux-system/flux-system", check = false } = values;
  const tool = Object.hasOwn(TOOLS, wanted) ? TOOLS[wanted] : undefined;
  const [namespace, name, ...rest] = source.split("/");
  const wrong = [
    ...(tool ? [] : [`--for ${wanted}: there is no such tool. Use ${Object.keys(TOOLS).join(", ")}.`]),
    ...(namespace && name && rest.length === 0
      ? []
      : [`--source ${source}: write NAMESPACE/NAME of Flux's GitRepository.`]),
  ];
  if (tool === undefined || wrong.length > 0) throw new UserError(wrong.join("\n"), []);
  const result = await renderFolder({
    ...readStack(projectDir, values.stack, () => ENCRYPTED),
    otherStacks,
    out: values.out,
    tool,
    check,
    secretRefs: values["secret-ref"] ?? [],
    prune: values["no-prune"] !== true,
    source: { namespace: namespace!, name: name! },
    signal,
    onEvent,
  });
  return check ? tellCheck(values.out, result) : tellWritten(values.out, result);
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
