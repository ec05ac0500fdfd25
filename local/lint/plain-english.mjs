/**
 * ESLint rules for prose: hand-written Markdown, and the comments, docstrings and messages of TypeScript.
 * ESLint counts what each file had before the rules in eslint-suppressions.json: a new finding fails, and so does a count that is too high.
 */

const maximumWords = 25;
const maximumLines = 3;
const maximumWidth = 110;

/** Phrases that slow readers down, and the words to use. */
const phrases = [
  [/^Of\b/, "starts with 'Of': put the subject first"],
  [/^(Beside|Besides)\b/, "starts with 'Beside': put the subject first"],
  [/^(Whose|Nor)\b/, "is a riddle: put the subject first"],
  [/(?<!\bthere )\bis no (?!longer\b|more\b)[a-z-]+/i, "write 'is not a'"],
  [/\bthat there (is|are|was|were)\b/i, "name the thing: 'the existing …'"],
  [/\bwhat (is|are|was|were)\b(?=[^?]*$)/i, "use a noun for 'what is …'"],
  [/\bwhat\b[^.,;:?]{0,40}\b(has|have|had|says?|does|gives?|makes?) of\b/i, "use a noun for 'what … of'"],
  [/\b(comes?|came) to\b(?! (an|its|the) end\b)/i, "use the verb that says what happens"],
  [
    /\b(said|says?|told|tells?|asks?|asked|speaks?|spoken|knows?|known) of\b/i,
    "write 'about', or name the thing",
  ],
  [/\bnothing of\b/i, "say what does not change"],
  [
    /\b(revision|state|pods?|jobs?|one) (of )?before(?=[,.;:)]|$| (is|was|and|runs?|stays?|keeps?)\b)/i,
    "write 'previous'",
  ],
  [/\bof before\b/i, "write 'previous' or 'old'"],
  [/\b(has|have|had) not(?=[.,;:)]|$)/i, "write 'does not have'"],
  [/\b(is|are|was|were) to (be|stop|start|run|go|replace|have)\b/i, "write 'should', 'will' or 'must'"],
  [
    /\b(anew|afresh|besides|oftener|therein|thereof|whereof|wherein|hitherto)\b/i,
    "write 'again', 'also' or 'more often'",
  ],
  [/\b(its|their) (failing|having|being|ending|stopping)\b/i, "write a clause: 'if it fails'"],
];

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });

/** The sentences of a piece of prose, each with its place in it. */
export function sentencesOf(prose) {
  // A dot in the middle separates the links of a list.
  const line = prose.replace(/\s/g, " ").replace(/ · /g, " ! ");
  return [...segmenter.segment(line)]
    .map(({ segment, index }) => ({ text: segment.trim(), index: index + segment.search(/\S|$/) }))
    .filter(({ text }) => text !== "");
}

export const wordsOf = (sentence) =>
  sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** The first phrase of a sentence that a rule names. */
export function phraseOf(sentence) {
  for (const [pattern, advice] of phrases) {
    const found = pattern.exec(sentence);
    if (found) return { found: found[0], advice };
  }
  return undefined;
}

/** Plain text of a Markdown block; code is one word, and line breaks stay for the position. */
function textOf(node) {
  if (node.type === "inlineCode") return codeWord(node.value);
  if (node.type === "image" || node.type === "html") return "";
  if (node.type === "break") return "\n";
  return node.value ?? (node.children ?? []).map(textOf).join("");
}

/** Prose out of a comment: no stars, tags, examples or code. */
function proseOfComment(value) {
  return value
    .replace(/^\*/, " ")
    .replace(/^[ \t]*\*(?!\*)/gm, (star) => " ".repeat(star.length))
    .replace(/```[^]*?```/g, blank)
    .replace(/@example[^]*?(?=\n\s*@|$)/g, blank)
    .replace(/\{@link\s+([^}|]+)[^}]*\}/g, "$1")
    .replace(/`[^`]*`/g, codeWord)
    .replace(/@(param|returns?|throws|deprecated|default\w*|internal|see)\b( \w+ -)?/g, "\n\n");
}

/** Code is one word, and a sentence may begin with it. */
const codeWord = (code) => `\`Code\`${"\n".repeat(code.split("\n").length - 1)}`;

const blank = (text) => text.replace(/[^\n]/g, " ");

/** The paragraphs and list items of a text, each with the number of lines above it. */
function blocksOf(text) {
  const blocks = [];
  let current;
  text.split("\n").forEach((line, above) => {
    if (line.trim() === "") current = undefined;
    else if (!current || /^\s*([-*]|\d+\.)\s/.test(line)) {
      current = { above, text: line.replace(/^\s*([-*]|\d+\.)\s/, "") };
      blocks.push(current);
    } else current.text += `\n${line}`;
  });
  return blocks;
}

