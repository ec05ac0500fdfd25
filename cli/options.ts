import { statSync } from "node:fs";
import { Command, Option as CommanderOption } from "commander";
import { nearest } from "../components/flink/nearest";
import { Misuse } from "../recorder/errors";

/** An option of a command, with its line in the help. */
export interface Option {
  type: "string" | "boolean";
  about: string;
  /** The placeholder of its value in the help, such as `NAME`. */
  value?: string;
  default?: string | boolean | string[];
  /** Whether it may be repeated. */
  multiple?: boolean;
  /** Another option that it requires. */
  needs?: string;
  /** The allowed values. */
  choices?: readonly string[];
}

/** The options of a command, and its help. */
export interface CommandLine<Options extends Record<string, Option> = Record<string, Option>> {
  name: string;
  about: string;
  /** Arguments after the options, such as `FILE…`. Default: none. */
  positionals?: string;
  options: Options;
  /** Subcommands with their descriptions. */
  examples?: readonly (readonly [args: string, about: string])[];
  /** Further lines of the help. */
  more?: string[];
  /** The command line to call it. Default: `npm run NAME --`. */
  call?: string;
}

type Value<Given extends Option> = Given["type"] extends "boolean"
  ? boolean
  : Given["multiple"] extends true
    ? string[]
    : string;

type HasDefault = { default: string | boolean | readonly string[] };

/** Options with a default always have a value. */
export type Values<Options extends Record<string, Option>> = {
  -readonly [Name in keyof Options as Options[Name] extends HasDefault ? Name : never]: Value<Options[Name]>;
} & {
  -readonly [Name in keyof Options as Options[Name] extends HasDefault ? never : Name]?: Value<Options[Name]>;
};

interface Read<Options extends Record<string, Option>> {
  values: Values<Options>;
  positionals: string[];
}

/** Thrown by {@link readOptions} for `--help`, with the text for standard output. */
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

/** Reads a command line, and reports all its problems at once. */
export function readOptions<const Options extends Record<string, Option>>(
  line: CommandLine<Options>,
  args: string[],
): Read<Options> {
  if (asksForHelp(args)) throw new HelpAsked(helpOf(line));
  const command = commandOf(line);
  const { operands, unknown } = command.parseOptions(args);
  const given = givenValues(line, command);
  const problems = unknown
    .filter((arg, index) => /^--?\w/.test(arg) && !unknown.slice(0, index).includes("--"))
    .map((arg) => unknownOption(arg, line));
  for (const [name, { value = "a value", choices }] of Object.entries(line.options)) {
    const found = given[name];
    // Commander's code for a missing value: in `--out --check` the folder is missing.
    if (found === true && line.options[name]!.type === "string")
      problems.push(`--${name}: ${value} is missing behind it.`);
    else if (typeof found === "string" && choices !== undefined && !choices.includes(found))
      problems.push(`--${name} ${found}: write one of ${choices.join(", ")}.`);
  }
  const taken = takenByNpm(line.options, given);
  if (taken.length > 0)
    problems.push(`npm has taken ${taken.join(", ")} for itself, and this command has not got it.`);
  // After an unknown option, it probably is the option's value.
  if (line.positionals === undefined && operands.length > 0 && problems.length === 0)
    problems.push(`Unexpected argument '${operands.join(" ")}'.`);
  for (const [name, { needs }] of Object.entries(line.options)) {
    if (needs === undefined || given[name] === undefined || given[needs] !== undefined) continue;
    problems.push(`--${name} has an effect only with --${needs}.`);
  }
  if (problems.length > 0) throw new Misuse(problems.join("\n"), advice(line, taken.length > 0));
  const defaults = Object.entries(line.options).map(([name, option]) => [name, option.default] as const);
  const standard = Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
  return { values: { ...standard, ...given } as Values<Options>, positionals: operands };
}

/** Without the arguments after `--`, which are for another command. */
export function ownArguments(args: readonly string[]): string[] {
  return args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
}

export function asksForHelp(args: readonly string[]): boolean {
  const own = ownArguments(args);
  return own.includes("--help") || own.includes("-h");
}

/**
 * The command for Commander. Values are optional there, so that a missing one is reported with other
 * problems.
 */
function commandOf({ name, options }: CommandLine): Command {
  const command = new Command(name).exitOverride();
  for (const [option, { type, about, multiple }] of Object.entries(options)) {
    const added = new CommanderOption(type === "boolean" ? `--${option}` : `--${option} [value]`, about);
    if (multiple) added.argParser((value, before: string[] = []) => [...before, value]);
    command.addOption(added);
  }
  return command;
}

