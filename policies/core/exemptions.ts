import { nearest } from "../../components/flink/nearest";
import type { Violation } from "./message";
import type { Resource } from "./resource";

/**
 * A decision that a rule need not hold for some resources, for a reason and for a time. All given conditions must hold; at least one of
 * resource, namespace, labels and image has to be given. `*` in them stands for any text, in an image for any without a slash.
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
  /** Name of the container: then only what is wrong with that one is exempted. */
  container?: string;
  /** Image of the container, as it is written there: then only what is wrong with such containers is exempted. */
  image?: string;
  /** The place, as messages name it: `spec.template.spec.containers[0].securityContext.*`. */
  path?: string;
  /** Why this is acceptable; shown wherever the exemption is reported. */
  reason: string;
  /** The last day on which it holds, as 2027-03-31. */
  expires: string;
}

const text = { type: "string" as const };

export const exemptionSchema = {
  type: "array" as const,
  items: {
    type: "object" as const,
    properties: {
      rules: { type: "array" as const, items: text },
      resource: text,
      namespace: text,
      labels: { type: "object" as const, additionalProperties: text },
      container: text,
      image: text,
      path: text,
      reason: text,
      expires: text,
    },
    required: ["reason", "expires"],
    additionalProperties: false,
  },
};

const fields = Object.keys(exemptionSchema.items.properties);

/** Prefix of the annotations on a resource that exempt it: then the rule's name. The value: `2027-03-31: why`. */
export const EXEMPT = "flink-kubernetes/exempt.";

/** What an exemption does for a resource and a rule. */
export type Verdict =
  | {
      state: "in force" | "expired";
      reason: string;
      expires: string;
      /** How many days it holds after today. */
      daysLeft: number;
      from: string;
      /** What it is limited to. */
      exemption: Exemption;
    }
  | { state: "invalid"; problem: string; from: string };

/** The exemptions that name this rule and this resource: in force, expired, or not written as they must be (which exempts nothing). */
export function exemptionsFor(
  rule: string,
  resource: Resource,
  { own = {}, settings = {} }: { own?: WithExemptions; settings?: WithExemptions },
  today: string,
): Verdict[] {
  const longest = typeof settings.longestExemption === "number" ? settings.longestExemption : 0;
  const given = [
    ...listedIn(own).map((entry) => ({ entry, problem: exemptionProblem(entry) })),
    ...listedIn(settings).map((entry) => ({ entry, problem: settingsProblem(entry) })),
  ];
  const found = given.flatMap(({ entry, problem }): Verdict[] => {
    if (problem !== undefined) return [{ state: "invalid", problem, from: "configuration" }];
    const exemption = entry as Exemption;
    if (exemption.rules && !exemption.rules.some((name) => globMatches(name, rule))) return [];
    if (!conditionsHold(exemption, resource)) return [];
    return [verdict(exemption, "configuration", today, longest)];
  });
  const annotation = resource.annotation(`${EXEMPT}${rule}`);
  if (settings.allowAnnotations === false || annotation.isAbsent || annotation.isUnknown) return found;
  const from = `annotation ${EXEMPT}${rule}`;
  const [, expires, reason] = /^\s*(\S+?):?\s+(.*\S)\s*$/s.exec(annotation.text() ?? "") ?? [];
  const written = { resource: "*", reason, expires } as Exemption;
  const problem = exemptionProblem(written);
  return [
    ...found,
    problem === undefined ? verdict(written, from, today, longest) : { state: "invalid", problem, from },
  ];
}