const isDirective = (comment) =>
  comment.type === "Shebang" ||
  /^\s*(eslint\b|eslint-|@ts-|prettier-|global\b|\/ ?<|c8 |#)/.test(comment.value);

/** Comments as they are read: line comments below each other are one. */
function commentsOf(sourceCode) {
  const groups = [];
  for (const comment of sourceCode.getAllComments().filter((one) => !isDirective(one))) {
    const last = groups.at(-1);
    const { start, end } = comment.loc;
    const alone = sourceCode.lines[start.line - 1].slice(0, start.column).trim() === "";
    const follows =
      last?.type === "Line" && comment.type === "Line" && last.alone && alone && start.line === last.end + 1;
    if (follows) {
      last.text += `\n${comment.value}`;
      last.end = end.line;
    } else
      groups.push({
        type: comment.type,
        alone,
        start: start.line,
        end: end.line,
        text: comment.value,
        loc: comment.loc,
      });
  }
  return groups;
}

/** A message has several words in a row; code, paths and queries do not. */
const isMessage = (text) =>
  /(^|\s)[A-Za-z]['a-z]* [a-z]+ [a-z]+/.test(text) &&
  !/[{};]\s*(\n|$)|\$\(|^\s*(#|--|SELECT|INSERT|CREATE|import )|\s&&\s|\n\s{2,}\S/m.test(text);

const skipped = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "TSLiteralType",
  "TSExternalModuleReference",
  "TaggedTemplateExpression",
]);

/** The text of a string, a template or a sum of them. An expression in it is one word. */
function messageOf(node) {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : "x";
  if (node.type === "TemplateLiteral") return node.quasis.map((quasi) => quasi.value.cooked ?? "").join("x");
  if (node.type === "BinaryExpression" && node.operator === "+")
    return messageOf(node.left) + messageOf(node.right);
  return "x";
}

/** Calls `judge` with every sentence of a file and the line that it begins on. */
function visitor(context, judge) {
  const { sourceCode } = context;
  const judgeProse = (text, line, kind) => {
    for (const sentence of sentencesOf(text)) {
      judge({ ...sentence, kind, line: line + text.slice(0, sentence.index).split("\n").length - 1 });
    }
  };
  const markdown = (kind) => (node) => judgeProse(textOf(node), node.position.start.line, kind);
  const message = (node) => {
    const { parent } = node;
    if (skipped.has(parent.type) || (parent.type === "BinaryExpression" && parent.operator === "+")) return;
    if (parent.type === "Property" && parent.key === node) return;
    const text = messageOf(node);
    if (isMessage(text)) judgeProse(text.replace(/\s/g, " "), node.loc.start.line, "message");
  };
  return {
    paragraph: markdown("prose"),
    tableCell: markdown("prose"),
    heading: markdown("heading"),
    Program() {
      for (const comment of commentsOf(sourceCode)) {
        for (const { above, text } of blocksOf(proseOfComment(comment.text))) {
          judgeProse(text, comment.start + above, "comment");
        }
      }
    },
    Literal: message,
    TemplateLiteral: message,
    "BinaryExpression[operator='+']": message,
  };
}

const at = (line) => ({ start: { line, column: 1 }, end: { line, column: 2 } });

const sentence = {
  meta: {
    type: "suggestion",
    messages: { long: "{{words}} words in a sentence, at most {{maximum}}: '{{text}}'" },
    schema: [],
  },
  create(context) {
    return visitor(context, ({ text, line }) => {
      const words = wordsOf(text);
      if (words <= maximumWords) return;
      const data = { words, maximum: maximumWords, text: `${text.slice(0, 60)}…` };
      context.report({ loc: at(line), messageId: "long", data });
    });
  },
};

const phrase = {
  meta: { type: "suggestion", messages: { phrase: "'{{found}}' {{advice}}" }, schema: [] },
  create(context) {
    return visitor(context, ({ text, line, kind }) => {
      const bad = kind === "heading" ? undefined : phraseOf(text);
      if (bad) context.report({ loc: at(line), messageId: "phrase", data: bad });
    });
  },
};

const comment = {
  meta: {
    type: "suggestion",
    messages: {
      long: "A comment of {{lines}} lines, at most {{maximum}}: say why, not what",
      wide: "A comment of {{width}} columns, at most {{maximum}}: wrap it",
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    return {
      Program() {
        for (const { type, text, start, end } of commentsOf(sourceCode)) {
          const lines = end - start + 1;
          const docstring = type === "Block" && text.startsWith("*");
          if (!docstring && lines > maximumLines) {
            context.report({ loc: at(start), messageId: "long", data: { lines, maximum: maximumLines } });
          }
          for (let line = start; line <= end; line++) {
            const width = sourceCode.lines[line - 1].length;
            if (width <= maximumWidth || /https?:\/\//.test(sourceCode.lines[line - 1])) continue;
            context.report({ loc: at(line), messageId: "wide", data: { width, maximum: maximumWidth } });
          }
        }
      },
    };
  },
};

export default { meta: { name: "plain-english" }, rules: { sentence, phrase, comment } };
