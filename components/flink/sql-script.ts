/** A statement of a SQL script. */
export interface Statement {
  /** As written, with comments. */
  text: string;
  /** On one line, with empty quotes and without comments. */
  bare: string;
}

/** Text without effect on a script's structure: comments and everything in quotes. */
const opaque = /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|`(?:[^`]|``)*(?:`|$)/g;

/**
 * The statements of a script, split at semicolons as in Flink's SQL Gateway. A statement set is one
 * statement.
 */
export function statements(script: string): Statement[] {
  const found: Statement[] = [];
  // The same length, so that positions match in both texts.
  const plain = script.replace(opaque, (match) =>
    /^[-/]/.test(match)
      ? " ".repeat(match.length)
      : match[0] + "_".repeat(Math.max(0, match.length - 2)) + match[0],
  );
  let begin = 0;
  for (let end = plain.indexOf(";"); begin < script.length; end = plain.indexOf(";", end + 1)) {
    const stop = end < 0 ? script.length : end;
    const bare = plain.slice(begin, stop).replace(/\s+/g, " ").trim();
    if (end >= 0 && /^(EXECUTE|BEGIN) STATEMENT SET\b/i.test(bare) && !/ END$/i.test(bare)) continue;
    if (bare !== "") found.push({ text: script.slice(begin, stop).trim(), bare });
    begin = stop + 1;
    if (end < 0) break;
  }
  return found;
}

/** An unclosed quote or comment in a script, and its line. The text after it cannot be interpreted. */
export function unclosed(script: string): { what: string; line: number; close: string } | undefined {
  for (const { 0: text, index } of script.matchAll(opaque)) {
    const close = text.startsWith("/*") ? "*/" : /^['`]/.test(text) ? text[0]! : undefined;
    if (close === undefined || isClosed(text, close)) continue;
    const what = close === "*/" ? "a comment (/*)" : `a quote (${close})`;
    return { what, line: script.slice(0, index).split("\n").length, close };
  }
  return undefined;
}

/** A doubled quote stands for the quote itself, so only an odd number at the end closes. */
function isClosed(text: string, close: string): boolean {
  if (close === "*/") return text.length >= 4 && text.endsWith(close);
  const inner = text.slice(1);
  return (inner.length - inner.replace(close === "'" ? /'+$/ : /`+$/, "").length) % 2 === 1;
}

/** Whether it is a statement set without END: everything after it would be part of it. */
export function isOpenSet({ bare }: Statement): boolean {
  return /^(EXECUTE|BEGIN) STATEMENT SET\b/i.test(bare) && !/ END$/i.test(bare);
}

/** Effect of a statement, as far as it matters for running the script. */
export function kindOf({ bare }: Statement): "job" | "query" | "other" {
  if (
    /^(EXECUTE )?INSERT\b|^(EXECUTE|BEGIN) STATEMENT SET\b|^(COMPILE AND )?EXECUTE PLAN\b|^(UPDATE|DELETE)\b/i.test(
      bare,
    )
  )
    return "job";
  if (/^(EXECUTE )?(SELECT|VALUES|WITH)\b|^\(/i.test(bare)) return "query";
  // CREATE TABLE … AS SELECT fills the table; a computed column (in parentheses) contains an AS, too.
  if (
    /^(CREATE|CREATE OR REPLACE|REPLACE) TABLE\b/i.test(bare) &&
    / AS( (SELECT|WITH|VALUES)\b.*)?$/i.test(outer(bare))
  )
    return "job";
  return "other";
}

/** Removes text in parentheses. */
function outer(bare: string): string {
  const without = bare.replace(/\([^()]*\)/g, " ");
  return without === bare ? bare.replace(/\s+/g, " ").trim() : outer(without);
}

/** The option that a statement sets. */
export function optionSet({ text, bare }: Statement): string | undefined {
  if (!/^SET\b/i.test(bare)) return undefined;
  return /^SET\s+'?([^'=\s]+)/i.exec(withoutComments(text).trim())?.[1];
}

/** The option that a statement sets, with its value. */
export function settingOf(statement: Statement): { option: string; value: string } | undefined {
  const option = optionSet(statement);
  const [, quoted, plain] =
    /=\s*(?:'((?:[^']|'')*)'|([^\s']+))\s*$/.exec(withoutComments(statement.text)) ?? [];
  const value = quoted?.replaceAll("''", "'") ?? plain;
  return option === undefined || value === undefined ? undefined : { option, value };
}

/** The start of an INSERT, up to the table's name. */
export function target({ text, bare }: Statement): string | undefined {
  if (!/^(EXECUTE )?INSERT\b/i.test(bare)) return undefined;
  return /\bINSERT\s+(INTO|OVERWRITE)\s+(?:`[^`]*`|[^\s(;`])+/i
    .exec(withoutComments(text))?.[0]
    .replace(/\s+/g, " ");
}

function withoutComments(text: string): string {
  return text.replace(opaque, (match) => (/^[-/]/.test(match) ? " " : match));
}
