import type { Resource } from "./resource";

/**
 * A decision that a rule need not hold for some resources, for a reason and for a time. All given conditions must hold; at least one of
 * resource, namespace and labels has to be given. `*` in them stands for any text.
 */
export interface Exemption {
  /** Names of rules. Default: the rule in whose configuration it stands; at `settings`, all rules must be named (`"*"` is possible). */
  rules?: string[];
  /** The resource's name in the program, its name in Kubernetes, or its URN. */
  resource?: string;
  /** The object's namespace. */
  namespace?: string;
  /** Labels of the object. */
  labels?: Record<string, string>;
  /** Why this is acceptable; shown wherever the exemption is reported. */
  reason: string;
  /** The last day on which it holds, as 2027-03-31. */
  expires: string;
}

export const exemptionSchema = {
  type: "array" as const,
  items: {
    type: "object" as const,
    properties: {
      rules: { type: "array" as const, items: { type: "string" as const } },
      resource: { type: "string" as const },
      namespace: { type: "string" as const },
      labels: { type: "object" as const, additionalProperties: { type: "string" as const } },
      reason: { type: "string" as const },
      expires: { type: "string" as const },
    },
    required: ["reason", "expires"],
  },
};

/** Prefix of the annotations on a resource that exempt it: then the rule's name. The value: `2027-03-31: why`. */
export const EXEMPT = "flink-kubernetes/exempt.";

/** What an exemption does for a resource and a rule. */
export type Verdict =
  | { state: "in force"; reason: string; expires: string; from: string }
  | { state: "expired"; reason: string; expires: string; from: string }
  | { state: "invalid"; problem: string; from: string };

/** The exemptions that name this rule and this resource: in force, expired, or not written as they must be (which exempts nothing). */
export function exemptionsFor(
  rule: string,
  resource: Resource,
  { own = {}, settings = {} }: { own?: WithExemptions; settings?: WithExemptions },
  today: string,
): Verdict[] {
  const given = [
    ...listedIn(own).map((entry) => ({ entry, problem: exemptionProblem(entry) })),
    ...listedIn(settings).map((entry) => ({ entry, problem: settingsProblem(entry) })),
  ];
  const found = given.flatMap(({ entry, problem }): Verdict[] => {
    if (problem !== undefined) return [{ state: "invalid", problem, from: "configuration" }];
    const exemption = entry as Exemption;
    if (exemption.rules && !exemption.rules.some((name) => globMatches(name, rule))) return [];
    if (!conditionsHold(exemption, resource)) return [];
    return [verdict(exemption.reason, exemption.expires, "configuration", today)];
  });
  const annotation = resource.annotation(`${EXEMPT}${rule}`);
  if (settings.allowAnnotations === false || annotation.isAbsent || annotation.isUnknown) return found;
  const from = `annotation ${EXEMPT}${rule}`;
  const [, expires, reason] = /^\s*(\S+?):?\s+(.*\S)\s*$/s.exec(annotation.text() ?? "") ?? [];
  const problem = exemptionProblem({ resource: "*", reason, expires });
  return [
    ...found,
    problem === undefined ? verdict(reason!, expires!, from, today) : { state: "invalid", problem, from },
  ];
}

function verdict(reason: string, expires: string, from: string, today: string): Verdict {
  return { state: expires < today ? "expired" : "in force", reason, expires, from };
}

/** A configuration that may list exemptions: a rule's own, or that of `settings`. */
type WithExemptions = Readonly<Record<string, unknown>>;

function listedIn({ exemptions }: WithExemptions): readonly unknown[] {
  return Array.isArray(exemptions) ? exemptions : [];
}

/** Why an exemption at `settings` is none, or undefined: there it has to say of which rules it is one. */
export function settingsProblem(entry: unknown): string | undefined {
  const { rules } = (entry ?? {}) as Partial<Exemption>;
  return exemptionProblem(entry) ?? (rules === undefined ? "at settings it names no rules" : undefined);
}

/** Why an exemption is none, or undefined. */
export function exemptionProblem(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "it is not an object";
  const { rules, resource, namespace, labels, reason, expires } = entry as Record<string, unknown>;
  if (typeof reason !== "string" || reason.trim().length < 5) return "it gives no reason";
  if (typeof expires !== "string" || !isDate(expires))
    return "it gives no last day such as 2027-03-31 (expires)";
  if (rules !== undefined && !(Array.isArray(rules) && rules.every((name) => typeof name === "string")))
    return "its rules are not a list of names";
  const conditions = [resource, namespace].filter((text) => text !== undefined);
  if (!conditions.every((text) => typeof text === "string" && text !== ""))
    return "its resource or namespace is not a text";
  const hasLabels = typeof labels === "object" && labels !== null && Object.keys(labels).length > 0;
  if (conditions.length === 0 && !hasLabels) return "it names no resource, namespace or labels";
  return undefined;
}

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  );
}

/** What is unknown matches no condition: an exemption never holds by chance. */
function conditionsHold(exemption: Exemption, resource: Resource): boolean {
  const { resource: named, namespace, labels } = exemption;
  if (named !== undefined) {
    const names = [resource.name, resource.urn, resource.objectName];
    if (!names.some((name) => name !== undefined && globMatches(named, name))) return false;
  }
  if (namespace !== undefined) {
    // A namespace is its own: what holds for all in it holds for it.
    const own = resource.is("/Namespace") ? resource.objectName : resource.namespace;
    if (own === undefined || !globMatches(namespace, own)) return false;
  }
  return Object.entries(labels ?? {}).every(([key, wanted]) => {
    const actual = resource.label(key).text();
    return actual !== undefined && globMatches(String(wanted), actual);
  });
}

/** Whether a text is as a pattern says, in which `*` stands for any text. */
export function globMatches(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}
