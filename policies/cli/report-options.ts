import { formatNames } from "../reports/format-names";

export const severities = ["low", "medium", "high", "critical"];
export const limits = ["mandatory", ...severities, "none"];

/** Options of every command that has packs look at something, with their lines of help. */
export const reportOptions = {
  format: { type: "string", default: "text", value: "FORMAT", about: `${formatNames.join(", ")}` },
  output: { type: "string", value: "FILE", about: "where the report goes, in place of standard output" },
  "fail-on": {
    type: "string",
    default: "mandatory",
    value: "LIMIT",
    about: `mandatory: findings of this level; ${severities.join(", ")}: of this severity or a higher one, whatever their level; none`,
  },
  baseline: {
    type: "string",
    value: "FILE",
    about: "findings in this file are accepted: counted, and not told",
  },
  "write-baseline": { type: "string", value: "FILE", about: "writes such a file with all that is found" },
} as const;
