import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pageOf } from "./html";
import { commentOf, fullOf } from "./markdown";
import type { ObjectChange, Report } from "./report";

/** The files of a report: report.md fits into a comment, full.md and report.html are complete, report.json is for programs. */
export function writeReport(report: Report, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "report.md"), commentOf(report));
  writeFileSync(path.join(folder, "full.md"), fullOf(report));
  writeFileSync(path.join(folder, "report.html"), pageOf(report));
  writeFileSync(path.join(folder, "report.json"), `${JSON.stringify(asData(report), undefined, 2)}\n`);
}

/** What a program gets of a report: all but the objects' differences. */
export function asData(
  report: Report,
): Omit<Report, "objects"> & { objects: Omit<ObjectChange, "change">[] } {
  const objects = report.objects.map(({ urn, operation, what, because, hidden }) => ({
    urn,
    operation,
    what,
    because,
    hidden,
  }));
  return { ...report, objects };
}
