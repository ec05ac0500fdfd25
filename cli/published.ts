import type { Caller } from "./caller";
import { checkLine, commentLine, jobsHelp, jobsLines, previewLine, renderLine } from "./command-lines";
import { type CommandLine, helpOf } from "./options";
import type { Command } from "./run";

type Action = (caller: Caller, args: string[], signal: AbortSignal) => Promise<number>;

/* eslint-disable @typescript-eslint/no-require-imports -- help is shown without the second that the Pulumi and Kubernetes libraries take */

/** The commands of the npm package, which also exist in `npm run`. */
export function publishedCommands(caller: Caller): Record<string, Command> {
  const command = (line: CommandLine, about: string, load: () => Action): Command => ({
    about,
    help: () => helpOf({ ...line, call: caller.call(line.name) }),
    load: () => {
      const action = load();
      return (args, signal) => action(caller, args, signal);
    },
    tidy: true,
  });
  const jobs = () => (require("./commands/jobs") as typeof import("./commands/jobs")).jobs;
  return {
    preview: command(
      previewLine,
      "what a change does, in Flink's words",
      () => (require("./commands/preview") as typeof import("./commands/preview")).preview,
    ),
    check: command(
      checkLine,
      "checks a stack, also by policy packs",
      () => (require("./commands/check") as typeof import("./commands/check")).check,
    ),
    render: command(
      renderLine,
      "a stack as Kubernetes YAML, or as a folder for GitOps",
      () => (require("./commands/render") as typeof import("./commands/render")).render,
    ),
    jobs: {
      ...command(jobsLines.status, "status, top, ui, savepoint, pause, resume, logs and gc of jobs", jobs),
      help: ([verb = ""]) => {
        const found = Object.entries<CommandLine>(jobsLines).find(([name]) => name === verb)?.[1];
        return found === undefined
          ? jobsHelp(caller.call("jobs"))
          : helpOf({ ...found, call: caller.call(found.name) });
      },
    },
    comment: command(
      commentLine,
      "posts a preview's report on a pull or merge request",
      () => (require("./commands/comment") as typeof import("./commands/comment")).comment,
    ),
  };
}
