import { type Figure, median } from "./bench";

interface Result {
  bench: string;
  load: number;
  figures: Figure[];
  failed?: string;
}

/** The results as a table for a terminal. */
export function table(results: Result[]): string {
  const rows = [["what", "median", "lowest – highest", "runs", "aim", "load before"]];
  for (const { bench, load, figures, failed } of results) {
    const busy = load.toFixed(1);
    for (const figure of figures) {
      const { name, unit, values, aim, skipped } = figure;
      if (values.length === 0) {
        rows.push([name, `skipped: ${skipped ?? "nothing to compare"}`]);
        continue;
      }
      const value = median(values);
      const range =
        values.length > 1 ? `${show(Math.min(...values), unit)} – ${show(Math.max(...values), unit)}` : "";
      const target = aim === undefined ? "" : `${show(aim, unit)} ${value <= aim ? "met" : "missed"}`;
      rows.push([name, show(value, unit), range, String(values.length), target, busy]);
    }
    if (failed !== undefined) rows.push([bench, `failed: ${failed.split("\n")[0]!.slice(0, 100)}`]);
  }
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.filter((row) => row.length > 2).map((row) => row[column]!.length)),
  );
  widths[0] = Math.max(...rows.map((row) => row[0]!.length));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [lines[0], "-".repeat(Math.max(...lines.map((line) => line.length))), ...lines.slice(1)].join("\n");
}

/** Rows as a table in Markdown, the first one its head. */
export function markdownTable(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join("\n");
}

function show(value: number, unit: Figure["unit"]): string {
  if (unit === "ratio") return value.toFixed(2);
  if (unit === "ms") return `${value.toFixed(2)} ms`;
  if (unit === "MiB") return `${Math.round(value)} MiB`;
  return value >= 100 ? `${Math.floor(value / 60)} min ${Math.round(value % 60)} s` : `${value.toFixed(1)} s`;
}
