import { writeFileSync } from "node:fs";
import { Misuse } from "../../recorder/errors";
import { ENCRYPTED, type FolderResult, renderFolder, type Tool } from "../../recorder/gitops";
import {
  describeLog,
  describeNotes,
  type Note,
  readOtherStacks,
  record,
  render as renderStack,
  type RunEvent,
  writeOutputs,
} from "../../recorder";
import type { Caller } from "../caller";
import { renderLine } from "../command-lines";
import { exitCodes } from "../exit-codes";
import { checkPlace, readOptions, type Values } from "../options";
import { placeOf } from "../place";
import { readStack, standIn } from "../stack";

type Given = Values<(typeof renderLine)["options"]>;

/**
 * A stack as Kubernetes YAML, on standard output or as a folder for GitOps. With `--format registrations`,
 * the program's registrations with masked secrets, as input of `preview`.
 */
export async function render(caller: Caller, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions({ ...renderLine, call: caller.call("render") }, args);
  checkTogether(values);
  const { projectDir, stack } = placeOf(caller, values);
  const onEvent = (event: RunEvent): void => {
    if (event.type !== "log") return;
    console.error(`${event.severity === "warning" ? "warning: " : ""}${describeLog(event)}`);
  };
  const otherStacks = readOtherStacks(values["stack-output"]);
  const how = { env: caller.programEnv, transpileOnly: true, otherStacks, signal, onEvent };
  if (values.format === "registrations") {
    const settings = readStack(projectDir, stack, standIn);
    const recording = await record({ ...settings, ...how });
    tellNotes([...settings.unknown, ...describeNotes(recording.notes)]);
    const text = `${JSON.stringify(recording.registrations(settings), undefined, 1)}\n`;
    if (values.out === undefined) process.stdout.write(text);
    else writeFileSync(values.out, text);
    return exitCodes.done;
  }
  if (values.out === undefined) {
    const settings = readStack(projectDir, stack);
    const { yaml, objects, notes, ...outputs } = await renderStack({ ...settings, ...how });
    const told = [...settings.unknown, ...describeNotes(notes)];
    if (values.json) {
      const about = { format: "flink-kubernetes/render/1", project: settings.project, stack: settings.stack };
      console.log(JSON.stringify({ ...about, notes: told, objects }, null, 2));
    } else {
      tellNotes(told);
      process.stdout.write(yaml);
    }
    if (values.outputs !== undefined) {
      console.error(writeOutputs(values.outputs, outputs, { showSecrets: values["show-secrets"] }));
    }
    return exitCodes.done;
  }
  const { for: tool = "kubectl", source = "flux-system/flux-system", check = false } = values;
  const [namespace, name] = source.split("/");
  const settings = readStack(projectDir, stack, () => ENCRYPTED);
  const result = await renderFolder({
    ...settings,
    ...how,
    out: values.out,
    tool: tool as Tool,
    check,
    secretRefs: values["secret-ref"] ?? [],
    prune: values["no-prune"] !== true,
    source: { namespace: namespace!, name: name! },
  });
  if (values.json) return asJson(values.out, check, result, settings);
  tellNotes([...settings.unknown, ...describeNotes(result.notes)]);
  return check ? tellCheck(values.out, result) : tellWritten(values.out, result);
}

/** Checks the combination of options, and the output's place, before any work. */
function checkTogether(values: Given): void {
  const { out, outputs, format, source = "a/b" } = values;
  checkPlace("--outputs", outputs, "file");
  checkPlace("--out", out, format === "registrations" ? "file" : "folder");
  if (outputs !== undefined && (out !== undefined || format !== "yaml")) {
    throw new Misuse("--outputs goes with YAML on standard output only.", [
      "Run render once more for the outputs, without --out and --format.",
    ]);
  }
  const folderOnly = (["for", "check", "secret-ref", "no-prune", "source"] as const).filter(
    (name) => values[name] !== undefined,
  );
  if (format === "registrations" && folderOnly.length > 0) {
    throw new Misuse(
      `--${folderOnly.join(", --")}: this is of folders, and --format registrations is one file.`,
    );
  }
  if (!/^[^/]+\/[^/]+$/.test(source))
    throw new Misuse(`--source ${source}: write NAMESPACE/NAME of Flux's GitRepository.`);
}

function tellNotes(notes: readonly string[]): void {
  for (const note of notes) console.error(`note: ${note}`);
}

function asJson(
  out: string,
  check: boolean,
  result: FolderResult & { notes: readonly Note[] },
  { project, stack, unknown }: { project: string; stack: string; unknown: string[] },
): number {
  const { notes, ...rest } = result;
  const upToDate = [rest.changed, rest.missing, rest.stale, rest.inTheWay].every((list) => list.length === 0);
  const about = {
    format: "flink-kubernetes/render-folder/1",
    project,
    stack,
    folder: out,
    written: !check,
    upToDate,
  };
  console.log(JSON.stringify({ ...about, ...rest, notes: [...unknown, ...describeNotes(notes)] }, null, 2));
  return check && !upToDate ? exitCodes.refused : exitCodes.done;
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
  return lines.length === 0 ? exitCodes.done : exitCodes.refused;
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
  return exitCodes.done;
}

function tellForeign(out: string, foreign: readonly string[]): void {
  for (const file of foreign) console.log(`left     ${file}: not written by render for this stack`);
  if (foreign.length > 0) console.log(`No kustomization.yaml of ${out} names them.`);
}
