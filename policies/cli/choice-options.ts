import { type Choice, presets, severities } from "../core/choice";
import { frameworks } from "../core/frameworks";

/** Options that choose rules. */
export const choiceOptions = {
  preset: { type: "string" },
  severity: { type: "string" },
  framework: { type: "string", multiple: true },
  tag: { type: "string", multiple: true },
} as const;

export const choiceHelp = [
  `  --preset NAME  ${Object.entries(presets)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join("; ")}`,
  `  --severity SEVERITY  only rules of this severity or higher: ${severities.join(", ")}`,
  `  --framework NAME  only rules that cover a control of it; repeat for more: ${Object.keys(frameworks).join(", ")}`,
  "  --tag TAG  only rules with this tag, such as rights or cis-5.2.2; repeat for more",
].join("\n");

export function choiceOf(values: {
  preset?: string;
  severity?: string;
  framework?: string[];
  tag?: string[];
}): Choice {
  const { preset, severity, framework: frameworks, tag: tags } = values;
  const given = Object.entries({ preset, severity, frameworks, tags });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Choice;
}
