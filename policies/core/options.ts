import { nearest } from "../../components/flink/nearest";
import { exemptionSchema } from "./exemptions";
import { otherKindsWithPods, podBearingKinds, type PodTemplates } from "./pods";
import { type Options, type Rule, sharedOption } from "./rule";

/** The names of the two policies that every pack has in addition to its rules. */
export const SETTINGS = "settings";
export const EXEMPTIONS = "exemptions";

/** Options that every rule has. */
export const commonOptions = {
  exemptions: sharedOption<unknown[]>(
    [],
    "Exempted resources: a list of objects with `resource`, `namespace`, `labels` or `image` (`*` stands for any text), optionally limited to a `container` or a `path`, with a `reason` and the last day (`expires`). In `settings` also `rules`, the names of the rules.",
    exemptionSchema,
  ),
  onUnknown: sharedOption<string>(
    "advise",
    "What to do if the rule needs a value that is known only during the update: `advise` reports it as advice, `ignore` does nothing, `fail` counts it as a violation. The update itself checks again with all values.",
    { type: "string", enum: ["advise", "ignore", "fail"] },
  ),
} satisfies Options;

const allowAnnotations = sharedOption<boolean>(
  true,
  "Whether an annotation `flink-kubernetes/exempt.RULE: 2027-03-31: reason` on a resource exempts it. If false, only this configuration does.",
  { type: "boolean" },
);

const podTemplates = sharedOption<PodTemplates>(
  {},
  `Paths of the pod templates of other kinds, so that rules check their pods too: by group and kind, such as \`example.com/Fleet: spec.groups[*].template\`. Separate several paths with commas. Known without this option are ${[...podBearingKinds, ...otherKindsWithPods].map((kind) => kind.replace(/^\//, "")).join(", ")}, and the custom resources of the Flink operator.`,
  { type: "object", additionalProperties: { type: "string" } },
);

const longestExemption = sharedOption<number>(
  0,
  "The longest duration of exemptions, in days from today: an exemption with a later last day has no effect. 0: no limit.",
  { type: "integer", minimum: 0 },
);

/** All shared options of a pack's rules, which `settings` accepts. */
export function sharedOptions(rules: readonly Rule[]): Options {
  const all = rules.flatMap((rule) => Object.entries(rule.options ?? {}));
  return {
    ...Object.fromEntries(all.filter(([, { shared }]) => shared)),
    ...commonOptions,
    allowAnnotations,
    longestExemption,
    podTemplates,
  };
}

/** The policies of a pack by name, with the options of each. */
export function policyOptions(rules: readonly Rule[]): Map<string, Options> {
  return new Map<string, Options>([
    ...rules.map(({ name, options }) => [name, { ...options, ...commonOptions }] as const),
    [SETTINGS, sharedOptions(rules)],
    [EXEMPTIONS, {}],
    // The engine's name for all policies; only its level counts.
    ["all", {}],
  ]);
}

/**
 * Refuses options that a policy does not have, since they would silently have no effect.
 *
 * @throws if there is one.
 */
export function refuseUnknownOptions(policy: string, given: object, options: Options): void {
  for (const name of Object.keys(given)) {
    if (name === "enforcementLevel" || Object.hasOwn(options, name)) continue;
    const known = Object.keys(options);
    const meant = nearest(name, known);
    throw new Error(
      `The policy ${policy} has no option ${name}, so what it says would not hold. ${
        meant === undefined ? `It has ${known.join(", ")}.` : `Write ${meant}.`
      }`,
    );
  }
}
