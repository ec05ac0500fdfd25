import { UserError } from "../errors";

/** What the engine-less path tells its caller while it works, and how it says that something went wrong. */

export type Operation = "create" | "update" | "same" | "replace" | "delete" | "read";

export type DirectEvent =
  /** One registered object changes its state. `kind` is the Kubernetes kind, or the type token of anything else. */
  | {
      type: "resource";
      urn: string;
      kind: string;
      name: string;
      namespace?: string;
      op: Operation;
      status: "start" | "done" | "failed";
      message?: string;
    }
  /** A line for people: what the program logs or prints, and what a wait is waiting for. */
  | { type: "log"; severity: "info" | "warning" | "error"; message: string; urn?: string }
  /** The run goes from checking everything to applying it, to removing what is no longer in the program. */
  | { type: "phase"; phase: "check" | "apply" | "remove" };

export type EventHandler = (event: DirectEvent) => void;

/** One thing that is wrong, with the resource that it is wrong with where there is one. */
export interface Finding {
  urn?: string;
  message: string;
}

/** A run that did not succeed. `message` is the whole text for a person; the rest is the same as data. */
export class DirectError extends UserError {
  constructor(
    summary: string,
    readonly findings: Finding[] = [],
    /** What this run leaves behind on the cluster, a line for each object that a person should know of. */
    readonly left: string[] = [],
  ) {
    super(
      [
        summary,
        ...findings.map((finding) =>
          indent(finding.urn ? `${finding.urn}\n${finding.message}` : finding.message),
        ),
        ...(left.length > 0 ? ["", ...left] : []),
      ].join("\n"),
    );
    this.name = "DirectError";
  }
}

function indent(text: string): string {
  return "  - " + text.trimEnd().split("\n").join("\n    ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
