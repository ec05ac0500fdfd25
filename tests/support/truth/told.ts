import { type Change, kindOf, titleOf } from "../../../preview/normal";
import type { Report } from "../../../preview/report";
import { OR, sayOf } from "./words";

/** What a change does, as a report promises it, or as it was seen: a line each, in the same words. */
export interface Told {
  /** `replace Deployment orders/orders-jobmanager`; what stays as it is, is left out. */
  objects: string[];
  /** `enrich: stopped with a savepoint, from which it goes on`. */
  jobs: string[];
  /** The processes whose pods are all made anew. */
  restarted: string[];
}

export const lineOf = (operation: string, change: Change): string =>
  `${operation} ${titleOf(change, change.after ?? change.before)}`;

/** Whether the engine refuses the whole update. */
export function isRefused({ objects }: Report): boolean {
  return objects.some(
    ({ operation, change }) => ["delete", "replace"].includes(operation) && change.protectedBefore,
  );
}

/** What the report promises. Of a change that is refused: nothing happens. */
export function promiseOf(report: Report): Told {
  if (isRefused(report)) {
    const jobs = report.jobs.filter(({ end }) => end !== "none");
    return { objects: [], jobs: jobs.map(({ name }) => sayOf(name, "goesOn", "none")).sort(), restarted: [] };
  }
  return {
    objects: report.objects
      .filter(({ change }) => kindOf(change.type) !== undefined)
      .map(({ operation, change }) => lineOf(operation, change))
      .sort(),
    jobs: report.jobs.map(({ name, end, beginning }) => sayOf(name, end, beginning)).sort(),
    restarted: report.clusters.flatMap(({ restarted }) => restarted).sort(),
  };
}

/** How the two differ, a line each. */
export function differences(promised: Told, seen: Told): string[] {
  const parts = ["objects", "jobs", "restarted"] as const;
  const covers = (line: string, other: string) => line.split(OR).includes(other);
  return parts.flatMap((part) => [
    ...promised[part]
      .filter((line) => !seen[part].some((other) => covers(line, other)))
      .map((line) => `said, not seen: ${line}`),
    ...seen[part]
      .filter((other) => !promised[part].some((line) => covers(line, other)))
      .map((line) => `seen, not said: ${line}`),
  ]);
}
