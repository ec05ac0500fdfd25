import path from "node:path";
import { markdownTable } from "../tests/bench/report";

/** A test or a failed hook, with its duration in seconds. */
export interface Case {
  file: string;
  title: string;
  result: "passed" | "failed" | "skipped";
  seconds: number;
}

/** The slowest files, which show where `npm test` spends its time. */
export function slowest(projectDir: string, files: Map<string, number>, count: number): string[] {
  return [...files]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([file, seconds]) => `${seconds.toFixed(1).padStart(8)} s  ${path.relative(projectDir, file)}`);
}

/** The result of a soak, for docs/figures.md. */
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
