import { exemptionAt, exemptionsFor, isLimitedTo, type Verdict } from "./exemptions";
import { type Violation, violationAt } from "./message";
import type { Resource } from "./resource";
import type { ConfigOf, Options, ResourceRule, Rule, Run, StackRule } from "./rule";
import type { Stack } from "./stack";

/** A user's configuration, by option. */
export type Given = Readonly<Record<string, unknown>>;

/** The result of one rule. */
export interface Outcome {
  violations: Violation[];
  /** Violations that a valid exemption covers. */
  exempted: { violation: Violation; exemption: Verdict }[];
  /** Expired or malformed exemptions of resources with violations. */
  exemptionProblems: { urn: string; exemption: Verdict }[];
  /** Unknown values that the rule read, so that it could not decide. */
  undetermined: { urn: string; path: string }[];
  /** An error in the rule. Violations before it are kept. */
  error: Error | undefined;
}

export interface Circumstances {
  /** Configuration of the rule itself. */
  own?: Given;
  /** Configuration of the pack's policy `settings`, the fallback of rules. */
  settings?: Given;
  /** Default: today, in UTC. */
  today?: string;
}

/** Undefined if the rule does not apply to this resource. */
export function evaluateResource(
  rule: ResourceRule,
  resource: Resource,
  circumstances: Circumstances = {},
): Outcome | undefined {
  resource.takeUnknowns();
  if (!rule.applies(resource)) return undefined;
  return evaluate(rule, [resource], circumstances, (run) => rule.check(resource, run));
}

/** Undefined if the rule applies to nothing in this stack. */
export function evaluateStack(
  rule: StackRule,
  stack: Stack,
  circumstances: Circumstances = {},
): Outcome | undefined {
  stack.resources.forEach((resource) => resource.takeUnknowns());
  stack.forget();
  if (!rule.applies(stack)) return undefined;
  return evaluate(rule, stack.resources, circumstances, (run) => rule.check(stack, run));
}

function evaluate(
  rule: Rule,
  resources: readonly Resource[],
  circumstances: Circumstances,
  check: (run: Run) => void,
): Outcome {
  const violations = new Map<string, Violation>();
  let error: Error | undefined;
  try {
    check({
      config: configOf(rule.options, circumstances),
      violation: (at, saying) => {
        const found = violationAt(at, saying);
        // The pods of JobManager and TaskManagers may share one mistake from the same place.
        const key = JSON.stringify([found.urn, found.path, found.expected]);
        if (!violations.has(key)) violations.set(key, found);
      },
    });
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const undetermined = resources.flatMap((resource) =>
    resource.takeUnknowns().map(({ path }) => ({ urn: resource.urn, path })),
  );
  const outcome: Outcome = { violations: [], exempted: [], exemptionProblems: [], undetermined, error };
  sortByExemption(rule, resources, [...violations.values()], circumstances, outcome);
  return outcome;
}

function sortByExemption(
  rule: Rule,
  resources: readonly Resource[],
  violations: Violation[],
  { own, settings, today }: Circumstances,
  outcome: Outcome,
): void {
  if (violations.length === 0) return;
  const day = today ?? new Date().toISOString().slice(0, 10);
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const verdicts = new Map<string, Verdict[]>();
  const told = new Set<Verdict>();
  for (const violation of violations) {
    const { urn, path } = violation;
    const resource = byUrn.get(urn)!;
    const found = verdicts.get(urn) ?? exemptionsFor(rule.name, resource, { own, settings }, day);
    verdicts.set(urn, found);
    const exemption = exemptionAt(found, resource, path);
    if (exemption) outcome.exempted.push({ violation, exemption });
    else outcome.violations.push(violation);
    for (const one of found) {
      if (one.state === "in force" || told.has(one)) continue;
      if (one.state === "expired" && !isLimitedTo(one.exemption, resource, path)) continue;
      told.add(one);
      outcome.exemptionProblems.push({ urn, exemption: one });
    }
  }
  resources.forEach((resource) => resource.takeUnknowns());
}

/** The values of the options: from the rule, else from `settings`, else the defaults. */
export function configOf<O extends Options>(
  options: O | undefined,
  { own = {}, settings = {} }: Circumstances,
): ConfigOf<O> {
  const values = Object.entries(options ?? {}).map(([name, option]) => {
    const shared = option.shared ? settings[name] : undefined;
    return [name, own[name] ?? shared ?? option.default] as const;
  });
  return Object.fromEntries(values) as ConfigOf<O>;
}
