import { EXEMPTIONS_ABOUT } from "../core/analyzer";
import { EXEMPTIONS } from "../core/options";
import { fingerprint } from "./baseline";
import { type Format, type PackAbout, type Report, type Reported } from "./finding";

/** The score by which GitHub's code scanning sorts, from 0 to 10. */
const scores: Readonly<Record<string, string>> = { low: "2.0", medium: "5.0", high: "8.0", critical: "9.5" };

/** SARIF 2.1.0 for code scanning and editors: a run for each pack, with all its rules. */
export const sarif: Format = (report) =>
  JSON.stringify(
    {
      $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      version: "2.1.0",
      runs: report.packs.map((pack) => runOf(pack, report)),
    },
    undefined,
    2,
  );

function runOf(pack: PackAbout, report: Report): object {
  const rules = [
    ...pack.rules.map(({ name, description, why, level, severity, remediation, tags = [], page }) => ({
      id: name,
      shortDescription: { text: description },
      fullDescription: { text: why === undefined || why === "" ? description : why },
      ...(page === undefined ? {} : { helpUri: page }),
      ...(remediation === undefined ? {} : { help: { text: remediation } }),
      defaultConfiguration:
        level === "disabled" ? { enabled: false } : { level: level === "mandatory" ? "error" : "warning" },
      properties: {
        ...(tags.length === 0 ? {} : { tags }),
        ...(severity === undefined ? {} : { severity, "security-severity": scores[severity] }),
      },
    })),
    { id: EXEMPTIONS, shortDescription: { text: EXEMPTIONS_ABOUT } },
  ];
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    tool: { driver: { name: pack.name, fullName: pack.displayName, rules } },
    automationDetails: { id: `${pack.name}/` },
    columnKind: "utf16CodeUnits",
    results: report.findings
      .filter((finding) => finding.pack === pack.name)
      .map((finding) => resultOf(finding, indices.get(finding.rule))),
  };
}

function resultOf(finding: Reported, ruleIndex: number | undefined): object {
  const { rule, level, object, path, message, file, line, column } = finding;
  const region = line === undefined ? {} : { region: { startLine: line, startColumn: column } };
  const physical =
    file === undefined ? {} : { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, ...region } };
  const logical = {
    fullyQualifiedName: path === undefined ? object : `${object} ${path}`,
    kind: "resource",
  };
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: level === "mandatory" ? "error" : "warning",
    message: { text: `${object}: ${message}` },
    locations: [{ ...physical, logicalLocations: [logical] }],
    partialFingerprints: { "flinkKubernetesFinding/v1": fingerprint(finding) },
  };
}
