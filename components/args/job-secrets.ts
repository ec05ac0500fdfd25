import * as pulumi from "@pulumi/pulumi";
import type { FlinkJobArgs } from "./job";
import { isMasked } from "../flink/sensitive";
import { pythonScriptEntry } from "./python";
import { isLater } from "./shape";
import { scriptEntry } from "./sql";

/**
 * What stands in a job's request in place of a text that not everybody may read: the name of an entry of the job's Secret. Nothing that a person can
 * give begins so: a NUL character is refused.
 */
const mark = "\0";

export function secretReference(entry: string): string {
  return `${mark}${entry}`;
}

/** The entry that a text refers to, if it is a reference. */
export function referredEntry(text: string): string | undefined {
  return text.startsWith(mark) ? text.slice(mark.length) : undefined;
}

/** The entry for a list of arguments that is an Output as a whole; its text is a JSON list. */
export const allArguments = "arguments.json";

/** A job's arguments, sorted into what may be read by everybody and what may not: Outputs, which may be secret, and options that Flink masks. */
export interface SplitJobArgs {
  /** The arguments with references in place of what is in `entries`. */
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
