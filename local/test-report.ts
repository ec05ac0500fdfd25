import path from "node:path";
import { markdownTable } from "../tests/bench/report";

/** A test, or a hook that failed, and the seconds that it took. */
export interface Case {
  file: string;
  title: string;
  result: "passed" | "failed" | "skipped";
  seconds: number;
}

/** The files that took longest, so that it can be seen what the time of `npm test` goes to. */
export function slowest(projectDir: string, files: Map<string, number>, count: number): string[] {
  return [...files]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([file, seconds]) => `${seconds.toFixed(1).padStart(8)} s  ${path.relative(projectDir, file)}`);
}

/** What a soak found, to be pasted into docs/figures.md. */
export function soakReport(projectDir: string, heading: string, cases: Case[]): string {
  const files = [...new Set(cases.map(({ file }) => file))];
  const tables = files.map((file) => {
    const rows = cases
      .filter((each) => each.file === file)
      .map(({ title, result, seconds }) => [
        title.replaceAll("|", "\\|"),
        result === "failed" ? "**failed**" : result,
        seconds.toFixed(1),
      ]);
    return `${path.relative(projectDir, file)}:\n\n${markdownTable([["case", "result", "seconds"], ...rows])}\n`;
  });
  return [`${heading}\n`, ...tables].join("\n");
}
