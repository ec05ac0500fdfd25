import { execa } from "execa";
import { readOptions } from "../../cli/options";

/** Lint, formatting and types, so that reviewers need not check them. */
export async function verify(projectDir: string, args: string[]): Promise<number> {
  readOptions({ name: "verify", about: "Lint, formatting and types of everything.", options: {} }, args);
  let failed = 0;
  for (const script of ["lint", "typecheck"]) {
    const { exitCode } = await execa("npm", ["run", "--silent", script], {
      cwd: projectDir,
      stdio: "inherit",
      reject: false,
    });
    failed ||= exitCode ?? 1;
  }
  return failed;
}
