import vulnerabilities from "./catalogue/vulnerabilities.json";

/** A published vulnerability of a version, and the first version of the line without it. */
export interface Vulnerability {
  cve: string;
  /** Attack and effect. */
  what: string;
  /** The version that fixes it. */
  fixed: string;
}

/**
 * The published vulnerabilities of this Flink version, newest first. The security floor is derived from them.
 */
export function knownVulnerabilities(version: string): Vulnerability[] {
  return vulnerabilities
    .flatMap(({ cve, what, affected }) => {
      const range = affected.find(({ from, fixed }) => !isBelow(version, from) && isBelow(version, fixed));
      return range ? [{ cve, what, fixed: range.fixed }] : [];
    })
    .reverse();
}

/** Whether a version of three numbers is older than another. */
function isBelow(version: string, other: string): boolean {
  const [mine, theirs] = [version, other].map((text) => text.split(".").map(Number));
  const differs = mine.findIndex((part, i) => part !== theirs[i]);
  return differs >= 0 && mine[differs] < theirs[differs];
}
