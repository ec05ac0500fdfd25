import { UserError } from "./errors";

/** Events of a run of the program, here or in the engine, and its problems. */

export type Operation = "create" | "update" | "same" | "replace" | "delete" | "read";

export type RunEvent =
  /**
   * A registered object changes its state. `kind` is the Kubernetes kind, or the type token of other
   * resources.
   */
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
  /** A line for users: output of the program, or the reason of a wait. */
  | { type: "log"; severity: "info" | "warning" | "error"; message: string; urn?: string }
  /** The run changes from checking to applying or removing. */
  | { type: "phase"; phase: "check" | "apply" | "remove" };

/** A log message with its resource, since two jobs may have the same message. */
export function describeLog({ urn, message }: Extract<RunEvent, { type: "log" }>): string {
  return urn ? `${shortName(urn)}: ${message}` : message;
}

/** The last part of a URN with the type, as the resource's name for users. */
export function shortName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return name === "" ? "the stack" : `${type} ${name}`;
}

export type EventHandler = (event: RunEvent) => void;

/** A problem, with its resource if it has one. */
export interface Finding {
  urn?: string;
  message: string;
  /** Not a problem: only the engine can handle it. */
  needsEngine?: true;
}

/** A valid part of the program that only the engine can handle. It is skipped and reported. */
export interface Note {
  urn?: string;
  message: string;
  /** Kubernetes objects are missing because of it, so the recording is not the whole stack. */
  incomplete?: true;
}

/** Maximum number of resources in one message. */
const NAMED = 5;

/** The notes as sentences: each message once, with its resources. */
export function describeNotes(notes: readonly Note[]): string[] {
  const byMessage = new Map<string, string[]>();
  for (const { urn, message } of notes) {
    const names = byMessage.get(message) ?? [];
    byMessage.set(message, urn === undefined || urn === "" ? names : [...names, shortName(urn)]);
  }
  return [...byMessage].map(([message, names]) => {
    const sorted = [...new Set(names)].sort();
    const more = sorted.length > NAMED ? `, and ${sorted.length - NAMED} more` : "";
    return sorted.length === 0 ? message : `${message}: ${sorted.slice(0, NAMED).join(", ")}${more}`;
  });
}

/** All problems of a stack. `message` is the whole text for users; the other fields are the same as data. */
export class StackError extends UserError {
  constructor(
    summary: string,
    readonly findings: Finding[] = [],
  ) {
    super(
      [
        summary,
        ...findings.map((finding) =>
          indent(finding.urn ? `${finding.urn}\n${finding.message}` : finding.message),
        ),
      ].join("\n"),
    );
    this.name = "StackError";
  }
}

function indent(text: string): string {
  return "  - " + text.trimEnd().split("\n").join("\n    ");
}

/** The program may repeat an error in other words. The first message is enough. */
export function distinct(findings: Finding[]): Finding[] {
  const told: Finding[] = [];
  for (const finding of findings) {
    if (!told.some(({ urn, message }) => (finding.urn ?? urn) === urn && finding.message.includes(message))) {
      told.push(finding);
    }
  }
  return told;
}
