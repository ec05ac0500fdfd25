import assert from "node:assert/strict";
import * as fs from "node:fs";

/** Whether the first process of some container of a pod of the local node still runs, as the host sees it. */
export function processesOf(pod: string, command = /./): number[] {
  const ids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    try {
      // The first process of a container: its death is the container's.
      if (!/^NSpid:.*\s1$/m.test(fs.readFileSync(`/proc/${id}/status`, "utf8"))) return false;
      const environment = fs.readFileSync(`/proc/${id}/environ`, "utf8").split("\0");
      if (!environment.includes(`HOSTNAME=${pod}`)) return false;
      return command.test(fs.readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " "));
    } catch {
      return false; // it has just ended
    }
  });
}

/** Ends the process of a pod as a crash of the machine would (or with another signal): it gets no chance to say good-bye. */
export function killPod(pod: string, command = /./, signal: NodeJS.Signals = "SIGKILL"): void {
  const ours = processesOf(pod, command);
  assert.equal(ours.length, 1, `one process in pod ${pod}`);
  process.kill(ours[0]!, signal);
}
