import { diffLines } from "./diff";
import type { ClusterChange, Row } from "./flink/clusters";
import type { JobChange } from "./flink/jobs";
import { countsOf, shortUrn } from "./markdown";
import { byRule, type ObjectChange, type Report } from "./report";
import { escaped, visible } from "./text";
import { yamlLines } from "./yaml";

/** The report as one page that needs nothing else: no script, no font, no picture, no network. */
export function pageOf(report: Report): string {
  const { stack, project, commit } = report.about;
  const title = `Preview of stack ${project === undefined ? "" : `${project}/`}${stack}${commit === undefined ? "" : ` at ${commit}`}`;
  const sections = [
    `<h1>${text(title)}</h1>`,
    `<p class="counts">${text(countsOf(report))}</p>`,
    list(
      "error",
      report.errors.map(({ urn, text: what }) => about(urn, what)),
    ),
    list(
      "danger",
      report.dangers.map(({ subject, what }) => `<b>${text(subject)}</b> ${text(what)}`),
    ),
    list(
      "missing",
      report.missing.map((what) => `not complete: ${text(what)}`),
    ),
    ...report.clusters.filter(({ change }) => change !== "unchanged").map(clusterOf),
    requestsOf(report),
    section("Jobs", report.jobs.map(jobOf)),
    section(
      "Policies",
      byRule(report.policies).map((finding) => {
        const { level, policy, pack, urns, message } = finding;
        const on = urns.length === 0 ? "" : ` on ${urns.map(shortUrn).join(", ")}`;
        return `<details class="${level}"${level === "mandatory" ? " open" : ""}><summary>${level} ${text(policy)} (${text(pack)})${text(on)}</summary><pre>${text(message)}</pre></details>`;
      }),
    ),
    section(
      "Warnings",
      report.warnings.map(({ urn, text: what }) => `<p class="advisory">${about(urn, what)}</p>`),
    ),
    section("Objects", report.objects.map(objectOf)),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(title)}</title>
<style>${style}</style>
<main>
${sections.filter((part) => part !== "").join("\n")}
</main>
</html>
`;
}

/** Whatever comes from a program, its configuration or a cluster stays text. */
function text(given: string): string {
  return escaped(visible(given));
}

function about(urn: string, what: string): string {
  return `${urn === "" ? "" : `<b>${text(shortUrn(urn))}</b> `}<span class="lines">${text(what)}</span>`;
}

function list(kind: string, items: string[]): string {
  return items.length === 0
    ? ""
    : `<ul class="${kind}">${items.map((item) => `<li>${item}</li>`).join("\n")}</ul>`;
}

function section(heading: string, items: string[]): string {
  return items.length === 0 ? "" : `<h2>${heading}</h2>\n${items.join("\n")}`;
}

function clusterOf({ namespace, name, change, processes, sizing, configuration }: ClusterChange): string {
  return `<h2>Cluster ${text(`${namespace}/${name}`)}${change === "changed" ? "" : ` (${change})`}</h2>
<p>${text(processes)}</p>
${rowsOf([...sizing, ...configuration])}`;
}

function rowsOf(rows: Row[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(
    ({ what, before, after, meaning = "" }) =>
      `<tr><th>${text(what)}</th><td>${text(before)}</td><td>${text(after)}</td><td>${text(meaning)}</td></tr>`,
  );
  return `<table><thead><tr><th></th><th>before</th><th>after</th><th>meaning</th></tr></thead><tbody>${lines.join("\n")}</tbody></table>`;
}

function requestsOf({ requests: { before, after } }: Report): string {
  return before === after ? "" : `<p>All pods together ask for ${text(after)}, before ${text(before)}.</p>`;
}

function jobOf({ name, what, because, script, duration }: JobChange): string {
  const reasons = because.map((why) => `<li>${text(why)}</li>`).join("");
  return `<h3>${text(name)}</h3>
<p>${text(what)}${duration === "" ? "" : ` <span class="quiet">${text(duration)}</span>`}</p>
${reasons === "" ? "" : `<ul>${reasons}</ul>`}${script.length === 0 ? "" : `<pre>${difference(script)}</pre>`}`;
}

function objectOf({ operation, what, because, change }: ObjectChange): string {
  const { before, after } = change;
  const lines = diffLines(before ? yamlLines(before) : [], after ? yamlLines(after) : []);
  const why =
    because.length === 0 ? "" : ` <span class="quiet">because of ${text(because.join(", "))}</span>`;
  return `<details class="${operation}"><summary>${operation} ${text(what)}${why}</summary><pre>${difference(lines)}</pre></details>`;
}

function difference(lines: readonly string[]): string {
  return lines
    .map((line) => {
      const kind = line.startsWith("+") ? "create" : line.startsWith("-") ? "delete" : "";
      return kind === "" ? text(line) : `<span class="${kind}">${text(line)}</span>`;
    })
    .join("\n");
}

const style = `
:root { color-scheme: light dark; --red: light-dark(#b3261e, #ff8a80); --green: light-dark(#1b6e2c, #81c995); --amber: light-dark(#8a5a00, #fdd663); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; } th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 4px; }
summary { cursor: pointer; overflow-wrap: anywhere; } .lines { white-space: pre-wrap; } .quiet { opacity: .7; }
.error, .danger, .delete, .mandatory > summary { color: var(--red); } .create { color: var(--green); } .missing, .advisory, .update, .replace { color: var(--amber); }
details pre, .mandatory pre { color: CanvasText; } .counts { font-weight: 600; }
`;
