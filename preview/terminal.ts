import { styleText } from "node:util";
import type { Row } from "./flink/clusters";
import { countsOf, shortUrn } from "./markdown";
import { byRule, type Report } from "./report";
import { visible, wrap } from "./text";

export interface Screen {
  width: number;
  color: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** The report for a terminal: the same content and order, without the objects' differences. */
export function terminalOf(report: Report, { width, color }: Screen): string {
  const style = (how: Style, text: string) =>
    color ? styleText(how, text, { validateStream: false }) : text;
  const heading = (text: string) => style("bold", text);
  const out: string[] = [];
  const add = (text: string, indent = "", how?: Style): void => {
    for (const line of wrap(visible(text), Math.max(20, width - indent.length))) {
      out.push(indent + (how ? style(how, line) : line));
    }
  };
  const { stack, commit, project } = report.about;
  add(`Preview of stack ${project ? `${project}/` : ""}${stack}${commit ? ` at ${commit}` : ""}`, "", "bold");
  add(countsOf(report));
  for (const { urn, text } of report.errors)
    add(`${urn === "" ? "" : `${shortUrn(urn)}\n`}${text}`, "✗ ", "red");
  for (const { subject, what } of report.dangers) add(`${subject} ${what}`, "! ", "red");
  for (const text of report.missing) add(`not complete: ${text}`, "? ", "yellow");
  for (const cluster of report.clusters) {
    if (cluster.change === "unchanged") continue;
    out.push("", heading(visible(`Cluster ${cluster.namespace}/${cluster.name} (${cluster.change})`)));
    add(cluster.processes, "  ");
    const rows = [...cluster.sizing, ...cluster.configuration];
    out.push(...columns(rows, width));
  }
  if (report.requests.before !== report.requests.after) {
    out.push("");
    add(`All pods together ask for ${report.requests.after}, before ${report.requests.before}.`);
  }
  if (report.jobs.length > 0) out.push("", heading("Jobs"));
  for (const { name, what, because, script, duration } of report.jobs) {
    add(`${name}: ${what}`, "  ");
    for (const text of because) add(text, "    ");
    for (const line of script) add(line, "    ", marks[line[0]!]);
    add(duration, "    ", "dim");
  }
  if (report.policies.length > 0) out.push("", heading("Policies"));
  for (const { level, policy, pack, urns, message } of byRule(report.policies)) {
    add(
      `${level} ${policy} (${pack})${urns.length === 0 ? "" : ` on ${urns.map(shortUrn).join(", ")}`}`,
      "  ",
      level === "mandatory" ? "red" : "yellow",
    );
    add(message, "    ");
  }
  if (report.warnings.length > 0) out.push("", heading("Warnings"));
  for (const { urn, text } of report.warnings) {
    add(urn === "" ? text : `${shortUrn(urn)}: ${text}`, "  ", "yellow");
  }
  if (report.objects.length > 0) out.push("", heading("Objects"));
  for (const { operation, what, because } of report.objects) {
    const reason = because.length > 0 ? ` (${because.join(", ")})` : "";
    add(`${operation} ${what}${reason}`, "  ", colors[operation]);
  }
  return `${out.join("\n")}\n`;
}

const marks: Partial<Record<string, Style>> = { "+": "green", "-": "red" };

const colors: Partial<Record<string, Style>> = {
  create: "green",
  update: "yellow",
  replace: "magenta",
  delete: "red",
};

/** Rows as aligned columns if the width allows it. */
function columns(rows: Row[], width: number): string[] {
  const clean = rows.map(({ what, before, after }) => [what, before, after].map((text) => visible(text)));
  const widths = [0, 1].map((column) => Math.max(0, ...clean.map((cells) => cells[column]!.length)));
  const fits =
    6 + widths[0]! + widths[1]! + Math.max(0, ...clean.map(([, , after]) => after!.length)) <= width;
  return clean.flatMap(([what, before, after]) =>
    fits
      ? [`  ${what!.padEnd(widths[0]!)}  ${before!.padEnd(widths[1]!)} → ${after}`]
      : [...wrap(`  ${what}`, width), ...wrap(`    ${before} → ${after}`, width)],
  );
}
