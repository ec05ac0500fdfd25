import { createHash } from "node:crypto";
import type { Reported } from "./finding";

/** Findings that are accepted for now. */
export interface Baseline {
  /** Findings that are not in the baseline. */
  fresh(findings: readonly Reported[]): Reported[];
  /** Entries without a finding, as text. They can be removed. */
  gone(findings: readonly Reported[]): string[];
}

interface Entry {
  pack: string;
  rule: string;
  object: string;
  path?: string;
}

/**
 * A baseline file: JSON with a list of `findings`, each with pack, rule, object and place. It has no lines or
 * messages, so that it stays valid when other parts of a file change.
 */
export function readBaseline(text: string): Baseline {
  const { findings } = JSON.parse(text) as { findings?: unknown };
  if (!Array.isArray(findings) || !findings.every(isEntry)) {
    throw new Error("it is not a baseline: it has no list of findings, each with pack, rule and object");
  }
  const entries = new Map(findings.map((entry) => [keyOf(entry), entry]));
  return {
    fresh: (found) => found.filter((finding) => !entries.has(keyOf(finding))),
    gone: (found) => {
      const there = new Set(found.map(keyOf));
      return [...entries.values()]
        .filter((entry) => !there.has(keyOf(entry)))
        .map(({ rule, object, path }) =>
          [`${rule}: ${object}`, ...(path === undefined ? [] : [path])].join(" "),
        );
    },
  };
}

/** The same findings as a baseline. */
export function baselineOf(found: readonly Reported[]): string {
  const entries = new Map(
    found.map((finding) => {
      const { pack, rule, object, path } = finding;
      return [keyOf(finding), { pack, rule, object, path }];
    }),
  );
  const findings = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  return `${JSON.stringify({ findings }, undefined, 2)}\n`;
}

/** A key of the finding that does not depend on its line. */
export function fingerprint(finding: Reported): string {
  return createHash("sha256").update(keyOf(finding)).digest("hex").slice(0, 32);
}

function keyOf({ pack, rule, object, path }: Entry | Reported): string {
  return JSON.stringify([pack, rule, object, path ?? null]);
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== "object" || value === null) return false;
  const { pack, rule, object, path } = value as Record<string, unknown>;
  return [pack, rule, object, path ?? ""].every((text) => typeof text === "string");
}
