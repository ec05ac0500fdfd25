import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  configOf,
  describeViolation,
  type Key,
  type Outcome,
  pathOf,
  Resource,
  type Rule,
  UNKNOWN,
} from "../../../policies/core";
import type { Fixture, Fixtures } from "../../../policies/core/fixtures";
import type { TestResource } from "../../../policies/testing";
import { projectDir } from "../../support/project";
import { places } from "./unknowns";
import { inputsOf, judgeWith, resourcesOf } from "./verdicts";

/** All that a rule says of its fixtures, and what it would change in them, as text. */
export function saidOf(rule: Rule, { fails, passes }: Fixtures): string {
  const part = (kind: string, fixtures: readonly Fixture[]) =>
    fixtures.map((fixture, index) => [`${kind} ${index}`, ...linesOf(rule, fixture)].join("\n  "));
  return [JSON.stringify(told(rule)), ...part("fails", fails), ...part("passes", passes)].join("\n");
}

/** What a rule says of itself, but for what its page explains. */
function told(rule: Rule): object {
  const { why, remediation, reference, name, ...rest } = rule;
  void [why, remediation, reference, name];
  return rest;
}

/** A number for each fixture: see {@link digestOf}. */
export function* digestsOf(rule: Rule, { fails, passes }: Fixtures): Generator<string> {
  for (const fixture of [...fails, ...passes]) yield digestOf(rule, fixture);
}

function linesOf(rule: Rule, fixture: Fixture): string[] {
  const outcome = judgeWith(rule, resourcesOf(fixture), fixture.config);
  if (!outcome) return ["is not about it"];
  const lines = [
    ...outcome.violations.map((violation) => {
      const [, , type, index] = violation.urn.split("::");
      return describeViolation(violation, "", rule.kind === "stack" ? `${index} ${type}` : "");
    }),
    ...outcome.undetermined.map(({ path: at }) => `not known: ${at}`),
    ...changesOf(rule, fixture),
  ];
  return lines.map((line) => line.replace(/ \(\)$/, "").replaceAll("\n", "\\n"));
}

/**
 * A number for what the rule says of a fixture that is changed a little, in turn: a field is not known, left out or another one, or a resource is of
 * another kind or not there. The texts themselves would be some megabytes.
 */
function digestOf(rule: Rule, fixture: Fixture): string {
  const resources = resourcesOf(fixture);
  const hash = createHash("sha256");
  for (const [what, changed] of changedStacks(resources)) {
    const outcome = changed.length === 0 ? undefined : judgeWith(rule, changed, fixture.config);
    hash.update(`${what}: ${outcome === undefined ? "not about it" : verdictOf(outcome)}\n`);
  }
  return hash.digest("hex").slice(0, 8);
}

function* changedStacks(resources: readonly TestResource[]): Generator<[what: string, TestResource[]]> {
  for (const [index, { type, props }] of resources.entries()) {
    const withOther = (other: Partial<TestResource>) =>
      resources.map((it, i) => (i === index ? { ...it, ...other } : it));
    for (const other of [`${type}Patch`, ...(type === DEPLOYMENT ? alike : [])])
      yield [other, withOther({ type: other })];
    yield ["left out", resources.filter((_, i) => i !== index)];
    for (const place of places(props))
      for (const changed of variants(props, place)) yield [pathOf(place), withOther({ props: changed })];
  }
}

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

/** Kinds that have their pods where a Deployment has them. */
const alike = [
  ...[
    "apps/v1:StatefulSet",
    "apps/v1:ReplicaSet",
    "apps/v1:DaemonSet",
    "core/v1:ReplicationController",
    "batch/v1:Job",
  ],
  ...[
    "argoproj.io/v1alpha1:Rollout",
    "apps.openshift.io/v1:DeploymentConfig",
    "serving.knative.dev/v1:Service",
  ],
].map((type) => `kubernetes:${type}`);

function verdictOf({ violations, undetermined, error }: Outcome): string {
  const found = violations.map(({ urn, path: at }) => `${urn} ${at}`);
  return [
    ...found,
    "not known:",
    ...undetermined.map(({ urn, path: at }) => `${urn} ${at}`),
    error?.message,
  ].join();
}

/** Properties with the field at a place not known, left out, and with other values of its type. */
function* variants(props: Fields, place: readonly Key[]): Generator<Fields> {
  yield changedAt(props, place, (holder, key) => void (holder[key] = UNKNOWN));
  yield changedAt(props, place, (holder, key) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  });
  const value = place.reduce<unknown>((at, key) => (at as Fields)[key], props);
  for (const other of othersOf(value))
    yield changedAt(props, place, (holder, key) => void (holder[key] = other));
}

function othersOf(value: unknown): unknown[] {
  if (typeof value === "string") return [`${value}~`];
  if (typeof value === "number") return [value + 1, value - 1];
  if (typeof value === "boolean") return [!value];
  return [Array.isArray(value) ? [] : {}];
}

type Fields = Record<Key, unknown>;

function changedAt(props: Fields, place: readonly Key[], change: (holder: Fields, key: Key) => void): Fields {
  const copy = JSON.parse(JSON.stringify(props)) as Fields;
  const holder = place.slice(0, -1).reduce((at, key) => at[key] as Fields, copy);
  change(holder, place.at(-1)!);
  return copy;
}

function changesOf(rule: Rule, { manifests, config: own }: Fixture): string[] {
  if (rule.kind === "stack" || !rule.fixes) return [];
  const resource = new Resource(inputsOf(resourcesOf({ manifests }))[0]!);
  return rule
    .fixes(resource, configOf(rule.options, { own }))
    .map(({ at, value }) => `change: ${at.path} to ${JSON.stringify(value)}`);
}

/** Where it is written what the rules of a pack say of their fixtures. */
export function saidFile(pack: string): string {
  return path.join(projectDir, "tests", "policies", "said", `${pack}.txt`);
}

/** What is written of a rule there. */
export interface Written {
  said: string;
  digests: readonly string[];
}

/** What is written there, by rule. */
export function writtenSaid(pack: string): Map<string, Written> {
  const [, ...parts] = `\n${readFileSync(saidFile(pack), "utf8")}`.split(/\n## /);
  return new Map(
    parts.map((part) => {
      const [name, ...lines] = part.trimEnd().split("\n");
      const digests = lines.pop()!.slice(DIGESTS.length).split(" ");
      return [name!, { said: lines.join("\n"), digests }] as const;
    }),
  );
}

const DIGESTS = "with one field changed: ";

export function saidText(rules: readonly Rule[], fixtures: Readonly<Record<string, Fixtures>>): string {
  return rules
    .map((rule) => {
      const own = fixtures[rule.name]!;
      return `## ${rule.name}\n${saidOf(rule, own)}\n${DIGESTS}${[...digestsOf(rule, own)].join(" ")}\n`;
    })
    .join("\n");
}
