import { readFileSync } from "node:fs";
import { comment as post, NotPermitted } from "../../preview/comment";
import { UserError } from "../../recorder/errors";
import { readOptions, stackOption } from "../options";
import { readStack, standIn } from "../stack";

/** `npm run comment`: posts a report as the one comment of a stack on the pull or merge request that this job is for. */
export async function comment(projectDir: string, args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readOptions(
    {
      name: "comment",
      about:
        "Posts the report of a preview as the one comment of a stack on the pull or merge request that this job of CI is for.",
      options: {
        stack: stackOption,
        commit: { type: "string", value: "SHA", about: "the commit that the report is of; needed" },
        report: { type: "string", value: "FILE", about: "report.md of npm run preview -- --out; needed" },
      },
    },
    args,
  );
  const { stack, commit, report } = values;
  if (commit === undefined || report === undefined) {
    throw new UserError("npm run comment needs --commit SHA and --report FILE.", []);
  }
  const { project } = readStack(projectDir, stack, standIn);
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
    if (said[outcome] !== undefined) console.log(said[outcome]);
    return 0;
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
      ["It is report.md in the folder that npm run preview -- --out FOLDER has written."],
    );
  }
}
