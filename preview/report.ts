import { type Danger, dangersOf, type Judged } from "./dangers";
import { bytes, type ClusterChange, clusterChanges, coresText } from "./flink/clusters";
import { type Facts, factsOf, withKeptNumbers } from "./flink/facts";
import { type JobChange, jobChanges } from "./flink/jobs";
import { requestsOf } from "./flink/requests";
import {
  type Change,
  kindOf,
  type Message,
  type PolicyFinding,
  type Preview,
  same,
  titleOf,
  withContentsJoined,
} from "./normal";
import { type Operation, verdictOf } from "./rules";
import { withoutSecrets } from "./secrecy";

/** Origin of a preview. The texts come from a repository and are not trusted. */
export interface About {
  project?: string;
  stack: string;
  commit?: string;
}

/** All data of the report: report.json. The objects' differences are only in the Markdown. */
export interface Report {
  format: "flink-kubernetes/preview/1";
  about: About;
  source: Preview["source"];
  /** Whether the preview ended with an error; the listed changes may then be incomplete. */
  failed: boolean;
  counts: Record<Operation, number>;
  errors: Message[];
  warnings: Message[];
  missing: string[];
  dangers: Danger[];
  clusters: ClusterChange[];
  jobs: JobChange[];
  /** Resource requests of all pods, before and after, at their largest number. */
  requests: { before: string; after: string };
  policies: PolicyFinding[];
  objects: ObjectChange[];
}

export interface ObjectChange {
  urn: string;
  operation: Operation;
  /** `Deployment flink/orders-taskmanager`, or type and name for other resources than Kubernetes objects. */
  what: string;
  /** Input paths that cause its replacement. */
  because: string[];
  /** Whether the engine sees a difference that the inputs do not show. */
  hidden: boolean;
  change: Change;
}

export function reportOf(preview: Preview, about: About): Report {
  const changes = withContentsJoined(preview.changes).map(withoutSecrets);
  const judged: Judged[] = changes.map((change) => ({ change, verdict: verdictOf(change) }));
  const before = factsOf(changes, "before");
  const after = withKeptNumbers(before, factsOf(changes, "after"));
  const clusters = clusterChanges(before, after);
  const jobs = jobChanges(before, after);
  const errors = unique(preview.messages.filter(({ severity }) => severity === "error"));
  const counts: Record<Operation, number> = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
  const objects: ObjectChange[] = [];
  for (const { change, verdict } of judged) {
    // The stack and providers belong to the engine. Components are represented by their children.
    if (kindOf(change.type) === undefined && !isForeign(change.type)) continue;
    counts[verdict.operation]++;
    if (verdict.operation === "same") continue;
    const hidden =
      verdict.operation !== "create" && verdict.operation !== "delete" && isHidden(change, verdict.because);
    objects.push({
      urn: change.urn,
      ...verdict,
      what: titleOf(change, change.after ?? change.before),
      hidden,
      change,
    });
  }
  objects.sort(
    (a, b) => order(a) - order(b) || (a.what < b.what ? -1 : a.what > b.what ? 1 : a.urn < b.urn ? -1 : 1),
  );
  return {
    format: "flink-kubernetes/preview/1",
    about,
    source: preview.source,
    failed: errors.length > 0,
    counts,
    errors,
    warnings: warningsOf(preview.messages),
    missing: preview.missing,
    dangers: dangersOf(judged, clusters, jobs, before, after),
    clusters,
    jobs,
    requests: {
      before: requestsText(changes, "before", before),
      after: requestsText(changes, "after", after),
    },
    policies: sortPolicies(preview.policies),
    objects,
  };
}

function isForeign(type: string): boolean {
  return !type.startsWith("pulumi:") && !type.startsWith("flink-kubernetes:index:");
}

/** The engine sees a difference that the shown inputs do not have. */
function isHidden({ before, after }: Change, because: string[]): boolean {
  return because.every((path) => path.startsWith("data") || path === "stringData") && same(before, after);
}

const operations: Operation[] = ["delete", "replace", "create", "update", "same"];

function order({ operation }: ObjectChange): number {
  return operations.indexOf(operation);
}

function requestsText(changes: readonly Change[], side: "before" | "after", facts: Facts): string {
  const most = new Map(
    [...facts.clusters.values()].map(({ taskManager }) => [
      taskManager.identity.slice(taskManager.identity.indexOf(" ") + 1),
      taskManager.most,
    ]),
  );
  const { cpu, memory } = requestsOf(changes, side, most);
  return `${coresText(cpu)} and ${bytes(memory)} of memory`;
}

function unique(messages: Message[]): Message[] {
  const seen = new Set<string>();
  return messages.filter(({ text }) => (seen.has(text) ? false : seen.add(text)));
}

/** Each warning once per resource. A warning with a resource replaces the same one without. */
function warningsOf(messages: Message[]): Message[] {
  const warnings = messages.filter(({ severity }) => severity === "warning");
  const named = new Set(warnings.filter(({ urn }) => urn !== "").map(({ text }) => text));
  const seen = new Set<string>();
  return warnings.filter(({ urn, text }) => {
    const key = `${urn}\n${text}`;
    if (seen.has(key) || (urn === "" && named.has(text))) return false;
    seen.add(key);
    return true;
  });
}

/** A rule's finding for several resources, in the same words. */
export type RuleFinding = Omit<PolicyFinding, "urn"> & { urns: string[] };

export function byRule(findings: readonly PolicyFinding[]): RuleFinding[] {
  const groups = new Map<string, RuleFinding>();
  for (const { urn, ...finding } of findings) {
    const key = JSON.stringify([finding.level, finding.pack, finding.policy, finding.message]);
    const group = groups.get(key) ?? { ...finding, urns: [] };
    if (urn !== "") group.urns.push(urn);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function sortPolicies(findings: readonly PolicyFinding[]): PolicyFinding[] {
  const key = ({ level, policy, urn, message }: PolicyFinding) =>
    [level === "mandatory" ? "0" : "1", policy, urn, message].join("\n");
  return [...findings].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
