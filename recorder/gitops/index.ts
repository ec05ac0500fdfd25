/**
 * A stack as a folder of a Git repository, for GitOps tools: one file for each object, the same bytes for the
 * same stack, and no secrets.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../errors";
import { describeNotes, manifests, type Note, type ProgramRun, type Runner, StackError } from "..";
import { filesOf, headers, type Layout, type Tool } from "./files";
import { compare, type Difference, write } from "./folder";
import { publishable } from "./manifests";
import { stageFolder } from "./tools";

export { ENCRYPTED } from "./manifests";
export type { Tool } from "./files";

export interface FolderOptions extends ProgramRun {
  out: string;
  tool: Tool;
  /** Secrets (`namespace/name`) from another source. */
  secretRefs: readonly string[];
  /** Only checks whether the folder is up to date. */
  check: boolean;
  /** Whether Flux deletes objects that are no longer in a stage. */
  prune: boolean;
  /** Flux's GitRepository. */
  source: { name: string; namespace: string };
}

export interface FolderResult extends Difference {
  files: string[];
  /** Notes to read before a commit. */
  warnings: string[];
  /** Parts of the stack that only the engine can handle. */
  notes: readonly Note[];
}

/**
 * Writes the folder, or reports differences. Reports all problems at once, and writes nothing if there are
 * any.
 */
export async function renderFolder(options: FolderOptions, run?: Runner): Promise<FolderResult> {
  const { project, stack, out, tool, prune } = options;
  const recorded = await manifests(options, run);
  const { rendered, expected, findings } = publishable(recorded.rendered, options.secretRefs);
  if (findings.length > 0) {
    // Skipped parts are often the reason for unknown values.
    const left = describeNotes(recorded.notes).map((message) => ({ message }));
    throw new StackError("The stack cannot be written to files. Nothing was written:", [
      ...findings,
      ...left,
    ]);
  }
  const source = { ...options.source, path: tool === "flux" ? inRepository(out) : "" };
  const layout: Layout = { project, stack, tool, source, prune };
  const files = filesOf(rendered, expected, layout, recorded.notes);
  const difference = compare(out, files, headers(project, stack));
  const { notes } = recorded;
  const result: FolderResult = { ...difference, files: [...files.keys()].sort(), warnings: [], notes };
  if (options.check) return result;
  if (difference.inTheWay.length > 0) {
    throw new UserError(
      `${out} has files that are not of stack ${stack} of project ${project} where its own belong. Nothing was written:\n${lines(difference.inTheWay)}`,
      ["Move them, or use another folder: each stack has one of its own."],
    );
  }
  if (tool === "flux") checkMoves(out, difference, layout);
  if (tool === "flux") result.warnings.push(...removedEarly(difference));
  write(out, files, difference);
  return result;
}

function lines(files: readonly string[]): string {
  return files.map((file) => `  ${file}`).join("\n");
}

/** The folder's path inside its Git repository. */
function inRepository(folder: string): string {
  const absolute = path.resolve(folder);
  for (let top = absolute; ; top = path.dirname(top)) {
    if (existsSync(path.join(top, ".git"))) return path.relative(top, absolute).split(path.sep).join("/");
    if (path.dirname(top) === top) break;
  }
  throw new UserError(
    `--for flux: ${folder} is in no Git repository, so the path that Flux would read is not known.`,
    ["Use a folder inside the repository that Flux reads."],
  );
}

/** Refuses objects that move between stages, since the old stage would delete them, unless nothing prunes. */
function checkMoves(out: string, { stale, missing }: Difference, { prune }: Layout): void {
  const added = new Map(missing.map((file) => [path.posix.basename(file), file]));
  const moved = stale.filter(
    (file) => added.has(path.posix.basename(file)) && !file.endsWith("kustomization.yaml"),
  );
  if (moved.length === 0 || (!prune && !deletes(out))) return;
  throw new UserError(
    `These objects come in another stage than before, and Flux would delete each before it makes it again. Nothing was written:\n${lines(
      moved.map((file) => `${file} → ${added.get(path.posix.basename(file))!}`),
    )}`,
    [
      "1. Write the stack as it is committed now with --no-prune, commit, and wait until Flux has applied it.",
      "2. Write the changed stack with --no-prune, commit, and wait again.",
      "3. Write it without --no-prune, and commit.",
    ],
  );
}

/** Whether the stages in the folder delete missing objects. */
function deletes(out: string): boolean {
  const stages = readdirSync(out).filter((file) => /^kustomization-.+\.yaml$/.test(file));
  return stages.some((file) => /^ {2}prune: true$/m.test(readFileSync(path.join(out, file), "utf8")));
}

/**
 * Flux deletes the first stage first, including objects that workloads of later stages need for their end.
 */
function removedEarly({ stale }: Difference): string[] {
  const stageOf = (file: string) => Number(/^stage-(\d+)\//.exec(file)?.[1] ?? NaN);
  const first = Math.min(...stale.map(stageOf).filter((stage) => !Number.isNaN(stage)));
  const late = stale.filter((file) => stageOf(file) > first && /\/(deployment|statefulset)-/.test(file));
  return late.map(
    (file) =>
      `${file} goes, and Flux deletes ${stageFolder(first)} before it. If it is a job's guard, it cannot stop the job with a savepoint any more: ` +
      "pause the job before this is committed (jobs pause JOB).",
  );
}
