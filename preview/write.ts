import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { commentOf, fullOf } from "./markdown";
import type { Report } from "./report";

/** The files of a report: report.md fits into a comment, full.md is complete, report.json is for programs. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const objects = report.objects.map(({ urn, operation, what, because, hidden }) => ({
    urn,
    operation,
    what,
    because,
    hidden,
  }));
  writeFileSync(path.join(folder, "report.md"), commentOf(report));
  writeFileSync(path.join(folder, "full.md"), fullOf(report));
  writeFileSync(
    path.join(folder, "report.json"),
    `${JSON.stringify({ ...report, objects }, undefined, 2)}\n`,
  );
}
