import { exemptionSchema } from "./exemptions";
import { type Options, type Rule, sharedOption } from "./rule";

/** The names of the two policies that every pack has beside its rules. */
export const SETTINGS = "settings";
export const EXEMPTIONS = "exemptions";

/** Options that every rule has. */
export const commonOptions = {
  exemptions: sharedOption<unknown[]>(
    [],
    "Resources for which the rule need not hold: a list of objects with `resource`, `namespace` or `labels` (`*` stands for any text), a `reason` and the last day (`expires`). At `settings` also `rules`, the names of the rules.",
    exemptionSchema,
  ),
  onUnknown: sharedOption<string>(
    "advise",
    "What to do where a value that decides is known only during the update: `advise` says so and never blocks, `ignore` says nothing, `fail` counts it as a violation. The update itself checks again with all values.",
    { type: "string", enum: ["advise", "ignore", "fail"] },
  ),
} satisfies Options;

const allowAnnotations = sharedOption<boolean>(
  true,
  "Whether an annotation `flink-kubernetes/exempt.RULE: 2027-03-31: reason` on a resource exempts it. With false only this configuration does.",
  { type: "boolean" },
);

/** All shared options of a pack's rules: those that `settings` takes. */
export function sharedOptions(rules: readonly Rule[]): Options {
  const all = rules.flatMap((rule) => Object.entries(rule.options ?? {}));
  return {
    ...Object.fromEntries(all.filter(([, { shared }]) => shared)),
    ...commonOptions,
    allowAnnotations,
  };
}
