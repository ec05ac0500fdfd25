import type { Beginning, End } from "../../../preview/flink/jobs";

/** Between what may happen, of which one does. */
export const OR = " or ";

const ends: Record<Exclude<End, "mayRestart">, string> = {
  none: "new",
  goesOn: "runs on",
  restarts: "the same job, whose tasks restart",
  savepoint: "stopped with a savepoint",
  cancelled: "cancelled",
  lost: "lost with its JobManager",
  left: "runs on, and nobody looks after it",
};

const beginnings: Record<Beginning, string> = {
  none: "",
  nothing: "from nothing",
  savepoint: "from that savepoint",
  checkpoint: "from its last checkpoint",
  given: "from the given savepoint",
};

/** What becomes of a job, for people. Something else than a known beginning is told as it is. */
export function sayOf(name: string, end: End, beginning: string): string {
  if (end === "mayRestart") {
    return `${sayOf(name, "goesOn", "none")}${OR}${sayOf(name, "restarts", beginning)}`;
  }
  const from = beginnings[beginning as Beginning] ?? beginning;
  return `${name}: ${ends[end]}${from === "" ? "" : `, ${from}`}`;
}
