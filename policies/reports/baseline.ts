import { createHash } from "node:crypto";
import type { Reported } from "./finding";

/** Findings that somebody has accepted for now. */
export interface Baseline {
  /** Those that it has not. */
  fresh(findings: readonly Reported[]): Reported[];
  /** Entries that nothing was found for, as text: they can be taken out. */
  gone(findings: readonly Reported[]): string[];
}

interface Entry {
  pack: string;
  rule: string;
  object: string;
  path?: string;
}

/**
 * A baseline file: JSON with a list of `findings`, each by pack, rule, object and place in it. It names no lines and no messages, so that it still holds when
 * something else in a file changes.
 */
export function readBaseline(text: string): Baseline {
  const { findings } = JSON.parse(text) as { findings?: unknown };
  if (!Array.isArray(findings) || !findings.every(isEntry)) {
    throw new Error("it is no baseline: it has no list of findings, each with pack, rule and object");
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

/** Stays the same while the finding does, wherever in a file it is. */
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
