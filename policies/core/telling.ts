import { type Circumstances, configOf, type Outcome } from "./evaluate";
import type { Verdict } from "./exemptions";
import { describeViolation, type Violation } from "./message";
import { commonOptions } from "./options";
import type { Rule } from "./rule";

/** A line about a resource, or about the whole stack without a URN. */
export interface Line {
  urn: string | undefined;
  text: string;
}

/** A rule's messages, the same for the engine and for commands. */
export interface Telling {
  violations: (Line & { violation?: Violation })[];
  /** Why it could not check everything. Reported as advice, whatever the rule's level. */
  undetermined: string | undefined;
  /** Messages of the policy `exemptions`. */
  exemptions: Line[];
}

/** @param link the page of the rule, for the end of each message. */
export function tellingOf(rule: Rule, outcome: Outcome, given: Circumstances, link: string): Telling {
  const telling: Telling = {
    violations: outcome.violations.map((violation) => ({
      urn: violation.urn,
      text: describeViolation(violation, link),
      violation,
    })),
    undetermined: undefined,
    exemptions: exemptionLines(rule, outcome),
  };
  const [first] = outcome.undetermined;
  if (outcome.error) {
    telling.undetermined = `the rule itself failed, and may have missed something: ${outcome.error.message}`;
  } else if (first) {
    const { onUnknown } = configOf(commonOptions, given);
    const text = `not known before the update: ${summary(outcome.undetermined.map(({ path }) => path))}`;
    if (onUnknown === "fail") telling.violations.push({ urn: first.urn, text: `${text}. (${link})` });
    else if (onUnknown !== "ignore") telling.undetermined = text;
  }
  return telling;
}

function exemptionLines(rule: Rule, { exempted, exemptionProblems }: Outcome): Line[] {
  return [
    ...exempted.map(({ violation, exemption }) => ({
      urn: violation.urn,
      text: `${rule.name}: ${violation.path} ${describeVerdict(exemption)}`,
    })),
    ...exemptionProblems.map(({ urn, exemption }) => ({
      urn,
      text: `${rule.name}: ${describeVerdict(exemption)}`,
    })),
  ];
}

function describeVerdict(verdict: Verdict): string {
  switch (verdict.state) {
    case "in force":
      return `is exempted until ${verdict.expires}${soon(verdict.daysLeft)} (${verdict.from}): ${verdict.reason}`;
    case "expired":
      return `the exemption expired on ${verdict.expires} (${verdict.from}): ${verdict.reason}`;
    case "invalid":
      return `an exemption has no effect, since ${verdict.problem} (${verdict.from})`;
  }
}

/** The number of days before the end when an exemption is reported as ending soon. */
const SOON = 30;

function soon(daysLeft: number): string {
  if (daysLeft > SOON) return "";
  return daysLeft === 0 ? ", which is today" : `, which is in ${daysLeft} day${daysLeft === 1 ? "" : "s"}`;
}

function summary(places: string[]): string {
  const shown = places.slice(0, 3).join(", ");
  return places.length > 3 ? `${shown} and ${places.length - 3} more` : shown;
}
