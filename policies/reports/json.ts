import type { Format } from "./finding";

/** For programs: `findings` with all their fields, and counts. Omits unknown fields. */
export const json: Format = (report) => {
  const { findings, objects, known } = report;
  const failing = findings.filter((finding) => report.fails(finding)).length;
  return JSON.stringify({ objects: objects.length, failing, known, findings }, undefined, 2);
};
