import { execa } from "execa";

/** Lint, formatting and types: what a reviewer should not have to say. */
export async function verify(projectDir: string): Promise<number> {
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
