import { check } from "./check";
import { config } from "./configuration";
import { exportPack } from "./export";
import { Misuse, type Surroundings } from "./surroundings";

const commands: Readonly<Record<string, (args: string[], around: Surroundings) => number>> = {
  check,
  config,
  export: exportPack,
};

const HELP = `Usage: flink-kubernetes-policies COMMAND …

  check   has the policy packs look at folders of manifests, or at standard input
  config  writes the configuration by which only chosen rules of a pack look: by severity, framework or tag
  export  writes a policy pack into a folder of its own, for pulumi policy publish

COMMAND --help tells all of it.`;

/** The command of this package. Returns the exit code, 2 for an invalid command line. */
export function run([name = "", ...args]: string[], around: Surroundings): number {
  if (name === "--help") {
    around.out(HELP);
    return 0;
  }
  try {
    if (!Object.hasOwn(commands, name)) throw new Misuse(HELP);
    return commands[name]!(args, around);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    around.error(error.message);
    return 2;
  }
}
