import { diffLines } from "./diff";
import type { ClusterChange, Row } from "./flink/clusters";
import type { JobChange } from "./flink/jobs";
import type { Message, PolicyFinding } from "./normal";
import { byRule, type ObjectChange, type Report } from "./report";
import type { Operation } from "./rules";
import { block, html, inline, shorten, wrap } from "./text";
import { yamlLines } from "./yaml";

/** Size that fits into a comment of every forge, with room for the comment program's additions. */
export const COMMENT = 60_000;

/**
 * Limits of the bounded report: characters of an error, errors, rows of a table, and lines of a difference.
 */
const limits = { error: 4000, errors: 10, rows: 60, lines: 150 };

/** The report for a comment: first everything that a decision needs, then as many differences as fit. */
export function commentOf(report: Report, most = COMMENT): string {
  const full = { rows: limits.rows, error: limits.error, errors: limits.errors };
  let head = headOf(report, full);
  // Long names and values leave room for fewer rows.
  for (let rows = limits.rows; head.length > most - 2000 && rows > 1; rows = Math.floor(rows / 2)) {
    head = headOf(report, { rows, error: Math.floor((limits.error * rows) / limits.rows), errors: 3 });
  }
  if (head.length > most - 300) head = `${cut(head, most - 300)}\n\n`;
  const parts = [head];
  let left = most - head.length - 300;
  let omitted = 0;
  for (const object of report.objects) {
    // If several did not fit, little room is left, and the rest can be skipped.
    const text = left < 400 || omitted > 20 ? undefined : detailsOf(object, limits.lines);
    if (text === undefined || text.length > left) {
      omitted++;
      continue;
    }
    left -= text.length;
    parts.push(text);
  }
  if (omitted > 0)
    parts.push(
      `\n${omitted} more ${omitted === 1 ? "difference does" : "differences do"} not fit here: full.md has all of them.\n`,
    );
  return `${parts.join("").trimEnd()}\n`;
}

/** Everything but the differences. */
export function summaryOf(report: Report): string {
  return `${headOf(report, limits).trimEnd()}\n`;
}

/** The same without limits. */
export function fullOf(report: Report): string {
  const all = Number.POSITIVE_INFINITY;
  const head = headOf(report, { rows: all, error: all, errors: all });
  return `${[head, ...report.objects.map((object) => detailsOf(object, all))].join("").trimEnd()}\n`;
}

