import path from "node:path";
import { publishedCommands } from "../cli/published";
import type { Command } from "../cli/run";
import { repository } from "./caller";

const projectDir = path.dirname(__dirname);
type Action = (projectDir: string, args: string[], signal: AbortSignal) => Promise<number>;

/**
 * Loads a command on demand: the Kubernetes and Pulumi libraries cost a second that `kubectl` does not need.
 */
const own = (name: string, about: string, file = `./commands/${name}`, tidy = false): Command => ({
  about,
  load: () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would need the file's compiled name
    const command = (require(file) as Record<string, Action>)[name]!;
    return (args, signal) => command(projectDir, args, signal);
  },
  tidy,
});

/** The commands of `npm run`. */
export const commands: Record<string, Command> = {
  start: own("start", "deploys a stack on the local node or a cluster, and shows the job's lines"),
  down: own("down", "takes down what was deployed, and the local node"),
  ...publishedCommands(repository),
  policies: own(
    "policies",
    "compiles the policy packs, and gives pulumi's options for them",
    undefined,
    true,
  ),
  kubectl: own("kubectl", "kubectl of the local node"),
  pulumi: own("pulumi", "the engine's own command line on the state of npm start"),
  pack: own("pack", "the npm packages as tarballs", undefined, true),
  release: own("release", "the tag and the tarballs of a release", undefined, true),
  docs: own("docs", "the documentation as a site"),
  test: own("test", "the tests"),
  soak: own("soak", "the long matrices of tests", "./commands/test"),
  bench: own("bench", "measures", "../tests/bench/index"),
  scoreboard: own("scoreboard", "how well the policy packs judge", "../tests/policies/support/scoreboard"),
  verify: own("verify", "lint, formatting and types"),
};
