#!/usr/bin/env node
import { readFileSync } from "node:fs";
import path from "node:path";
import { completionLine, schemaLine } from "./command-lines";
import { installed } from "./installed";
import { publishedCommands } from "./published";
import { type Program, runCommands } from "./run";

/* eslint-disable @typescript-eslint/no-require-imports -- help needs none of it */

/** `npx flink-kubernetes`, in any Pulumi project. */
const program: Program = {
  commands: {
    ...publishedCommands(installed),
    schema: {
      about: "the JSON Schema of the components' arguments",
      load: () => {
        const { schema } = require("./commands/schema") as typeof import("./commands/schema");
        return (args) => schema({ ...schemaLine, call: installed.call("schema") }, args);
      },
    },
    completion: {
      about: "completes commands and options in bash, zsh or fish",
      load: () => {
        const { completion } = require("./commands/completion") as typeof import("./commands/completion");
        return (args) => completion({ ...completionLine, call: installed.call("completion") }, args);
      },
    },
  },
  help: {
    before: ["npx flink-kubernetes COMMAND [OPTIONS], in the folder of a Pulumi project:", ""],
    after: [
      "",
      "The options of each, with examples: npx flink-kubernetes COMMAND --help",
      "",
      "Exit codes: 0 done, and nothing stands against it; 1 the stack, a policy or a folder is not as it should be;",
      "2 the command could not do its work; 130 interrupted.",
    ],
  },
  version: () => {
    const manifest = path.join(__dirname, "..", "..", "package.json");
    return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
  },
};

runCommands(program, process.argv.slice(2));
