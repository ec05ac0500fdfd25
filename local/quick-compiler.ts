import { existsSync } from "node:fs";
import path from "node:path";

/**
 * Environment for a program of this repository, with the commands' fast compiler, which takes a third of the
 * time. In the program's own tsconfig.json, a plugin's type check would refuse the setting.
 */
export const quickCompiler: Record<string, string> = {
  PULUMI_NODEJS_TSCONFIG_PATH: path.join(__dirname, "tsconfig.json"),
};

/** The same for a program that may be outside of this repository. */
export function quickCompilerOf(projectDir: string): Record<string, string> {
  return existsSync(path.join(projectDir, "local", "tsconfig.json")) ? quickCompiler : {};
}
