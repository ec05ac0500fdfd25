import { readFileSync } from "node:fs";
import { comment as post, NotPermitted } from "../../preview/comment";
import { Misuse, UserError } from "../../recorder/errors";
import type { Caller } from "../caller";
import { commentLine } from "../command-lines";
import { exitCodes } from "../exit-codes";
import { readOptions } from "../options";
import { placeOf } from "../place";
import { readStack, standIn } from "../stack";

/** Posts a report as the only comment of a stack on the pull or merge request of this job. */
export async function comment(caller: Caller, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions({ ...commentLine, call: caller.call("comment") }, args);
  const { commit, report } = values;
  if (commit === undefined || report === undefined)
    throw new Misuse("comment needs --commit SHA and --report FILE.", [`${caller.call("comment")} --help`]);
  const place = placeOf(caller, values);
  const { project, stack } = readStack(place.projectDir, place.stack, standIn);
  const text = readReport(report);
  try {
    const outcome = await post({
      project,
      stack,
      commit,
      report: text,
      environment: process.env,
      readEvent: (file) => JSON.parse(readFileSync(file, "utf8")) as unknown,
      signal,
      say: (line) => console.error(line),
    });
    const said: Record<string, string> = {
      created: "The report is a new comment.",
      updated: "The comment has the new report.",
      unchanged: "The comment had this report already.",
      superseded: "A later run has posted its report already; it stays.",
    };
    if (values.json)
      console.log(JSON.stringify({ format: "flink-kubernetes/comment/1", project, stack, outcome }));
    else if (said[outcome] !== undefined) console.log(said[outcome]);
    return exitCodes.done;
  } catch (error) {
    signal.throwIfAborted();
    const where = process.env.GITHUB_STEP_SUMMARY ? " The report is in the summary of this job." : "";
    const fix = error instanceof NotPermitted ? [] : ["Run this step again when the forge answers."];
    throw new UserError(`The report was not posted. ${(error as Error).message}${where}`, fix);
  }
}

function readReport(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(
      `--report ${file}: the file cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      ["It is report.md in the folder that preview --out FOLDER has written."],
    );
  }
}
