/**
 * Words that need no quotes: they start with a letter, a slash or a dollar and contain no special characters
 * of YAML.
 */
const PLAIN = /^[A-Za-z/$][\w./$+-]*(:[\w./$+-]+)*$/;
/** Integers that are written back exactly as they were read. */
const INTEGER = /^(0|[1-9][0-9]{0,17})$/;
/**
 * Words that YAML 1.2 or 1.1 reads as another type than text. `true` and `false` mean the same to Flink
 * either way.
 */
const RESERVED = /^(null|yes|no|on|off|y|n|True|TRUE|False|FALSE)$/i;

/**
 * `text` as a YAML scalar on one line: plain if that is safe, else in double quotes.
 *
 * @param asText whether numbers and booleans are quoted too.
 */
export function quoteScalar(text: string, asText = false): string {
  const typed = text === "true" || text === "false" || INTEGER.test(text);
  if (typed ? !asText : PLAIN.test(text) && !RESERVED.test(text)) {
    return text;
  }
  // YAML shares JSON's escapes. Characters that JSON leaves as they are but YAML calls not printable are
  // escaped in addition.
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
