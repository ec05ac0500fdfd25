import { runCommands } from "../cli/run";
import { commands } from "./command-list";

runCommands(
  {
    commands,
    help: {
      before: ["npm start, npm test, and npm run COMMAND:"],
      after: ["", "The options of each: npm run COMMAND -- --help"],
    },
  },
  process.argv.slice(2),
);
