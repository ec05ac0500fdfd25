import * as pulumi from "@pulumi/pulumi";
import type { FlinkJobArgs } from "./job";
import { isMasked } from "../flink/sensitive";
import { pythonScriptEntry } from "./python";
import { isLater } from "./shape";
import { scriptEntry } from "./sql";

/**
 * Start of a reference that replaces a confidential text in a job's request. The name of the entry in the
 * job's Secret follows. Users cannot write it, since a NUL character is refused.
 */
const mark = "\0";

export function secretReference(entry: string): string {
  return `${mark}${entry}`;
}

/** The entry that a text refers to, if it is a reference. */
export function referredEntry(text: string): string | undefined {
  return text.startsWith(mark) ? text.slice(mark.length) : undefined;
}

/** Secret entry for an argument list that is an Output as a whole. Its text is a JSON list. */
export const allArguments = "arguments.json";

/**
 * A job's arguments, with the confidential parts split off: Outputs, which may be secret, and options that
 * Flink masks.
 */
export interface SplitJobArgs {
  /** The arguments, with references to `entries`. */
  args: FlinkJobArgs;
  entries: Record<string, pulumi.Input<string>>;
}

export function splitJobArgs(args: FlinkJobArgs): SplitJobArgs {
  const entries: Record<string, pulumi.Input<string>> = {};
  const refer = (entry: string, value: pulumi.Input<string>) => {
    entries[entry] = value;
    return secretReference(entry);
  };
  const given: unknown = args.arguments;
  let programArguments = args.arguments;
  if (isLater(given)) {
    const list = pulumi.output(args.arguments as pulumi.Output<string[]>);
    programArguments = [
      refer(
        allArguments,
        list.apply((all) => JSON.stringify((all ?? []).map(String))),
      ),
    ];
  } else if (Array.isArray(given)) {
    programArguments = (given as pulumi.Input<string>[]).map((value, index) =>
      isLater(value) ? refer(`argument-${index}`, value) : value,
    );
  }
  const { sql, python } = args;
  const config = Object.entries(args.config ?? {}).map(([option, value]) => {
    const secret = isLater(value) || (isMasked(option) && !/^(true|false)$/.test(String(value)));
    return [option, secret ? refer(`config.${option}`, value) : value] as const;
  });
  return {
    args: {
      ...args,
      arguments: programArguments,
      ...(sql && isLater(sql.script) ? { sql: { ...sql, script: refer(scriptEntry, sql.script) } } : {}),
      ...(python && isLater(python.script)
        ? { python: { ...python, script: refer(pythonScriptEntry, python.script as pulumi.Output<string>) } }
        : {}),
      ...(args.config ? { config: Object.fromEntries(config) } : {}),
    },
    entries,
  };
}
