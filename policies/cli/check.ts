import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Analyzer, type Finding } from "../core/analyzer";
import { keysOf } from "../core/value";
import { baselineOf, formats, readBaseline, type Reported } from "../reports";
import { type Chosen, configure, readConfig } from "./config";
import { type Manifest, readManifests } from "./manifests";
import { packs } from "./packs";
import { Misuse, type Surroundings } from "./surroundings";

const severities = ["low", "medium", "high", "critical"];
const limits = ["mandatory", ...severities, "none"];

const HELP = `flink-kubernetes-policies check [options] FOLDER|FILE|- …

Has the policy packs look at manifests of Kubernetes: at each object, and at all of them together. "-" is standard input.

  --pack NAME            kubernetes or flink; again for both. Default: both
  --config FILE          packs with configuration: the list that a stack has under flink-kubernetes:policyPacks
  --format FORMAT        ${Object.keys(formats).join(", ")}. Default: text
  --output FILE          where the report goes. Default: standard output
  --fail-on LIMIT        mandatory: findings of this level. ${severities.join(", ")}: findings of this severity or a higher one, whatever their level.
                         none: nothing. Default: mandatory
  --baseline FILE        findings in this file are accepted: they are counted, and not told
  --write-baseline FILE  writes such a file with all that is found

Exit code: 0 without a finding that counts, 1 with one, 2 when something could not be read or is not understood.`;

/** `flink-kubernetes-policies check`: gives the exit code. */
export function check(args: string[], { cwd, input, out, error }: Surroundings): number {
  const { values, positionals } = readArguments(args);
  if (values.help) {
    out(HELP);
    return 0;
  }
  const format = oneOf("--format", values.format, Object.keys(formats));
  const limit = oneOf("--fail-on", values["fail-on"], limits);
  if (positionals.length === 0)
    throw new Misuse("Say what to check: a folder, a file, or - for standard input.");
  const file = (name: string) => path.resolve(cwd, name);
  const analyzers = chosenPacks(values.pack, values.config && file(values.config));
  const { all, problems } = reading(positionals.join(" "), () => readManifests(positionals, cwd, input));
  const found = analyzers.flatMap((analyzer) => judge(analyzer, all)).sort(byPlace);
  const baseline = values.baseline === undefined ? undefined : file(values.baseline);
  const known =
    baseline === undefined
      ? undefined
      : reading(baseline, () => readBaseline(readFileSync(baseline, "utf8")));
  const findings = known?.fresh(found) ?? found;
  const fails = (finding: Reported) => counts(finding, limit);
  const report = formats[format]!({
    packs: analyzers.map(({ definition }) => definition),
    objects: all.map(({ object }) => object),
    known: found.length - findings.length,
    findings,
    fails,
  });
  if (values["write-baseline"] !== undefined)
    writeFileSync(file(values["write-baseline"]), baselineOf(found));
  if (values.output === undefined) out(report);
  else writeFileSync(file(values.output), `${report}\n`);
  for (const problem of problems) error(problem);
  for (const entry of known?.gone(found) ?? []) error(`The baseline has what is no longer found: ${entry}`);
  if (problems.length > 0) return 2;
  return findings.some(fails) && values["write-baseline"] === undefined ? 1 : 0;
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        pack: { type: "string", multiple: true },
        config: { type: "string" },
        format: { type: "string", default: "text" },
        output: { type: "string" },
        "fail-on": { type: "string", default: "mandatory" },
        baseline: { type: "string" },
        "write-baseline": { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Misuse(`${(error as Error).message}\n\n${HELP}`);
  }
}

function oneOf(option: string, given: string, known: string[]): string {
  if (!known.includes(given)) throw new Misuse(`${option} ${given}: write one of ${known.join(", ")}.`);
  return given;
}

/** What goes wrong with a file is told with the file's name. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Misuse(`${file}: ${(error as Error).message}`);
  }
}

function chosenPacks(named: string[] | undefined, config: string | undefined): Analyzer[] {
  const known = Object.keys(packs);
  const listed =
    config === undefined ? undefined : reading(config, () => readConfig(readFileSync(config, "utf8"), known));
  const names = named?.map((name) => oneOf("--pack", name, known));
  const chosen: Chosen[] = listed ?? (names ?? known).map((pack) => ({ pack, config: {} }));
  return chosen
    .filter(({ pack }) => names === undefined || names.includes(pack))
    .map(({ pack, config: own }) => {
      const analyzer = new Analyzer(packs[pack]!);
      reading(config ?? pack, () => configure(analyzer, own));
      return analyzer;
    });
}

function judge(analyzer: Analyzer, manifests: readonly Manifest[]): Reported[] {
  const { name } = analyzer.definition;
  const byUrn = new Map(manifests.map((manifest) => [manifest.input.urn, manifest]));
  const each = manifests.flatMap(({ input }) =>
    // What is told of one object is about it, even if it does not say so.
    analyzer.analyze(input).findings.map((finding) => ({ ...finding, urn: finding.urn ?? input.urn })),
  );
  const together = analyzer.analyzeStack(manifests.map(({ input }) => input)).findings;
  return [...each, ...together].map((finding) => reported(name, finding, byUrn.get(finding.urn ?? "")));
}

function reported(pack: string, finding: Finding, manifest: Manifest | undefined): Reported {
  const { policy, level, severity, text, violation } = finding;
  const path = violation?.path;
  const place = manifest?.at(keysOf(path ?? ""));
  return {
    pack,
    rule: policy,
    level,
    severity,
    object: manifest?.object ?? "all objects",
    path: path === "" ? undefined : path,
    message: text,
    file: manifest?.file,
    line: place?.line,
    column: place?.column,
  };
}

function byPlace(a: Reported, b: Reported): number {
  const [x, y] = [a.file ?? "", b.file ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Whether a finding makes the command fail. What is told of exemptions has no severity. */
function counts({ level, severity }: Reported, limit: string): boolean {
  if (limit === "none") return false;
  if (limit === "mandatory") return level === "mandatory";
  return severity !== undefined && severities.indexOf(severity) >= severities.indexOf(limit);
}
