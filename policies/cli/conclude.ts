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

/** What was looked at, and what was found in it. */
export interface Looked {
  packs: readonly PackAbout[];
  /** Every object: `Deployment shop/web`. */
  objects: readonly string[];
  found: readonly Reported[];
}

/**
 * Reads how to tell, before anything is looked at.
 *
 * @returns what tells it then, and gives the exit code: 1 with a finding that counts.
 * @throws {@link Misuse} for a value that there is not, and for a baseline that is none.
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
    for (const entry of known?.gone(found) ?? []) error(`The baseline has what is no longer found: ${entry}`);
    return findings.some(fails) && values["write-baseline"] === undefined ? 1 : 0;
  };
}

export function oneOf<Word extends string>(option: string, given: string, known: readonly Word[]): Word {
  const found = known.find((word) => word === given);
  if (found === undefined) throw new Misuse(`${option} ${given}: write one of ${known.join(", ")}.`);
  return found;
}

/** What goes wrong with a file is told with the file's name. */
export function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Misuse(`${file}: ${(error as Error).message}`);
  }
}

/** Whether a finding makes the command fail. What is told of exemptions has no severity. */
function counts({ level, severity }: Reported, limit: string): boolean {
  if (limit === "none") return false;
  if (limit === "mandatory") return level === "mandatory";
  return severity !== undefined && severities.indexOf(severity) >= severities.indexOf(limit);
}
