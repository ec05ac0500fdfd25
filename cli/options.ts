import { statSync } from "node:fs";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest } from "../components/flink/nearest";
import { UserError } from "../recorder/errors";

/** An option of a command: how it is read, and its line in the command's help. */
export type Option = NonNullable<ParseArgsConfig["options"]>[string] & {
  about: string;
  /** What stands for its value in the help, such as `NAME`. */
  value?: string;
  /** The option without which it would have no effect. */
  needs?: string;
};

/** What a command is called with, and its help. */
export interface CommandLine<Options extends Record<string, Option>> {
  name: string;
  about: string;
  /** What stands after the options, such as `FILE…`. Default: nothing may. */
  positionals?: string;
  options: Options;
  /** Further lines of the help. */
  more?: string[];
}

type Read<Options extends Record<string, Option>> = ReturnType<
  typeof parseArgs<{ args: string[]; allowPositionals: true; options: Options }>
>;

/** Thrown by {@link readOptions} for `--help`: what to print on standard output. */
export class HelpAsked extends Error {}

export const stackOption = {
  type: "string",
  default: "dev",
  value: "NAME",
  about: "the stack, which is the file Pulumi.NAME.yaml",
} as const satisfies Option;

export const contextOption = {
  type: "string",
  value: "NAME",
  about: "the cluster of this context of your kubeconfig, in place of the local node",
} as const satisfies Option;

export const stackOutputOption = {
  type: "string",
  multiple: true,
  default: [] as string[],
  value: "ORGANIZATION/PROJECT/STACK=FILE",
  about: "outputs of another stack that the program refers to; may be repeated",
} as const satisfies Option;

/** Reads what a command was called with; everything that is wrong with it is told at once. */
export function readOptions<const Options extends Record<string, Option>>(
  line: CommandLine<Options>,
  args: string[],
): Read<Options> {
  const own = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  if (own.includes("--help") || own.includes("-h")) throw new HelpAsked(helpOf(line));
  const problems: string[] = [];
  const { values, positionals, tokens } = parseArgs({
    args,
    options: withoutDefaults(line.options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(line.options, token.name) ? line.options[token.name] : undefined;
    if (option === undefined) problems.push(unknownOption(token.rawName, line));
    else if (option.type === "string" && missesValue(token.value))
      problems.push(`${token.rawName}: ${option.value ?? "a value"} is missing behind it.`);
    else if (option.type === "boolean" && token.value !== undefined)
      problems.push(`${token.rawName} is a switch and takes no value.`);
  }
  const taken = takenByNpm(line.options, values);
  if (taken.length > 0)
    problems.push(`npm has taken ${taken.join(", ")} for itself, and this command has not got it.`);
  // After an option that is not known it is most likely the option's value.
  if (line.positionals === undefined && positionals.length > 0 && problems.length === 0)
    problems.push(`Unexpected argument '${positionals.join(" ")}'.`);
  for (const [name, { needs }] of Object.entries(line.options)) {
    if (needs === undefined || values[name] === undefined || values[needs] !== undefined) continue;
    problems.push(`--${name} has an effect only with --${needs}.`);
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"), advice(line, taken.length > 0));
  const defaults = Object.entries(line.options).map(([name, option]) => [name, option.default] as const);
  const given = Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
  return { values: { ...given, ...values }, positionals } as Read<Options>;
}

/** So that what was given can be told from what is a default. */
function withoutDefaults(options: Record<string, Option>): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
}

/** `--out --check` means that somebody has forgotten the folder. */
function missesValue(value: string | undefined): boolean {
  return value === undefined || /^--\w/.test(value);
}

function unknownOption(given: string, { options, name }: CommandLine<Record<string, Option>>): string {
  const meant = nearest(given.replace(/^-+/, ""), Object.keys(options));
  return `Unknown option '${given}' of ${callOf(name)}.${meant === undefined ? "" : ` Is it --${meant}?`}`;
}

/** Without `--` before them npm keeps options to itself and only leaves a trace in the environment. */
function takenByNpm(options: Record<string, Option>, values: Record<string, unknown>): string[] {
  return Object.keys(options)
    .filter((name) => {
      if (values[name] !== undefined) return false;
      const negated = /^no-(.+)$/.exec(name)?.[1];
      const trace = process.env[`npm_config_${(negated ?? name).replaceAll("-", "_")}`];
      return negated === undefined ? trace !== undefined && trace !== "" : trace === "";
    })
    .map((name) => `--${name}`);
}

function advice({ name }: CommandLine<Record<string, Option>>, taken: boolean): string[] {
  return [
    ...(taken ? [`Write -- before the options of a command: ${callOf(name)} -- --option …`] : []),
    `All options: ${callOf(name)} -- --help`,
  ];
}

function callOf(name: string): string {
  return name === "start" || name === "test" ? `npm ${name}` : `npm run ${name}`;
}

function helpOf({
  name,
  about,
  positionals,
  options,
  more = [],
}: CommandLine<Record<string, Option>>): string {
  const rows = Object.entries({ ...options, help: { type: "boolean", about: "this text" } as Option }).map(
    ([option, { value, about: text, default: standard, needs }]) => [
      `--${option}${value === undefined ? "" : ` ${value}`}`,
      [
        text,
        ...(typeof standard === "string" ? [`(default: ${standard})`] : []),
        ...(needs === undefined ? [] : [`(with --${needs})`]),
      ].join(" "),
    ],
  );
  const short = Math.max(...rows.map(([left]) => left!.length).filter((length) => length <= 24));
  const lines = rows.map(([left, text]) =>
    left!.length > short ? `  ${left}\n  ${" ".repeat(short)}  ${text}` : `  ${left!.padEnd(short)}  ${text}`,
  );
  const call = `${callOf(name)} -- [OPTIONS]${positionals === undefined ? "" : ` ${positionals}`}`;
  return [call, about, "", ...lines, ...(more.length > 0 ? ["", ...more] : [])].join("\n");
}

/** A place where a command is to write: refused before anything is done when something else is there. */
export function checkPlace(option: string, place: string | undefined, wanted: "folder" | "file"): void {
  const there = place === undefined ? undefined : statSync(place, { throwIfNoEntry: false });
  if (there === undefined || there.isDirectory() === (wanted === "folder")) return;
  const found = wanted === "folder" ? "a file" : "a folder";
  throw new UserError(
    `${option} ${place}: this is ${found}, and a ${wanted} is wanted. Nothing was written.`,
    [
      wanted === "folder"
        ? "Name a folder; it is made if it is not there."
        : "Name a file; it is made if it is not there.",
    ],
  );
}
