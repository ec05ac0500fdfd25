import { nearest } from "../../components/flink/nearest";
import type { Violation } from "./message";
import type { Resource } from "./resource";

/**
 * An exemption of some resources from a rule, with a reason and an end. All given conditions must match. At
 * least one of resource, namespace, labels and image is required. `*` stands for any text, in an image for
 * any text without a slash.
 */
export interface Exemption {
  /**
   * Names of rules. Default: the rule whose configuration contains it. Required in `settings` (`"*"` is
   * possible).
   */
  rules?: string[];
  /** The resource's name in the program, its name in Kubernetes, or its URN. */
  resource?: string;
  /** The object's namespace. */
  namespace?: string;
  /** Labels of the object. */
  labels?: Record<string, string>;
  /** Name of the container, to exempt only findings in this container. */
  container?: string;
  /** Image of the container, as written there, to exempt only findings in such containers. */
  image?: string;
  /** The place, as in messages: `spec.template.spec.containers[0].securityContext.*`. */
  path?: string;
  /** The reason, shown wherever the exemption is reported. */
  reason: string;
  /** The last day of the exemption, such as 2027-03-31. */
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

/** Prefix of annotations that exempt a resource, before the rule's name. The value: `2027-03-31: why`. */
export const EXEMPT = "flink-kubernetes/exempt.";

/** The effect of an exemption on a resource and a rule. */
export type Verdict =
  | {
      state: "in force" | "expired";
      reason: string;
      expires: string;
      /** The number of days left after today. */
      daysLeft: number;
      from: string;
      /** Its limits. */
      exemption: Exemption;
    }
  | { state: "invalid"; problem: string; from: string };

/** The exemptions for this rule and this resource: in force, expired, or malformed (without effect). */
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

/** The exemption in force that covers a violation, among those for its resource. */
export function exemptionAt(
  verdicts: readonly Verdict[],
  resource: Resource,
  path: string,
): Verdict | undefined {
  return verdicts.find((one) => one.state === "in force" && isLimitedTo(one.exemption, resource, path));
}

/** Whether an exemption for its resource covers a place. */
export function isLimitedTo(
  { container, image, path }: Exemption,
  resource: Resource,
  place: Violation["path"],
): boolean {
  if (path !== undefined && !globMatches(path, place)) return false;
  if (container === undefined && image === undefined) return true;
  // Unknown values do not match a name.
  return (
    resource.pods
      .flatMap(({ containers }) => containers)
      // The image of Flink's own containers has another place.
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

/** A configuration that may list exemptions: of a rule, or of `settings`. */
type WithExemptions = Readonly<Record<string, unknown>>;

function listedIn({ exemptions }: WithExemptions): readonly unknown[] {
  return Array.isArray(exemptions) ? exemptions : [];
}

/**
 * Why an exemption in `settings` is not valid, or undefined. There it must name its rules.
 *
 * @param names the existing rules, if known.
 */
export function settingsProblem(entry: unknown, names?: readonly string[]): string | undefined {
  const { rules } = (entry ?? {}) as Partial<Exemption>;
  const problem =
    exemptionProblem(entry) ?? (rules === undefined ? "in settings it must name rules" : undefined);
  return problem ?? rulesProblem(rules!, names);
}

function rulesProblem(rules: readonly string[], names: readonly string[] | undefined): string | undefined {
  const misspelt = names && rules.find((pattern) => !names.some((name) => globMatches(pattern, name)));
  return misspelt === undefined
    ? undefined
    : `there is no rule ${misspelt}${meantBy(nearest(misspelt, names!))}`;
}

function meantBy(meant: string | undefined): string {
  return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}

/** Why an exemption is not valid, or undefined. */
export function exemptionProblem(entry: unknown): string | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "it is not an object";
  const unknown = Object.keys(entry).find((name) => !fields.includes(name));
  // Without the condition, the exemption would cover more.
  if (unknown !== undefined)
    return `an exemption has no field ${unknown}${meantBy(nearest(unknown, fields))}`;
  const { rules, resource, namespace, labels, container, image, path, reason, expires } = entry as Record<
    string,
    unknown
  >;
  if (typeof reason !== "string" || reason.trim().length < 5) return "it has no reason";
  if (typeof expires !== "string" || !isDate(expires))
    return "it has no last day such as 2027-03-31 (expires)";
  if (rules !== undefined && !(Array.isArray(rules) && rules.every((name) => typeof name === "string")))
    return "its rules are not a list of names";
  const texts = { resource, namespace, container, image, path };
  const wrong = Object.entries(texts).find(
    ([, value]) => value !== undefined && (typeof value !== "string" || value === ""),
  );
  if (wrong) return `its ${wrong[0]} is not a string`;
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

/** Unknown values match no condition, so that an exemption never applies by chance. */
function conditionsHold(exemption: Exemption, resource: Resource): boolean {
  const { resource: named, namespace, labels } = exemption;
  if (named !== undefined) {
    const names = [resource.name, resource.urn, resource.objectName];
    if (!names.some((name) => name !== undefined && globMatches(named, name))) return false;
  }
  if (namespace !== undefined) {
    // An exemption for a whole namespace also covers the Namespace object.
    const own = resource.is("/Namespace") ? resource.objectName : resource.namespace;
    if (own === undefined || !globMatches(namespace, own)) return false;
  }
  return Object.entries(labels ?? {}).every(([key, wanted]) => {
    const actual = resource.label(key).text();
    return actual !== undefined && globMatches(String(wanted), actual);
  });
}

/** Whether a text matches a pattern, where `*` stands for any text. */
export function globMatches(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(text);
}

/** Records which exemptions of a configuration had an effect, over all requests to a process. */
export class ExemptionUse {
  private readonly given = new Map<string | undefined, readonly unknown[]>();
  private readonly used = new Set<string>();

  /** @param rule the rule whose configuration contains them; undefined: `settings`. */
  read(rule: string | undefined, configuration: WithExemptions): void {
    this.given.set(rule, listedIn(configuration));
  }

  /** Records a rule's result: exemptions with an effect, and those without. */
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
   * One sentence for each exemption without an effect.
   *
   * @param names the existing rules.
   */
  complaints(names: readonly string[]): string[] {
    const given = [...this.given].flatMap(([rule, entries]) => entries.map((entry) => ({ rule, entry })));
    return given.flatMap(({ rule, entry }) => {
      const problem = rule === undefined ? settingsProblem(entry, names) : exemptionProblem(entry);
      const at = `in the configuration of ${rule ?? "settings"}`;
      const shown = JSON.stringify(entry)?.slice(0, 200);
      if (problem !== undefined) return [`An exemption ${at} has no effect: ${problem}. ${shown}`];
      if (this.used.has(keyOf(entry, rule))) return [];
      return [`An exemption ${at} matches nothing: remove it, or correct its conditions. ${shown}`];
    });
  }
}

function keyOf(entry: unknown, rule: string | undefined): string {
  return `${rule ?? ""} ${JSON.stringify(entry)}`;
}
