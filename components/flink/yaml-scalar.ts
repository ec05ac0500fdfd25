/** Words that need no quotes: they start with a letter, a slash or a dollar, and hold no character with a meaning in YAML. */
const PLAIN = /^[A-Za-z/$][\w./$+-]*(:[\w./$+-]+)*$/;
/** Whole numbers that are written back exactly as they were read. */
const INTEGER = /^(0|[1-9][0-9]{0,17})$/;
/** Words that YAML 1.2, or 1.1, takes for something other than text. `true` and `false` mean the same to Flink either way. */
const RESERVED = /^(null|yes|no|on|off|y|n|True|TRUE|False|FALSE)$/i;

/**
 * `text` as a YAML scalar on one line: plain where that is safe, else in double quotes.
 *
 * @param asText whether numbers and booleans are quoted too.
 */
export function quoteScalar(text: string, asText = false): string {
  const typed = text === "true" || text === "false" || INTEGER.test(text);
  if (typed ? !asText : PLAIN.test(text) && !RESERVED.test(text)) {
    return text;
  }
  // JSON's escapes are YAML's; what JSON leaves as it is but YAML calls not printable is escaped in addition.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
