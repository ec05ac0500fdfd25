import { isObject, type Json, UNKNOWN } from "./normal";

const first = ["apiVersion", "kind", "metadata", "name", "namespace"];

/** YAML lines for people: identifying fields first, all others sorted, multi-line texts as they are. */
export function yamlLines(value: Json, indent = ""): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}[]`];
    return value.flatMap((item) => {
      const [head = "", ...rest] = yamlLines(item, `${indent}  `);
      return [`${indent}- ${head.slice(indent.length + 2)}`, ...rest];
    });
  }
  if (isObject(value)) {
    const keys = Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    if (keys.length === 0) return [`${indent}{}`];
    return keys.flatMap((key) => entryLines(scalar(key), value[key]!, indent));
  }
  return [`${indent}${scalar(value)}`];
}

function entryLines(key: string, value: Json, indent: string): string[] {
  if (typeof value === "string" && value.includes("\n")) {
    const lines = value.replace(/\n$/, "").split("\n");
    return [
      `${indent}${key}: |${value.endsWith("\n") ? "" : "-"}`,
      ...lines.map((line) => (line === "" ? "" : `${indent}  ${line}`)),
    ];
  }
  const nested = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  if (!nested) return [`${indent}${key}: ${yamlLines(value)[0]!}`];
  return [`${indent}${key}:`, ...yamlLines(value, `${indent}  `)];
}

function rank(key: string): number {
  const index = first.indexOf(key);
  return index === -1 ? first.length : index;
}

/** Plain, if no YAML reader would misinterpret it. */
function scalar(value: Json): string {
  if (value === UNKNOWN) return "<known after the update>";
  if (typeof value !== "string") return JSON.stringify(value);
  if (value.includes(UNKNOWN)) return scalar(value.replaceAll(UNKNOWN, "<known after the update>"));
  const plain =
    /^[A-Za-z_/.][\w./@:+=,-]*( [\w./@:+=,()-]+)*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off|~|\.inf|\.nan)$/i.test(value);
  const safe = plain && !/: |:$/.test(value) && !/^[\d.]+(e[\d+-]+)?$/i.test(value);
  return safe || value === "[secret]" ? value : JSON.stringify(value);
}
