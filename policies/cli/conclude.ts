import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { baselineOf, formats, type PackAbout, readBaseline, type Reported } from "../reports";
import { formatNames } from "../reports/format-names";
import { limits, severities } from "./report-options";
import { Misuse, type Surroundings } from "./surroundings";

export interface ReportValues {
  format: string;
  output?: string;
  "fail-on": string;
  baseline?: string;
  "write-baseline"?: string;
}

/** The checked objects, and the findings. */
export interface Looked {
  packs: readonly PackAbout[];
  /** Every object: `Deployment shop/web`. */
  objects: readonly string[];
  found: readonly Reported[];
}

/**
 * Reads the options for reports, before any check.
 *
 * @returns a function that reports, and returns the exit code: 1 with a finding that counts.
 * @throws {@link Misuse} for an unknown value of an option, and for a file that is not a baseline.
 */
export function conclusion(
  values: ReportValues,
  { cwd, out, error }: Omit<Surroundings, "input">,
): (looked: Looked) => number {
  const format = oneOf("--format", values.format, formatNames);
  const limit = oneOf("--fail-on", values["fail-on"], limits);
  const file = (name: string) => path.resolve(cwd, name);
  const baseline = values.baseline === undefined ? undefined : file(values.baseline);
  const known =
    baseline === undefined
      ? undefined
      : reading(baseline, () => readBaseline(readFileSync(baseline, "utf8")));
  const fails = (finding: Reported) => counts(finding, limit);
  return ({ packs, objects, found }) => {
    const findings = known?.fresh(found) ?? found;
    const report = formats[format]({
      packs,
      objects,
      known: found.length - findings.length,
      findings,
      fails,
    });
    if (values["write-baseline"] !== undefined)
      writeFileSync(file(values["write-baseline"]), baselineOf(found));
    if (values.output === undefined) out(report);
    else writeFileSync(file(values.output), `${report}\n`);
    for (const entry of known?.gone(found) ?? [])
      error(`This entry of the baseline has no finding any more, remove it: ${entry}`);
    return findings.some(fails) && values["write-baseline"] === undefined ? 1 : 0;
  };
}

export function oneOf<Word extends string>(option: string, given: string, known: readonly Word[]): Word {
  const found = known.find((word) => word === given);
  if (found === undefined) throw new Misuse(`${option} ${given}: write one of ${known.join(", ")}.`);
  return found;
}

/** Adds the file's name to errors. */
export function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Misuse(`${file}: ${(error as Error).message}`);
  }
}

/** Whether a finding makes the command fail. Messages about exemptions have no severity. */
function counts({ level, severity }: Reported, limit: string): boolean {
  if (limit === "none") return false;
  if (limit === "mandatory") return level === "mandatory";
  return severity !== undefined && severities.indexOf(severity) >= severities.indexOf(limit);
}
