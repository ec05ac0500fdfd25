import type { Format } from "./finding";

/** For programs: `findings`, each with all that is known of it, and counts. What is not known is left out. */
export const json: Format = (report) => {
  const { findings, objects, known } = report;
  const failing = findings.filter((finding) => report.fails(finding)).length;
  return JSON.stringify({ objects: objects.length, failing, known, findings }, undefined, 2);
};