function verdict(exemption: Exemption, from: string, today: string, longest: number): Verdict {
  const { reason, expires } = exemption;
  const daysLeft = daysBetween(today, expires);
  if (longest > 0 && daysLeft > longest) {
    const problem = `it ends on ${expires}, more than ${longest} days from today (longestExemption)`;
    return { state: "invalid", problem, from };
  }
  return { state: daysLeft < 0 ? "expired" : "in force", reason, expires, daysLeft, from, exemption };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** The exemption in force, of those for its resource, that takes a violation away. */
export function exemptionAt(
  verdicts: readonly Verdict[],
  resource: Resource,
  path: string,
): Verdict | undefined {
  return verdicts.find((one) => one.state === "in force" && isLimitedTo(one.exemption, resource, path));
}

/** Whether a place is one that an exemption for its resource is about. */
export function isLimitedTo(
  { container, image, path }: Exemption,
  resource: Resource,
  place: Violation["path"],
): boolean {
  if (path !== undefined && !globMatches(path, place)) return false;
  if (container === undefined && image === undefined) return true;
  // What is not known is not the one that is named.
  return (
    resource.pods
      .flatMap(({ containers }) => containers)
      // The image of Flink's own containers stands at a place of its own.
      .filter((one) => isWithin(place, one.value.path) || place === one.get("image").path)
      .some(
        (one) =>
          (container === undefined || globMatches(container, one.name ?? "")) &&
          (image === undefined || imageMatches(image, one.get("image").text() ?? "")),
      )
  );
}

function isWithin(place: string, outer: string): boolean {
  return place.startsWith(outer) && /^(?:$|[.[])/.test(place.slice(outer.length));
}

function imageMatches(pattern: string, image: string): boolean {
  const [wanted, parts] = [pattern.split("/"), image.split("/")];
  return wanted.length === parts.length && wanted.every((part, index) => globMatches(part, parts[index]!));
}

/** A configuration that may list exemptions: a rule's own, or that of `settings`. */
type WithExemptions = Readonly<Record<string, unknown>>;

function listedIn({ exemptions }: WithExemptions): readonly unknown[] {
  return Array.isArray(exemptions) ? exemptions : [];
}

/**
 * Why an exemption at `settings` is none, or undefined: there it has to say of which rules it is one.
 *
 * @param names the rules that there are, where they are known.
 */
export function settingsProblem(entry: unknown, names?: readonly string[]): string | undefined {
  const { rules } = (entry ?? {}) as Partial<Exemption>;
  const problem =
    exemptionProblem(entry) ?? (rules === undefined ? "at settings it names no rules" : undefined);
  return problem ?? rulesProblem(rules!, names);
}

function rulesProblem(rules: readonly string[], names: readonly string[] | undefined): string | undefined {
  const misspelt = names && rules.find((pattern) => !names.some((name) => globMatches(pattern, name)));
  return misspelt === undefined
    ? undefined
    : `there is no rule ${misspelt}${meantBy(nearest(misspelt, names!))}`;
}

function meantBy(meant: string | undefined): string {
  return meant === undefined ? "" : ` (is it ${meant}?)`;
}

/** Why an exemption is none, or undefined. */
export function exemptionProblem(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "it is not an object";
  const unknown = Object.keys(entry).find((name) => !fields.includes(name));
  // A condition that is left out makes an exemption larger.
  if (unknown !== undefined) return `it has no field ${unknown}${meantBy(nearest(unknown, fields))}`;
  const { rules, resource, namespace, labels, container, image, path, reason, expires } = entry as Record<
    string,
    unknown
  >;
  if (typeof reason !== "string" || reason.trim().length < 5) return "it gives no reason";
  if (typeof expires !== "string" || !isDate(expires))
    return "it gives no last day such as 2027-03-31 (expires)";
  if (rules !== undefined && !(Array.isArray(rules) && rules.every((name) => typeof name === "string")))
    return "its rules are not a list of names";
  const texts = { resource, namespace, container, image, path };
  const wrong = Object.entries(texts).find(
    ([, value]) => value !== undefined && (typeof value !== "string" || value === ""),
  );
  if (wrong) return `its ${wrong[0]} is not a text`;
  if (labels !== undefined && (typeof labels !== "object" || labels === null || Array.isArray(labels)))
    return "its labels are not a map";
  const hasLabels = Object.keys(labels ?? {}).length > 0;
  if ([resource, namespace, image].every((value) => value === undefined) && !hasLabels)
    return "it names no resource, namespace, labels or image";
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

/** Which exemptions of a configuration have done something, over all that a process has been asked. */
export class ExemptionUse {
  private readonly given = new Map<string | undefined, readonly unknown[]>();
  private readonly used = new Set<string>();

  /** @param rule the rule in whose configuration they stand; undefined: at `settings`. */
  read(rule: string | undefined, configuration: WithExemptions): void {
    this.given.set(rule, listedIn(configuration));
  }

  /** What came of a rule: what it was kept from finding, and what did not keep it. */
  note(
    rule: string,
    { exempted, exemptionProblems }: Record<"exempted" | "exemptionProblems", { exemption: Verdict }[]>,
  ): void {
    for (const { exemption: verdict } of [...exempted, ...exemptionProblems]) {
      if (verdict.state === "invalid") continue;
      for (const place of [rule, undefined]) this.used.add(keyOf(verdict.exemption, place));
    }
  }

  /**
   * What is wrong with those that have done nothing, a sentence each.
   *
   * @param names the rules that there are.
   */
  complaints(names: readonly string[]): string[] {
    const given = [...this.given].flatMap(([rule, entries]) => entries.map((entry) => ({ rule, entry })));
    return given.flatMap(({ rule, entry }) => {
      const problem = rule === undefined ? settingsProblem(entry, names) : exemptionProblem(entry);
      const at = `in the configuration of ${rule ?? "settings"}`;
      const shown = JSON.stringify(entry)?.slice(0, 200);
      if (problem !== undefined) return [`An exemption ${at} has no effect: ${problem}. ${shown}`];
      if (this.used.has(keyOf(entry, rule))) return [];
      return [`An exemption ${at} is used by nothing: remove it, or correct its conditions. ${shown}`];
    });
  }
}

function keyOf(entry: unknown, rule: string | undefined): string {
  return `${rule ?? ""} ${JSON.stringify(entry)}`;
}
