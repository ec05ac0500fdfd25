import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "./errors";
import type { Finding } from "./events";
import type { Answer } from "./host";
import { isObject, type JsonObject } from "./json";
import { decode, hasUnknown, markSecrets, SECRET_SHOWN } from "./values";

export const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** Exports of a program. */
export interface Outputs {
  outputs: JsonObject;
  /** Names of exports that contain a secret. */
  secretOutputs: string[];
}

/** Outputs of another stack, from a file. */
export interface StackOutputs extends Outputs {
  file: string;
  /** Names of secret outputs without a value in the file. */
  masked: string[];
}

/** By the name in a StackReference: ORGANIZATION/PROJECT/STACK. */
export type OtherStacks = ReadonlyMap<string, StackOutputs>;

const HOW = "--stack-output ORGANIZATION/PROJECT/STACK=FILE";
const WRITTEN_BY = "`pulumi stack output --json` or `flink-kubernetes render --outputs FILE` of that stack";

/** Reads the files of `--stack-output`, which may be repeated. Reports all problems at once. */
export function readOtherStacks(given: readonly string[]): OtherStacks {
  const problems: string[] = [];
  const stacks = new Map<string, StackOutputs>();
  for (const text of given) {
    const [, name, file] = /^([^=/]+\/[^=/]+\/[^=/]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || file === undefined) {
      problems.push(`--stack-output ${text}: write ${HOW}.`);
    } else if (stacks.has(name)) {
      problems.push(`--stack-output ${text}: ${name} is given twice.`);
    } else {
      const found = readOutputs(file);
      if ("problem" in found) problems.push(`--stack-output ${text}: ${found.problem}`);
      else stacks.set(name, found);
    }
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"), [`FILE is what ${WRITTEN_BY} writes.`]);
  return stacks;
}

function readOutputs(file: string): StackOutputs | { problem: string } {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { problem: code === undefined ? "the file is not JSON." : `the file cannot be read (${code}).` };
  }
  if (!isObject(found)) return { problem: "the file is no JSON object of outputs by name." };
  const masked = Object.keys(found).filter((name) => found[name] === SECRET_SHOWN);
  const known = Object.fromEntries(Object.entries(found).filter(([name]) => !masked.includes(name)));
  const { value, secretKeys } = decode(known);
  return { file, outputs: value, secretOutputs: secretKeys, masked };
}

/** The program's view of another stack, as in the engine's answer. */
export function stackReferenceAnswer(name: string, { outputs, secretOutputs }: StackOutputs): Answer {
  return {
    id: name,
    outputs: { name, outputs, secretOutputNames: secretOutputs },
    secretKeys: secretOutputs.length > 0 ? ["outputs"] : [],
  };
}

/** Why another stack's outputs are unknown. */
export function stackReferenceNote(name: string): string {
  if (hasUnknown(name)) {
    return "the name of the other stack is only known once something else is deployed. Write it as a plain text.";
  }
  return `the outputs of the stack ${name} are not known without the engine. Add --stack-output ${name}=FILE, where FILE is what ${WRITTEN_BY} has written.`;
}

/** The SDK's error for a missing output, with the outputs in the file. */
export function explainMissingOutput(finding: Finding, stacks: OtherStacks = new Map()): Finding {
  const pattern = /Required output '([^']*)' does not exist on stack '([^']*)'/;
  const [, output, name = ""] = pattern.exec(finding.message) ?? [];
  const stack = stacks.get(name);
  if (output === undefined || stack === undefined) return finding;
  const { file, outputs, masked } = stack;
  const names = [...Object.keys(outputs), ...masked].sort().join(", ") || "none";
  const why = masked.includes(output)
    ? `It is secret, and ${file} does not have its value: write the file again with --show-secrets.`
    : `${file} has these outputs: ${names}. Export it there and write the file again, or correct the name.`;
  return { ...finding, message: `Required output '${output}' does not exist on stack '${name}'. ${why}` };
}

/** Writes outputs for the StackReferences of other stacks, without unknown ones. Returns a line about it. */
export function writeOutputs(
  file: string,
  { outputs, secretOutputs }: Outputs,
  { showSecrets }: { showSecrets: boolean },
): string {
  const unknown = Object.keys(outputs).filter((name) => hasUnknown(outputs[name]));
  const known = Object.fromEntries(Object.entries(outputs).filter(([name]) => !unknown.includes(name)));
  const secret = secretOutputs.filter((name) => name in known);
  const masked = Object.fromEntries(secret.map((name) => [name, SECRET_SHOWN]));
  // Marked as in the SDK, so that readers treat them as secrets.
  const shown = showSecrets ? markSecrets(known, secret) : { ...known, ...masked };
  const mode = showSecrets && secret.length > 0 ? 0o600 : 0o644;
  rmSync(file, { force: true }); // an existing file would keep its mode
  writeFileSync(file, `${JSON.stringify(shown, undefined, 2)}\n`, { mode });
  const left = [
    ...(showSecrets ? [] : secret.map((name) => `${name} is secret (--show-secrets writes it)`)),
    ...unknown.map((name) => `${name} is not known before it is deployed`),
  ];
  const names = Object.keys(shown).filter((name) => showSecrets || !secret.includes(name));
  return [`${path.basename(file)} has the outputs ${names.join(", ") || "none"}`, ...left].join("; ");
}
