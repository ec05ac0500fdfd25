// Runs the Pulumi CLI (first argument) in its own process group, and passes on one interrupt only. Otherwise
// the CLI gets Ctrl-C from the terminal and from the Automation API's AbortSignal. It takes the second as
// "stop at once", which leaves operations with an unknown outcome.
import { spawn } from "node:child_process";

const [cli, ...args] = process.argv.slice(2);
const child = spawn(cli, args, { stdio: "inherit", detached: true });
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (!interrupted) child.kill("SIGINT");
    interrupted = true;
  });
}
child.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));
