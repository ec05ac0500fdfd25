import { statSync } from "node:fs";
import { Command, Option as CommanderOption } from "commander";
import { nearest } from "../components/flink/nearest";
import { Misuse } from "../recorder/errors";

/** An option of a command: how it is read, and its line in the command's help. */
export interface Option {
  type: "string" | "boolean";
  about: string;
  /** What stands for its value in the help, such as `NAME`. */
  value?: string;
  default?: string | boolean | string[];
  /** It may be given several times. */
  multiple?: boolean;
  /** The option without which it would have no effect. */
  needs?: string;
  /** The values that it may have. */
  choices?: readonly string[];
}

/** What a command is called with, and its help. */
export interface CommandLine<Options extends Record<string, Option> = Record<string, Option>> {
  name: string;
  about: string;
  /** What stands after the options, such as `FILE…`. Default: nothing may. */
  positionals?: string;
  options: Options;
  /** What may stand behind the command's name, and what it does. */
  examples?: readonly (readonly [args: string, about: string])[];
  /** Further lines of the help. */
  more?: string[];
  /** How a person calls it. Default: `npm run NAME --`. */
  call?: string;
}

type Value<Given extends Option> = Given["type"] extends "boolean"
  ? boolean
  : Given["multiple"] extends true
    ? string[]
    : string;

type HasDefault = { default: string | boolean | readonly string[] };

/** What has a default is always there. */
export type Values<Options extends Record<string, Option>> = {
  -readonly [Name in keyof Options as Options[Name] extends HasDefault ? Name : never]: Value<Options[Name]>;
} & {
  -readonly [Name in keyof Options as Options[Name] extends HasDefault ? never : Name]?: Value<Options[Name]>;
};

interface Read<Options extends Record<string, Option>> {
  values: Values<Options>;
  positionals: string[];
}

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

/** Reads what a command was called with; everything that is wrong with it is told at once. */
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
    // Commander's word for an option whose value is not there; `--out --check` means that somebody has forgotten the folder.
    if (found === true && line.options[name]!.type === "string")
      problems.push(`--${name}: ${value} is missing behind it.`);
    else if (typeof found === "string" && choices !== undefined && !choices.includes(found))
      problems.push(`--${name} ${found}: write one of ${choices.join(", ")}.`);
  }
  const taken = takenByNpm(line.options, given);
  if (taken.length > 0)
    problems.push(`npm has taken ${taken.join(", ")} for itself, and this command has not got it.`);
  // After an option that is not known it is most likely the option's value.
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

/** Without what stands behind `--`, which is somebody else's. */
export function ownArguments(args: readonly string[]): string[] {
  return args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
}

export function asksForHelp(args: readonly string[]): boolean {
  const own = ownArguments(args);
  return own.includes("--help") || own.includes("-h");
}

/** The command as Commander has it. A value may be missing there, so that this is told with everything else. */
function commandOf({ name, options }: CommandLine): Command {
  const command = new Command(name).exitOverride();
  for (const [option, { type, about, multiple }] of Object.entries(options)) {
    const added = new CommanderOption(type === "boolean" ? `--${option}` : `--${option} [value]`, about);
    if (multiple) added.argParser((value, before: string[] = []) => [...before, value]);
    command.addOption(added);
  }
  return command;
}

/** What was given, without defaults. `--no-prune` is an option of this name here, and not the contrary of another. */
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

/** Without `--` before them npm keeps options to itself and only leaves a trace in the environment. */
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

/** What `--help` prints. */
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

/** A place where a command is to write: refused before anything is done when something else is there. */
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