/** A cut inside a code block must close it, so that the following text is not part of it. */
function cut(text: string, length: number): string {
  const kept = text.slice(0, text.lastIndexOf("\n", length));
  let open: string | undefined;
  for (const [, fence] of kept.matchAll(/^(`{3,})/gm)) {
    if (open === undefined) open = fence;
    else if (fence!.length >= open.length) open = undefined;
  }
  return `${kept}\n${open ?? ""}\n\n_The report does not fit here: full.md has all of it._`;
}

interface Bounds {
  rows: number;
  error: number;
  errors: number;
}

function headOf(report: Report, bounds: Bounds): string {
  const sections = [
    titleOf(report),
    errorsOf(report, bounds),
    dangersOf(report, bounds),
    missingOf(report, bounds),
    flinkOf(report, bounds),
    jobsOf(report.jobs, bounds),
    policiesOf(report.policies, bounds),
    warningsOf(report.warnings, bounds),
    objectsOf(report.objects, bounds),
  ];
  return sections.filter((section) => section !== "").join("\n\n") + "\n\n";
}

const signs: Record<Exclude<Operation, "same">, string> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "−",
};
const words: Record<Operation, string> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  same: "unchanged",
};

export function countsOf({ counts, failed, missing }: Report): string {
  const seen = Object.values(counts).some((count) => count > 0);
  if (!seen && (failed || missing.length > 0)) return "what changes is not known";
  const changed = (Object.keys(signs) as (keyof typeof signs)[])
    .filter((operation) => counts[operation] > 0)
    .map((operation) => `${signs[operation]}${counts[operation]} ${words[operation]}`);
  return [...(changed.length === 0 ? ["no changes"] : changed), `${counts.same} unchanged`].join(" · ");
}

function titleOf(report: Report): string {
  const { stack, commit } = report.about;
  const outcome = report.failed ? "❌ The preview failed" : report.dangers.length > 0 ? "🔴 Look twice" : "";
  const at = commit === undefined ? "" : ` at ${inline(commit, 40)}`;
  const line = [outcome, countsOf(report)].filter((text) => text !== "").join(" · ");
  return `### Preview of stack ${inline(report.about.project ? `${report.about.project}/${stack}` : stack)}${at}\n\n**${line}**`;
}

function errorsOf({ errors, failed }: Report, { error: most, errors: number }: Bounds): string {
  if (!failed) return "";
  const shown = errors.slice(0, number).map(({ urn, text }) => {
    const lines = (text.length > most ? `${text.slice(0, most)}\n…` : text).split(/\r?\n/);
    return `${urn === "" ? "" : `${inline(shortUrn(urn))}\n\n`}${block(lines)}`;
  });
  const more = errors.length - shown.length;
  return ["#### Errors", ...shown, ...(more > 0 ? [`… and ${more} more.`] : [])].join("\n\n");
}

export function shortUrn(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return type === "" ? urn : `${type} ${name.join("::")}`;
}

function dangersOf({ dangers }: Report, bounds: Bounds): string {
  if (dangers.length === 0) return "";
  return list(
    dangers.map(({ subject, what }) => `🔴 **${inline(subject)} ${sentence(what)}**`),
    bounds,
  );
}

function missingOf({ missing }: Report, bounds: Bounds): string {
  if (missing.length === 0) return "";
  return `⚠️ This report is not complete:\n\n${list(
    missing.map((text) => (/^[\w ,:'-]+$/.test(text) ? sentence(text) : inline(text, 500))),
    bounds,
  )}`;
}

function list(items: string[], { rows }: Bounds): string {
  const shown = items.slice(0, rows).map((item) => `- ${item}`);
  if (items.length > shown.length) shown.push(`- … and ${items.length - shown.length} more`);
  return shown.join("\n");
}

/**
 * One of our sentences with text from the program in it. Words that could mean something to Markdown or a
 * forge are set as code.
 */
function sentence(text: string): string {
  return text
    .split(/\s+/)
    .map((word) => {
      if (harmless(word)) return word;
      const [, text = "", end = ""] = /^(.*?)([,;:.)]*)$/s.exec(word) ?? [];
      return `${inline(text)}${end}`;
    })
    .join(" ");
}

function harmless(word: string): boolean {
  // No emphasis, no link, no reference to an issue or a commit.
  return /^[\w–—…()%→,.;:'"?/-]+$/.test(word) && !/_|:\/\/|^\W*www\.|^\W*GH-|[0-9a-f]{7}/i.test(word);
}

function table(head: string[], rows: string[][], { rows: most }: Bounds, all = rows.length): string {
  const shown = rows.slice(0, most);
  const lines = [head, head.map(() => "---"), ...shown].map((cells) => `| ${cells.join(" | ")} |`);
  if (all > shown.length) lines.push(`| … and ${all - shown.length} more |${" |".repeat(head.length - 1)}`);
  return lines.join("\n");
}

function flinkOf(report: Report, bounds: Bounds): string {
  const { before, after } = report.requests;
  const clusters = report.clusters.filter(({ change }) => change !== "unchanged");
  const requests =
    before === after
      ? []
      : [`All pods of the stack together ask for ${sentence(after)}, before ${sentence(before)}.`];
  return [...clusters.map((cluster) => clusterOf(cluster, bounds)), ...requests].join("\n\n");
}

function clusterOf(cluster: ClusterChange, bounds: Bounds): string {
  const { namespace, name, change, processes, sizing, configuration } = cluster;
  const state = change === "changed" ? "" : ` (${change})`;
  return [
    `#### Cluster ${inline(`${namespace}/${name}`)}${state}`,
    processes,
    ...(sizing.length === 0 ? [] : [table(["", "before", "after"], sizing.map(sizeCells), bounds)]),
    ...(configuration.length === 0
      ? []
      : [table(["Flink option", "before", "after", "meaning"], configuration.map(configCells), bounds)]),
  ].join("\n\n");
}

function sizeCells({ what, before, after }: Row): string[] {
  return [what, cell(before), cell(after)];
}

function configCells({ what, before, after, meaning }: Row): string[] {
  return [inline(what), cell(before), cell(after), meaning ?? ""];
}

function cell(value: string): string {
  if (/^(–|on|off|\d+( to \d+)?)$/.test(value)) return value;
  // A long list without spaces would push the other columns out of sight.
  return value === "" ? "–" : inline(value.length > 40 ? value.replace(/,(?=\S)/g, ", ") : value);
}

function jobsOf(jobs: readonly JobChange[], bounds: Bounds): string {
  if (jobs.length === 0) return "";
  const untouched = jobs.filter(isUntouched).map(({ name }) => inline(name));
  const rest =
    untouched.length === 0
      ? []
      : [
          `Not restarted: ${untouched.slice(0, bounds.rows).join(", ")}${untouched.length > bounds.rows ? ", …" : ""}.`,
        ];
  const rows = jobs
    .filter((job) => !isUntouched(job))
    .map(({ name, what, because, duration }) => [
      inline(name),
      [sentence(what), ...because.slice(0, 8).map((text) => inline(text))].join("<br>"),
      sentence(duration),
    ]);
  const head = ["job", "what happens", "for how long"];
  const scripts = jobs.filter(({ script }) => script.length > 0).slice(0, bounds.rows);
  return [
    "#### Jobs",
    ...(rows.length === 0 ? [] : [table(head, rows, bounds)]),
    ...rest,
    ...scripts.map(({ name, script }) => scriptOf(name, script, bounds)),
  ].join("\n\n");
}

function scriptOf(name: string, script: readonly string[], { rows }: Bounds): string {
  const shown = script.slice(0, rows).map((line) => (Number.isFinite(rows) ? shorten(line, 500) : line));
  if (script.length > shown.length) shown.push(`… ${script.length - shown.length} more lines`);
  return `<details><summary>script of ${html(name)}</summary>\n\n${block(shown, "diff")}\n\n</details>`;
}

function isUntouched({ path, what, because }: JobChange): boolean {
  return path === "goesOn" && what === "is not restarted" && because.length === 0;
}

function policiesOf(findings: readonly PolicyFinding[], bounds: Bounds): string {
  if (findings.length === 0) return "";
  const groups = byRule(findings);
  const shown = groups.slice(0, bounds.rows).map((finding) => {
    const { level, policy, pack, urns, message, description } = finding;
    const sign = level === "mandatory" ? "⛔ mandatory" : "⚠️ advisory";
    const named = urns.slice(0, 10).map((urn) => inline(shortUrn(urn)));
    if (urns.length > named.length) named.push(`${urns.length - named.length} more`);
    const about = named.length === 0 ? "" : ` on ${named.join(", ")}`;
    const text = [
      message,
      ...(description === "" || message.includes(description) ? [] : [description]),
    ].join("\n");
    return `${sign} ${inline(policy)} (${inline(pack)})${about}\n\n${block(wrap(text.slice(0, bounds.error).replace(/\r\n/g, "\n"), 110))}`;
  });
  const more = groups.length - shown.length;
  return ["#### Policies", ...shown, ...(more > 0 ? [`… and ${more} more.`] : [])].join("\n\n");
}

function warningsOf(warnings: readonly Message[], bounds: Bounds): string {
  if (warnings.length === 0) return "";
  const shown = warnings.slice(0, bounds.rows).map(({ urn, text }) => {
    const about = urn === "" ? "" : `${inline(shortUrn(urn))}\n\n`;
    return `${about}${block(text.slice(0, bounds.error).split(/\r?\n/))}`;
  });
  const more = warnings.length - shown.length;
  return [
    `<details><summary>${warnings.length} warning${warnings.length === 1 ? "" : "s"}</summary>`,
    ...shown,
    ...(more > 0 ? [`… and ${more} more.`] : []),
    "</details>",
  ].join("\n\n");
}

function objectsOf(objects: readonly ObjectChange[], bounds: Bounds): string {
  if (objects.length === 0) return "";
  // Only the shown ones among thousands are rendered.
  const rows = objects
    .slice(0, bounds.rows)
    .map(({ operation, what, because, hidden }) => [
      `${signs[operation as keyof typeof signs]} ${words[operation]}`,
      inline(what),
      [
        ...because.map((path) => inline(path)),
        ...(hidden ? ["a value that is not shown, such as a secret's"] : []),
      ].join(", "),
    ]);
  return `#### Objects\n\n${table(["", "object", "replaced because of"], rows, bounds, objects.length)}`;
}

/** An object's difference in a collapsed block. */
function detailsOf(object: ObjectChange, most: number): string {
  const { operation, what, change } = object;
  const summary = `<details><summary>${words[operation]} ${html(what)}</summary>`;
  const lines = differenceOf(change);
  if (lines.length === 0) return "";
  const shown = lines.slice(0, most).map((line) => (Number.isFinite(most) ? shorten(line, 500) : line));
  if (lines.length > shown.length) shown.push(`… ${lines.length - shown.length} more lines`);
  return `${summary}\n\n${block(shown, "diff")}\n\n</details>\n\n`;
}

function differenceOf({ before, after }: ObjectChange["change"]): string[] {
  return diffLines(before ? yamlLines(before) : [], after ? yamlLines(after) : []);
}