/** The given options, without defaults. `--no-prune` is its own option here, not the opposite of another. */
function givenValues({ options }: CommandLine, command: Command): Record<string, unknown> {
  const entries = command.options.map((option) => {
    const name = option.long!.slice(2);
    const key = option.attributeName();
    if (command.getOptionValueSource(key) !== "cli") return [name, undefined] as const;
    const value: unknown = command.getOptionValue(key);
    return [name, option.negate ? value === false : value] as const;
  });
  return Object.fromEntries(entries.filter(([name, value]) => value !== undefined && name in options));
}

function unknownOption(arg: string, line: CommandLine): string {
  const [given = "", value] = arg.split("=", 2);
  const name = given.replace(/^-+/, "");
  if (value !== undefined && line.options[name]?.type === "boolean")
    return `${given} is a switch and takes no value.`;
  const meant = nearest(name, Object.keys(line.options));
  return `Unknown option '${given}' of ${callOf(line).replace(/ --$/, "")}.${meant === undefined ? "" : ` Did you mean --${meant}?`}`;
}

/** Options without a preceding `--` are for npm, and appear only in the environment. */
function takenByNpm(options: Record<string, Option>, given: Record<string, unknown>): string[] {
  return Object.keys(options)
    .filter((name) => {
      if (given[name] !== undefined) return false;
      const negated = /^no-(.+)$/.exec(name)?.[1];
      const trace = process.env[`npm_config_${(negated ?? name).replaceAll("-", "_")}`];
      return negated === undefined ? trace !== undefined && trace !== "" : trace === "";
    })
    .map((name) => `--${name}`);
}

function advice(line: CommandLine, taken: boolean): string[] {
  return [
    ...(taken ? [`Write -- before the options of a command: ${callOf(line)} --option …`] : []),
    `All options: ${callOf(line)} --help`,
  ];
}

function callOf({ name, call }: CommandLine): string {
  return call ?? (name === "start" || name === "test" ? `npm ${name} --` : `npm run ${name} --`);
}

/** The text of `--help`. */
export function helpOf(line: CommandLine): string {
  const { about, positionals, options, examples = [], more = [] } = line;
  const rows = Object.entries({ ...options, help: { type: "boolean", about: "this text" } as Option }).map(
    ([option, { value, about: text, default: standard, needs, choices }]) => [
      `--${option}${value === undefined ? "" : ` ${value}`}`,
      [
        text,
        ...(choices === undefined ? [] : [`(${choices.join(", ")})`]),
        ...(typeof standard === "string" ? [`(default: ${standard})`] : []),
        ...(needs === undefined ? [] : [`(with --${needs})`]),
      ].join(" "),
    ],
  );
  const help = new Command().createHelp();
  const width = process.stdout.isTTY ? process.stdout.columns || 80 : 100;
  const short = Math.max(...rows.map(([left]) => left!.length).filter((length) => length <= 24));
  const lines = rows.map(([left, text]) => {
    const wrapped = help
      .boxWrap(text!, Math.max(40, width - short - 4))
      .replaceAll("\n", `\n${" ".repeat(short + 4)}`);
    return left!.length > short
      ? `  ${left}\n  ${" ".repeat(short)}  ${wrapped}`
      : `  ${left!.padEnd(short)}  ${wrapped}`;
  });
  const call = `${callOf(line)} [OPTIONS]${positionals === undefined ? "" : ` ${positionals}`}`;
  const shown = examples.map(([args, what]) => `  ${`${callOf(line)} ${args}`.trim()}\n      ${what}`);
  return [
    call,
    help.boxWrap(about, Math.max(40, width)),
    "",
    ...lines,
    ...(more.length > 0 ? ["", ...more] : []),
    ...(shown.length > 0 ? ["", "Examples:", ...shown] : []),
  ].join("\n");
}

/** Checks the output's place before any work: throws if something else is there. */
export function checkPlace(option: string, place: string | undefined, wanted: "folder" | "file"): void {
  const there = place === undefined ? undefined : statSync(place, { throwIfNoEntry: false });
  if (there === undefined || there.isDirectory() === (wanted === "folder")) return;
  const found = wanted === "folder" ? "a file" : "a folder";
  throw new Misuse(`${option} ${place}: this is ${found}, and a ${wanted} is wanted. Nothing was written.`, [
    wanted === "folder"
      ? "Name a folder; it is made if it is not there."
      : "Name a file; it is made if it is not there.",
  ]);
}
