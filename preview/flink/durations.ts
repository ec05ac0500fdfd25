import type { ClusterFacts, JobFacts } from "./facts";
import type { Path } from "./jobs";

/**
 * Approximate time for which a job's records wait. Only durations measured in docs/figures.md are numbers.
 * All others name what the job waits for, and the bound.
 */
export function duration(path: Path, job: JobFacts, cluster: ClusterFacts | undefined): string {
  const bound = `at most ${job.startTimeout} s (startTimeout), or the update fails`;
  switch (path) {
    case "goesOn":
      return "no pause";
    case "new":
      return `runs within ${job.startTimeout} s (startTimeout), or the update fails`;
    case "removed":
      return `its stop takes ${job.startTimeout} s (startTimeout) at most`;
    case "savepoint":
      return `from its savepoint until all tasks run again: ${bound}`;
    case "lastState":
      return `from its cancellation until all tasks run again, 3 s or more: ${bound}`;
    case "nothing":
      return `from its cancellation until all tasks run: ${bound}`;
    case "takenOver":
      return cluster?.version.startsWith("1.") ? measured("55 s") : measured("40 s");
    case "rescales":
      return rescaling(true);
    case "tasks":
      return "while TaskManagers roll and the state is loaded; not measured";
    case "guard":
      return "until the JobManager serves and the guard has seen it; not measured";
  }
}

export function rescaling(more: boolean): string {
  return measured(more ? "29 s" : "7 s");
}

function measured(seconds: string): string {
  return `measured: ${seconds} until all tasks ran again, on two cores with little state`;
}
