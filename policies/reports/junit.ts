import { type Format, placeOf, type Report, type Reported } from "./finding";

/**
 * JUnit XML: a suite for each pack, a failed test for each finding that makes the command fail, and a passed
 * test for each object without one. Other findings are in the suite's output, since a test only passes or
 * fails.
 */
export const junit: Format = (report) => {
  const suites = report.packs.map(({ name }, index) => suiteOf(name, index, report));
  return ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites, "</testsuites>"].join("\n");
};

function suiteOf(pack: string, id: number, report: Report): string {
  const own = report.findings.filter((finding) => finding.pack === pack);
  const failing = own.filter((finding) => report.fails(finding));
  const others = own.filter((finding) => !report.fails(finding));
  const failed = new Set(failing.map(({ object }) => object));
  const passed = [...new Set(report.objects)].filter((object) => !failed.has(object));
  const attributes = attributesOf({
    name: pack,
    package: pack,
    id: String(id),
    hostname: "localhost",
    timestamp: new Date().toISOString().slice(0, 19),
    tests: String(failing.length + passed.length),
    failures: String(failing.length),
    errors: "0",
    time: "0",
  });
  return [
    `  <testsuite ${attributes}>`,
    // One schema requires the element, another requires content in it.
    `    <properties><property ${attributesOf({ name: "pack", value: pack })}/></properties>`,
    ...passed.map((object) => `    <testcase ${testOf(pack, object)}/>`),
    ...failing.map((finding) => failure(pack, finding)),
    `    <system-out>${escape(others.map(lineOf).join("\n"))}</system-out>`,
    "    <system-err/>",
    "  </testsuite>",
  ].join("\n");
}

function failure(pack: string, finding: Reported): string {
  const { rule, object, path, level, message } = finding;
  const place = path === undefined ? "" : ` ${path}`;
  const told = `<failure ${attributesOf({ type: level, message })}>${escape(lineOf(finding))}</failure>`;
  return `    <testcase ${testOf(pack, `${rule}: ${object}${place}`)}>${told}</testcase>`;
}

function testOf(pack: string, name: string): string {
  return attributesOf({ classname: pack, name, time: "0" });
}

function lineOf(finding: Reported): string {
  const { level, rule, object, message } = finding;
  return `${placeOf(finding)}${level} ${rule}: ${object}: ${message}`;
}

function attributesOf(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(" ");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML forbids some characters. */
function escape(value: string): string {
  return (
    value
      // eslint-disable-next-line no-control-regex -- these are the ones
      .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
      .replace(/[&<>"]/g, (character) => entities[character]!)
  );
}
