// Runs the Pulumi CLI (first argument) in a process group of its own and passes on one interrupt only. A terminal sends Ctrl-C to
// every process of its foreground group, and the Automation API sends the CLI a second one when its AbortSignal fires; the CLI takes
// the second for "stop at once" and would leave operations of unknown outcome behind.
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
