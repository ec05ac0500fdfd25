import assert from "node:assert/strict";
import { pageOf } from "../../preview/html";
import type { Change, Preview } from "../../preview/normal";
import { reportOf } from "../../preview/report";

const type = "kubernetes:core/v1:ConfigMap";
const attack = `</pre><script>alert(1)</script><img src=x onerror=alert(1)>`;

function change(name: string, before: string | undefined, after: string | undefined): Change {
  const object = (value: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: { key: value },
  });
  return {
    urn: `urn:pulumi:prod::shop::${type}::${name}`,
    type,
    name,
    parent: "",
    dependencies: [],
    ...(before === undefined ? {} : { before: object(before) }),
    ...(after === undefined ? {} : { after: object(after) }),
    protectedBefore: false,
    protectedAfter: false,
    retained: false,
  };
}

describe("the report as a page", () => {
  const preview: Preview = {
    source: "renders",
    changes: [change("settings", "old", "new"), change("gone", attack, undefined)],
    policies: [{ level: "mandatory", pack: "p", policy: "rule", urn: "", message: attack, description: "" }],
    messages: [{ severity: "warning", urn: "", text: attack }],
    missing: ["a source that is not there"],
  };
  const page = pageOf(reportOf(preview, { project: "shop", stack: "prod", commit: "abc" }));

  it("has what the report has, with every difference", () => {
    assert.match(page, /<h1>Preview of stack shop\/prod at abc<\/h1>/);
    assert.match(page, /not complete: a source that is not there/);
    assert.match(page, /<summary>(update|replace) ConfigMap settings/);
    assert.match(
      page,
      /<span class="delete">-[^\n]*key: old<\/span>\n<span class="create">\+[^\n]*key: new<\/span>/,
    );
    assert.match(page, /<details class="mandatory" open>/);
  });

  it("lets nothing of the program be more than text, and needs nothing else", () => {
    assert.doesNotMatch(page, /<(script|img|link|iframe)\b/);
    assert.match(page, /&lt;script&gt;/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  });
});
