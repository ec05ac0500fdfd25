import type { Comment, Forge } from "./forge";
import { Unanswered } from "./http";

/** Identity of a comment, in a hidden line. */
export interface Mark {
  project: string;
  stack: string;
  commit: string;
  /** Increases from run to run: an older run does not overwrite a newer one. */
  run: number;
}

/**
 * GitHub accepts 65,536 characters, GitLab more. The report itself is shorter, but text from others may not
 * be.
 */
const LONGEST = 65_000;

/** How often somebody else may interfere. */
const ROUNDS = 5;

const KEPT_AS_IT_IS = 3;

export type Outcome = "created" | "updated" | "unchanged" | "superseded";

/**
 * Creates or updates the single comment of a stack. It searches all pages for comments with the hidden first
 * line by the same author. To notice concurrent changes it looks again, until there is exactly one comment
 * with this content.
 */
export async function publish(forge: Forge, mark: Mark, report: string): Promise<Outcome> {
  const body = bodyOf(mark, report);
  let outcome: Outcome = "unchanged";
  let problem: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    const [first, ...others] = (await forge.mine()).filter((comment) => isOf(comment, mark));
    try {
      if (first === undefined) {
        await forge.create(body);
        outcome = "created";
        continue;
      }
      if (runOf(first) > mark.run || others.some((comment) => runOf(comment) > mark.run)) {
        await onlyNewest(forge, [first, ...others]);
        return "superseded";
      }
      // A forge may store text in a changed form. After some rounds, a comment with this run's mark counts as
      // equal.
      const same =
        textOf(first.body) === textOf(body) || (round >= KEPT_AS_IT_IS && runOf(first) === mark.run);
      if (!same) {
        if (outcome !== "created") outcome = "updated";
        await forge.update(first.id, body);
        for (const { id } of others) await forge.remove(id);
        continue;
      }
      for (const { id } of others) await forge.remove(id);
      if (others.length === 0) return outcome;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      problem = error;
    }
  }
  throw (
    problem ??
    new Error(`Somebody else changes the comment of stack ${mark.stack} all the time. Run this step again.`)
  );
}

async function onlyNewest(forge: Forge, comments: readonly Comment[]): Promise<void> {
  const newest = Math.max(...comments.map(runOf));
  const kept = comments.find((comment) => runOf(comment) === newest)!;
  for (const { id } of comments) if (id !== kept.id) await forge.remove(id);
}

function bodyOf(mark: Mark, report: string): string {
  const { run, commit } = mark;
  const head = `${beginning(mark)} run=${run} commit=${plain(commit)} -->\n`;
  const text = textOf(report);
  return head + (text.length <= LONGEST - head.length ? text : cut(text, LONGEST - head.length));
}

function cut(text: string, length: number): string {
  const note = "\n\n…\n\nThis is not all: the whole report is among the files of this run.";
  const part = text.slice(0, length - note.length);
  return part.slice(0, Math.max(part.lastIndexOf("\n"), 0)) + note;
}

function beginning({ project, stack }: Mark): string {
  return `<!-- flink-kubernetes-preview ${plain(project)}/${plain(stack)}`;
}

/** Escapes everything that ends an HTML comment or a word. */
function plain(text: string): string {
  return encodeURIComponent(text).replaceAll("--", "%2D%2D");
}

function textOf(body: string): string {
  return body.replaceAll("\r\n", "\n").trim();
}

/** At the very beginning: names and values in a report cannot appear there. */
function isOf({ body }: Comment, mark: Mark): boolean {
  return body.startsWith(`${beginning(mark)} `);
}

function runOf({ body }: Comment): number {
  return Number(/^<!-- \S+ \S+ run=(\d+) /.exec(body)?.[1] ?? 0);
}
