import type { Format, Reported } from "./finding";

/** Commands of a GitHub workflow, which show each finding at its line of the pull request. */
export const github: Format = (report) =>
  report.findings.map((finding) => command(finding, report.fails(finding))).join("\n");

function command({ level, rule, object, message, file, line, column }: Reported, fails: boolean): string {
  const kind = fails ? "error" : level === "mandatory" ? "warning" : "notice";
  const properties = Object.entries({ file, line, col: column, title: rule })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escape(String(value)).replace(/:/g, "%3A").replace(/,/g, "%2C")}`);
  return `::${kind} ${properties.join(",")}::${escape(`${object}: ${message}`)}`;
}

function escape(value: string): string {
  return value.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
