import { existsSync } from "node:fs";
import path from "node:path";

/**
 * Environment for a program of this repository: it is compiled as the commands are, in a third of the time. A plugin's type check would refuse that setting
 * in the tsconfig.json beside the program.
 */
export const quickCompiler: Record<string, string> = {
  PULUMI_NODEJS_TSCONFIG_PATH: path.join(__dirname, "tsconfig.json"),
};

/** The same for a program that may be another's. */
export function quickCompilerOf(projectDir: string): Record<string, string> {
  return existsSync(path.join(projectDir, "local", "tsconfig.json")) ? quickCompiler : {};
}
