import type { Format } from "./finding";
import type { FormatName } from "./format-names";
import { github } from "./github";
import { json } from "./json";
import { junit } from "./junit";
import { sarif } from "./sarif";
import { text } from "./text";

export { baselineOf, readBaseline } from "./baseline";
export {
  aboutPack,
  type Format,
  type PackAbout,
  type Report,
  type Reported,
  type RuleAbout,
} from "./finding";

export const formats: Readonly<Record<FormatName, Format>> = { text, json, sarif, junit, github };
