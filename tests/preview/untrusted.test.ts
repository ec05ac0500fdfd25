import assert from "node:assert/strict";
import fc from "fast-check";
import { commentOf, COMMENT, fullOf } from "../../preview/markdown";
import { type Change, type JsonObject, normalise, type Preview } from "../../preview/normal";
import { reportOf } from "../../preview/report";
import { terminalOf } from "../../preview/terminal";
import { block, html, inline } from "../../preview/text";
import { changeOf } from "./support/change";

const nasty = [
  "<img src=x onerror=alert(1)>",
  "</details><script>alert(1)</script>",
  "[click](https://evil.example.com)",
  "![x](https://evil.example.com/a.png)",
  "@everyone and @octo-org/team",
  "#1 GH-2 octo/repo#3 !4",
  "https://evil.example.com www.evil.example.com",
  "a | b | c",
  "``` \n# heading",
  "`````",
  "`x` ``y``",
  "**bold** _it_ ~~gone~~",
  "line\nbreak\r\n- item",
  "\u202egnp.exe \u200b \u0007",
  "<!-- flink-kubernetes -->",
  "&lt;b&gt; &#64;user",
];

function config(name: string, value: string): Change {
  const inputs = (data: string): JsonObject => ({
    metadata: { name, namespace: value, labels: { x: value } },
    data: { [value]: data },
  });
  return changeOf("kubernetes:core/v1:ConfigMap", name, inputs("before"), inputs(value));
}

function previewOf(text: string): Preview {
  return {
    source: "renders",
    changes: [
      config(text, text),
      { ...config(`${text}2`, text), type: "kubernetes:core/v1:Namespace", after: undefined },
    ],
    policies: [
      {
        level: "mandatory",
        pack: text,
        policy: text,
        urn: `urn:pulumi:s::p::a:b:C::${text}`,
        message: text,
        description: text,
      },
    ],
    messages: [
      { severity: "error", urn: "", text },
      { severity: "warning", urn: "", text: `${text}!` },
    ],
    missing: [`there is no revision ${text} in this repository`],
  };
}

/** What is left when all code is taken away: there, Markdown and the forges read links, mentions and HTML. */
function prose(markdown: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const run = /^(`{3,})(\w*)$/.exec(line)?.[1];
    if (fence === undefined && run !== undefined) fence = run;
    else if (fence !== undefined && run !== undefined && run.length >= fence.length) fence = undefined;
    else if (fence === undefined)
      lines.push(
        line.replace(/<code>[^<]*<\/code>/g, "CODE").replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, "CODE"),
      );
  }
  assert.equal(fence, undefined, "a block of code is never closed");
  return lines.join("\n");
}

/** The only HTML that is ours. */
const own = /<\/?details>|<summary>[\w ]*(CODE)?[\w ]*<\/summary>|<br>/g;

function assertHarmless(markdown: string, about: string): void {
  const left = prose(markdown).replace(own, "");
  assert.doesNotMatch(
    left,
    /[<>`]|https?:|www\.|\]\(|@\w|#\d|GH-\d|!\d|alert|evil|&lt;|\u202e|\u200b/,
    about,
  );
}

describe("texts of a program in the report", () => {
  for (const text of nasty) {
    it(`stay text: ${JSON.stringify(text)}`, () => {
      const report = reportOf(previewOf(text), { stack: text, commit: text });
      for (const markdown of [commentOf(report), fullOf(report)]) assertHarmless(markdown, markdown);
      const terminal = terminalOf(report, { width: 80, color: false });
      // eslint-disable-next-line no-control-regex -- what a terminal would obey
      assert.doesNotMatch(terminal, /[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
    });
  }

  it("stay text whatever they are", () => {
    const pieces = fc.constantFrom(...nasty, "`", "``", "```", "\n", "|", "<", "@a", "\\", " ", "x", "~~~");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (list) => {
        const text = list.join("");
        assertHarmless(`${inline(text)} ${html(text)}\n\n${block(text.split("\n"))}`, text);
      }),
      { numRuns: 300 },
    );
  });

  it("a cell of a table has no pipe that ends it", () => {
    assert.equal(inline("a|b"), "`a\\|b`");
    assert.equal(inline("`a`|b"), "`` `a`\\|b ``");
  });

  it("a terminal's lines are as wide as it is", () => {
    const report = reportOf(previewOf("word ".repeat(60) + "x".repeat(300)), { stack: "s" });
    for (const width of [40, 80, 200]) {
      const lines = terminalOf(report, { width, color: false }).split("\n");
      assert.ok(Math.max(...lines.map((line) => line.length)) <= width + 4);
    }
    assert.ok(terminalOf(report, { width: 80, color: true }).includes("\u001b[31m"));
  });
});

describe("secrets in the report", () => {
  const type = "kubernetes:core/v1:Secret";

  it("only the names of a Secret's entries are shown, whatever the source left in it", () => {
    const secret = (value: string) =>
      normalise(type, { metadata: { name: "s" }, stringData: { key: value }, data: { other: value } });
    const change = { ...config("s", "s"), type, before: secret("first-value"), after: secret("other") };
    const text = fullOf(
      reportOf(
        { ...previewOf("x"), changes: [{ ...change, hint: { operation: "update", paths: [] } }] },
        { stack: "s" },
      ),
    );
    assert.doesNotMatch(text, /first-value/);
    assert.match(text, /a value that is not shown, such as a secret's/);
    assert.deepEqual(secret("a"), secret("a much longer value"));
  });
});

describe("the size of the report", () => {
  it("of 2,000 changed objects is bounded, whole in full.md, and made in about a second", function () {
    this.timeout(60_000);
    const changes = Array.from({ length: 2000 }, (_, index) => config(`object-${index}`, `value ${index}`));
    const preview = { ...previewOf("x"), changes };
    const start = performance.now();
    const comment = commentOf(reportOf(preview, { stack: "s" }));
    const took = performance.now() - start;
    assert.ok(comment.length <= COMMENT, `${comment.length}`);
    assert.match(comment, /more differences do not fit here: full.md has all of them/);
    // Aim: one second; a machine that does other things too gets time.
    assert.ok(took < 15_000, `${took} ms`);
    const full = fullOf(reportOf(preview, { stack: "s" }));
    for (const index of [0, 999, 1999]) assert.match(full, new RegExp(`object-${index}\\b`));
  });

  it("holds for huge names, messages and values too, and no block is left open", () => {
    const huge = "word `` ``` ".repeat(20_000);
    const preview = previewOf(huge);
    const many = {
      ...preview,
      messages: Array.from({ length: 50 }, (_, i) => ({
        severity: "error" as const,
        urn: "",
        text: `${i}${huge}`,
      })),
    };
    for (const one of [preview, many]) {
      const comment = commentOf(reportOf(one, { stack: huge }));
      assert.ok(comment.length <= COMMENT, `${comment.length}`);
      prose(comment);
    }
  });

  it("is the same text for the same changes in any order", () => {
    const changes = Array.from({ length: 30 }, (_, index) => config(`object-${index}`, `value ${index}`));
    const text = (list: Change[]) =>
      commentOf(reportOf({ ...previewOf("x"), changes: list }, { stack: "s" }));
    assert.equal(text(changes), text([...changes].reverse()));
  });
});
