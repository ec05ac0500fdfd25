/**
 * Text from a program, its configuration or a cluster must stay text. It is always set as code, where
 * Markdown, HTML, mentions, issue references and links have no effect. Only this package's own words are
 * Markdown.
 */

/** Writes out characters that are invisible or that change the text direction. */
export function visible(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- that is what has to go
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Inline code, also for a table's cell. */
export function inline(text: string, most = 200): string {
  const line = shorten(visible(text.replace(/\r?\n/g, " ⏎ ").replace(/\t/g, " ")), most);
  if (line.trim() === "") return "(empty)";
  const longest = longestRun(line);
  const fence = "`".repeat(longest + 1);
  const space = line.startsWith("`") || line.endsWith("`") || longest > 0 ? " " : "";
  // A pipe ends a table's cell, even within code, unless it is escaped.
  return `${fence}${space}${line.replaceAll("|", "\\|")}${space}${fence}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/** A code block whose fence no line can close. */
export function block(lines: readonly string[], language = ""): string {
  const text = lines.map((line) => visible(line)).join("\n");
  const longest = Math.max(2, longestRun(text));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that stays text within HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Text within HTML, for example in a summary element. */
export function html(text: string, most = 200): string {
  return `<code>${escaped(shorten(visible(text.replace(/\s+/g, " ")), most))}</code>`;
}

/** Wraps lines at this width; longer words are split. */
export function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (rest.length > width) {
      const space = rest.lastIndexOf(" ", width);
      const end = space > rest.search(/\S/) ? space : width;
      lines.push(rest.slice(0, end));
      rest = rest.slice(space === end ? end + 1 : end);
    }
    return [...lines, rest];
  });
}
