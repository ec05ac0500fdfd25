import { Misuse } from "../../recorder/errors";
import { commandLines } from "../command-lines";
import { type CommandLine, readOptions } from "../options";

const NAME = "flink-kubernetes";

/** Prints a shell script that completes commands and options. */
export async function completion(line: CommandLine, args: string[]): Promise<number> {
  const { positionals } = readOptions(line, args);
  const [shell = "", ...more] = positionals;
  if (!Object.hasOwn(shells, shell) || more.length > 0)
    throw new Misuse(`Which shell? Write one of ${Object.keys(shells).join(", ")}.`);
  console.log(shells[shell]!());
  return 0;
}

const shells: Record<string, () => string> = { bash, zsh, fish };

/** The words that may follow a command: further words of its name, and its options. */
function wordsAfter(): Map<string, string[]> {
  const words = new Map<string, Set<string>>();
  const add = (before: string, word: string) => words.set(before, (words.get(before) ?? new Set()).add(word));
  for (const { name, options } of commandLines) {
    const parts = name.split(" ");
    parts.forEach((part, index) => add(parts.slice(0, index).join(" "), part));
    for (const option of [...Object.keys(options), "help"]) add(name, `--${option}`);
  }
  return new Map([...words].map(([before, found]) => [before, [...found]]));
}

/** Options with a fixed set of values, by option. */
function choicesOf(): [option: string, choices: readonly string[]][] {
  const found = commandLines.flatMap(({ options }) =>
    Object.entries(options).flatMap(([option, { choices }]) => (choices ? [[option, choices] as const] : [])),
  );
  return [...new Map(found)].map(([option, choices]) => [option, choices]);
}

function bash(): string {
  const cases = [...wordsAfter()].map(([before, words]) => `    "${before}") words="${words.join(" ")}" ;;`);
  const values = choicesOf().map(
    ([option, choices]) =>
      `    --${option}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`,
  );
  return `_flink_kubernetes() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}" command="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] && break
    command="\${command:+$command }$word"
  done
  case "$previous" in
${values.join("\n")}
    --cwd|--out|--output|--outputs|--base|--head|--report) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _flink_kubernetes ${NAME}`;
}

function zsh(): string {
  return `#compdef ${NAME}
autoload -U +X bashcompinit && bashcompinit
${bash()}`;
}

function fish(): string {
  const lines = commandLines.flatMap(({ name, about, options }) => {
    const parts = name.split(" ");
    const seen = (words: string[]) =>
      words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    const first =
      parts.length === 1
        ? `complete -c ${NAME} -f -n __fish_use_subcommand -a ${parts[0]} -d ${quoted(about)}`
        : `complete -c ${NAME} -f -n ${quoted(seen(parts.slice(0, 1)))} -a ${parts[1]} -d ${quoted(about)}`;
    const each = Object.entries(options).map(([option, { about: text, type, choices }]) => {
      const value = choices ? ` -x -a ${quoted(choices.join(" "))}` : type === "string" ? " -r" : "";
      return `complete -c ${NAME} -n ${quoted(seen(parts))} -l ${option}${value} -d ${quoted(text)}`;
    });
    return [first, ...each];
  });
  const groups = [
    ...new Set(
      commandLines
        .map(({ name }) => name.split(" "))
        .filter((parts) => parts.length > 1)
        .map(([group]) => group!),
    ),
  ];
  return [
    ...groups.map((group) => `complete -c ${NAME} -f -n __fish_use_subcommand -a ${group}`),
    ...lines,
  ].join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
