import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Analyzer, type Finding } from "../core/analyzer";
import type { Choice } from "../core/choice";
import { keysOf } from "../core/value";
import { aboutPack, type Reported } from "../reports";
import { conclusion, oneOf, reading } from "./conclude";
import { choiceHelp, choiceOf, choiceOptions } from "./choice-options";
import { type Chosen, chosen, configure, readConfig } from "./config";
import { type Manifest, readManifests } from "./manifests";
import { packs } from "./packs";
import { reportOptions } from "./report-options";
import { Misuse, type Surroundings } from "./surroundings";

const HELP = `flink-kubernetes-policies check [options] FOLDER|FILE|- …

Has the policy packs look at manifests of Kubernetes: at each object, and at all of them together. "-" is standard input.

  --pack NAME  kubernetes or flink; again for both. Default: both
  --config FILE  packs with configuration: the list that a stack has under flink-kubernetes:policyPacks
${choiceHelp}
${Object.entries(reportOptions)
  .map(([name, option]) => {
    const by = "default" in option ? `. Default: ${option.default}` : "";
    return `  --${name} ${option.value}  ${option.about}${by}`;
  })
  .join("\n")}

Exit code: 0 without a finding that counts, 1 with one, 2 when something could not be read or is not understood.`;

/** `flink-kubernetes-policies check`: returns the exit code. */
export function check(args: string[], around: Surroundings): number {
  const { cwd, input, out, error } = around;
  const { values, positionals } = readArguments(args);
  if (values.help) {
    out(HELP);
    return 0;
  }
  const conclude = conclusion(values, around);
  if (positionals.length === 0)
    throw new Misuse("Name a folder or a file to check, or - for standard input.");
  const config = values.config && path.resolve(cwd, values.config);
  const analyzers = chosenPacks(values.pack, config, choiceOf(values));
  const { all, problems } = reading(positionals.join(" "), () => readManifests(positionals, cwd, input));
  const code = conclude({
    packs: analyzers.map(({ definition }) => aboutPack(definition)),
    objects: all.map(({ object }) => object),
    found: analyzers.flatMap((analyzer) => judge(analyzer, all)).sort(byPlace),
  });
  for (const problem of problems) error(problem);
  return problems.length > 0 ? 2 : code;
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        pack: { type: "string", multiple: true },
        config: { type: "string" },
        ...choiceOptions,
        ...reportOptions,
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new Misuse(`${(error as Error).message}\n\n${HELP}`);
  }
}

function chosenPacks(named: string[] | undefined, config: string | undefined, choice: Choice): Analyzer[] {
  const known = Object.keys(packs);
  const listed =
    config === undefined ? undefined : reading(config, () => readConfig(readFileSync(config, "utf8"), known));
  const names = named?.map((name) => oneOf("--pack", name, known));
  const all: Chosen[] = listed ?? (names ?? known).map((pack) => ({ pack, choice: {}, config: {} }));
  return all
    .filter(({ pack }) => names === undefined || names.includes(pack))
    .map((one) => {
      const analyzer = new Analyzer(packs[one.pack]!);
      // Options of the command take precedence over the file.
      const asked = { ...one, choice: { ...one.choice, ...choice } };
      const levels = reading(config ?? one.pack, () => chosen(analyzer.definition, asked));
      reading(config ?? one.pack, () => configure(analyzer, levels));
      return analyzer;
    });
}

function judge(analyzer: Analyzer, manifests: readonly Manifest[]): Reported[] {
  const { name } = analyzer.definition;
  const byUrn = new Map(manifests.map((manifest) => [manifest.input.urn, manifest]));
  const each = manifests.flatMap(({ input }) =>
    // Messages without a URN belong to the object that was checked.
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
