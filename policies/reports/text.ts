import { type Format, placeOf, type Reported } from "./finding";

/** A line for each finding, in the format of compilers, and a summary. */
export const text: Format = ({ findings, objects, known }) => {
  const mandatory = findings.filter(({ level }) => level === "mandatory").length;
  const sum =
    `${objects.length} object(s): ${mandatory} mandatory and ${findings.length - mandatory} advisory finding(s)` +
    (known > 0 ? `, and ${known} in the baseline.` : ".");
  return [...findings.map(line), sum].join("\n");
};

function line(finding: Reported): string {
  const { level, severity, rule, object, message } = finding;
  const weight = severity === undefined ? level : `${level} ${severity}`;
  return `${placeOf(finding)}${weight} ${rule}: ${object}: ${message}`;
}
