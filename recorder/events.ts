import { UserError } from "./errors";

/** What a run of the program tells its caller while it works, here or in the engine, and how it says that something is wrong. */

export type Operation = "create" | "update" | "same" | "replace" | "delete" | "read";

export type RunEvent =
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
  /** The run goes from checking everything to applying it, or to removing it. */
  | { type: "phase"; phase: "check" | "apply" | "remove" };

/** What is logged, with the resource that it is about: two jobs may be told the same. */
export function describeLog({ urn, message }: Extract<RunEvent, { type: "log" }>): string {
  return urn ? `${shortName(urn)}: ${message}` : message;
}

/** The last part of a URN, with the type: what a person calls the resource. */
export function shortName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return name === "" ? "the stack" : `${type} ${name}`;
}

export type EventHandler = (event: RunEvent) => void;

/** One thing that is wrong, with the resource that it is wrong with where there is one. */
export interface Finding {
  urn?: string;
  message: string;
  /** Nothing is wrong with it: only the engine knows what becomes of it. */
  needsEngine?: true;
}

/** What is right with the program, and what only the engine can do or know. It is left alone, and said. */
export interface Note {
  urn?: string;
  message: string;
  /** Kubernetes objects are missing for it: whoever applies what is recorded does not apply all of the stack. */
  incomplete?: true;
}

/** So many resources are named for one message. */
const NAMED = 5;

/** The notes as sentences: each message once, with the resources that it is about. */
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

/** What is wrong with a stack, all of it. `message` is the whole text for a person; the rest is the same as data. */
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

/** The program may repeat in its own words what it was told: the first telling is enough. */
export function distinct(findings: Finding[]): Finding[] {
  const told: Finding[] = [];
  for (const finding of findings) {
    if (!told.some(({ urn, message }) => (finding.urn ?? urn) === urn && finding.message.includes(message))) {
      told.push(finding);
    }
  }
  return told;
}
