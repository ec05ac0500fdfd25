import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { commentOf } from "../../preview/markdown";
import type { Preview } from "../../preview/normal";
import { reportOf } from "../../preview/report";
import { terminalOf } from "../../preview/terminal";
import { readEngineOutput } from "../../preview/sources/engine-output";
import { linesOf } from "../../preview/sources/lines";
import { compareRenders, readRegistrations } from "../../preview/sources/renders";

const type = "kubernetes:core/v1:ConfigMap";

function state(name: string, data: string) {
  return {
    urn: `urn:pulumi:s::p::${type}::${name}`,
    type,
    parent: "",
    inputs: { metadata: { name }, data: { key: data } },
  };
}

function event(name: string, op = "update") {
  const { urn } = state(name, "");
  const metadata = { op, urn, type, old: state(name, "before"), new: state(name, "after") };
  return { sequence: 1, timestamp: 1, resourcePreEvent: { metadata, planning: true } };
}

const end = { sequence: 2, timestamp: 1, summaryEvent: { resourceChanges: { update: 1 } } };
const lines = (...events: object[]) => events.map((one) => `${JSON.stringify(one)}\n`).join("");
const step = (name: string) => ({
  op: "update",
  urn: state(name, "").urn,
  oldState: state(name, "before"),
  newState: state(name, "after"),
});
const document = (indent: number | undefined, ...steps: object[]) =>
  `${JSON.stringify({ config: { a: "b" }, steps, diagnostics: [{ severity: "warning", message: "careful" }], changeSummary: { update: 1 } }, undefined, indent)}\n`;

function read(...chunks: (string | Buffer)[]): Promise<Preview> {
  return readEngineOutput(Readable.from(chunks));
}

async function missing(...chunks: string[]): Promise<string> {
  return (await read(...chunks)).missing.join("\n");
}

describe("what a preview wrote, read for the report", () => {
  it("events, a line each", async () => {
    const { changes, missing: nothing, source } = await read(lines(event("a"), event("b"), end));
    assert.deepEqual(
      changes.map(({ name }) => name),
      ["a", "b"],
    );
    assert.deepEqual(nothing, []);
    assert.equal(source, "engine");
  });

  it("the steps of a replacement are one change", async () => {
    const { changes } = await read(
      lines(event("a", "create-replacement"), event("a", "replace"), event("a", "delete-replaced"), end),
    );
    assert.equal(changes.length, 1);
    assert.equal(changes[0]!.hint?.operation, "replace");
    assert.deepEqual(changes[0]!.after?.data, { key: "after" });
  });

  it("one document, however it is indented, and cut into any pieces", async () => {
    for (const indent of [4, 2, undefined]) {
      const text = document(indent, step("a"), step("b"));
      const { changes, messages, source } = await read(...(text.match(/[\s\S]{1,7}/g) ?? []));
      assert.deepEqual(
        changes.map(({ name }) => name),
        ["a", "b"],
        String(indent),
      );
      assert.equal(messages[0]!.text, "careful");
      assert.equal(source, "json");
    }
  });

  it("chatter of an installation before, between and after does no harm", async () => {
    const chatter = "Installing policy pack flink…\n{not json}\nadded 3 packages in 2s\n\n";
    assert.equal(
      (await read(chatter + lines(event("a")) + chatter + lines(end) + chatter)).changes.length,
      1,
    );
    const mixed = await read(chatter + document(4, step("a")) + chatter);
    assert.equal(mixed.changes.length, 1);
    assert.equal(mixed.missing.length, 1); // only that --json has no policies
  });

  it("texts of several bytes that a chunk cuts in two", async () => {
    const bytes = Buffer.from(lines(event("größe-😀"), end));
    const pieces = Array.from({ length: bytes.length }, (_, index) => bytes.subarray(index, index + 1));
    assert.equal((await read(...pieces)).changes[0]!.after!.metadata !== undefined, true);
    assert.deepEqual((await read(...pieces)).missing, []);
  });

  it("says what is missing: nothing, no events, cut off, broken", async () => {
    assert.match(await missing(""), /wrote nothing/);
    assert.match(await missing("error: no credentials\n"), /no events and no JSON document/);
    assert.match(await missing(lines(event("a"))), /events end before the preview did/);
    assert.match(
      await missing(lines(event("a"), end) + lines(event("b")).slice(0, -30)),
      /one line .* could not be read/,
    );
    const whole = document(4, step("a"), step("b"));
    const cut = await read(whole.slice(0, whole.lastIndexOf('"after"')));
    assert.deepEqual(
      cut.changes.map(({ name }) => name),
      ["a"],
    );
    assert.match(cut.missing.join(), /ends in the middle/);
    assert.match(
      await missing(document(4, step("a")).replace('"before"', '"before')),
      /1 step\(s\) .* could not be read/,
    );
  });

  it("says that --json leaves out what does not change, unless it was told to show it", async () => {
    const same = { ...step("b"), op: "same", newState: state("b", "before") };
    const text = (...steps: object[]) =>
      document(4, ...steps).replace('"update": 1', '"same": 1,\n        "update": 1');
    assert.match(await missing(text(step("a"))), /add --show-sames/);
    assert.doesNotMatch(await missing(text(step("a"), same)), /show-sames/);
  });

  it("errors are first in the report, with what was seen before them", async () => {
    const error = {
      sequence: 3,
      timestamp: 1,
      diagnosticEvent: { severity: "error", message: "<{%fg 1%}>no such type<{%reset%}>\n", urn: "" },
    };
    const preview = await read(lines(event("a"), error, end));
    const text = commentOf(reportOf(preview, { stack: "dev" }));
    assert.match(text, /^### Preview of stack `dev`\n\n\*\*❌ The preview failed · ±1 replace/);
    assert.ok(text.indexOf("no such type") < text.indexOf("#### Objects"));
    assert.doesNotMatch(text, /fg 1/);
  });

  it("policies come with level, pack and message; mandatory ones first", async () => {
    const policy = (enforcementLevel: string, policyName: string) => ({
      sequence: 3,
      timestamp: 1,
      policyEvent: {
        enforcementLevel,
        policyName,
        policyPackName: "flink-safety",
        message: `fix ${policyName}`,
        resourceUrn: state("a", "").urn,
      },
    });
    const preview = await read(
      lines(event("a"), policy("advisory", "later"), policy("mandatory", "now"), end),
    );
    const report = reportOf(preview, { stack: "dev" });
    assert.deepEqual(
      report.policies.map(({ policy: name }) => name),
      ["now", "later"],
    );
    assert.match(
      commentOf(report),
      /⛔ mandatory `now` \(`flink-safety`\) on `ConfigMap a`\n\n```\nfix now\n```/,
    );
  });

  it("what a policy says of several resources in the same words is said once", async () => {
    const policy = (name: string) => ({
      sequence: 3,
      timestamp: 1,
      policyEvent: {
        enforcementLevel: "mandatory",
        policyName: "image-tag",
        policyPackName: "flink-safety",
        message: "name the version",
        resourceUrn: state(name, "").urn,
      },
    });
    const preview = await read(lines(event("a"), policy("a"), policy("b"), end));
    const report = reportOf(preview, { stack: "dev" });
    const said =
      /mandatory `image-tag` \(`flink-safety`\) on `ConfigMap a`, `ConfigMap b`\n\n```\nname the version\n```/;
    assert.match(commentOf(report), said);
    assert.match(
      terminalOf(report, { width: 100, color: false }),
      /mandatory image-tag \(flink-safety\) on ConfigMap a, ConfigMap b\n {4}name the version\n/,
    );
  });

  it("megabytes go through line by line, and a line beyond all bounds is left out and told", async function () {
    this.timeout(60_000);
    const chunk = lines(event("a")).repeat(200);
    let rest = Math.ceil((20 * 1024 * 1024) / chunk.length);
    const stream = new Readable({
      read() {
        this.push(rest-- > 0 ? chunk : rest === -1 ? lines(end) : null);
      },
    });
    const { changes, missing: nothing } = await readEngineOutput(stream);
    assert.equal(changes.length, 1);
    assert.deepEqual(nothing, []);
    const long = [];
    for await (const line of linesOf(Readable.from(["a\nbbbb", "bbbb", "bb\nc\nd"]), 5)) long.push(line);
    assert.deepEqual(long, ["a", undefined, "c", "d"]);
  });
});

describe("two renderings, read for the report", () => {
  it("one that is broken, empty or something else is told, and the other is shown", () => {
    assert.match(readRegistrations("", "base").problem!, /rendering of the base is empty/);
    assert.match(readRegistrations('{"format"', "base").problem!, /is not JSON, or ends in the middle/);
    assert.match(
      readRegistrations("[]", "head").problem!,
      /is not what `flink-kubernetes render --format registrations` writes/,
    );
    const resources = [
      {
        ...state("a", "x"),
        name: "a",
        dependencies: [],
        protect: false,
        retainOnDelete: false,
        ignoreChanges: [],
      },
    ];
    const head = readRegistrations(
      JSON.stringify({ format: "flink-kubernetes/registrations/1", resources }),
      "head",
    ).found!;
    const compared = compareRenders(undefined, head);
    assert.match(compared.missing.join(), /everything looks new/);
    assert.equal(compared.changes[0]!.before, undefined);
    assert.deepEqual(compareRenders(null, head).missing, []);
    const nothing = compareRenders(head, undefined);
    assert.deepEqual(nothing.changes, []);
    assert.match(commentOf(reportOf(nothing, { stack: "dev" })), /\*\*what changes is not known\*\*/);
  });

  it("an object that is to stay from now on, or no longer, is the same object: nothing is deleted", () => {
    const rendering = (kind: string) => {
      const type = `kubernetes:core/v1:${kind}`;
      const one = {
        ...{ urn: `urn:pulumi:s::p::${type}::a`, type, name: "a", parent: "", dependencies: [] },
        ...{ protect: false, retainOnDelete: false, ignoreChanges: [] },
        inputs: { metadata: { name: "a" } },
      };
      const all = { format: "flink-kubernetes/registrations/1", resources: [one] };
      return readRegistrations(JSON.stringify(all), "head").found!;
    };
    for (const kinds of [
      ["Namespace", "NamespacePatch"],
      ["NamespacePatch", "Namespace"],
    ]) {
      const [base, head] = kinds.map(rendering);
      const { changes } = compareRenders(base, head);
      assert.deepEqual(
        changes.map(({ before, after }) => [before, after]),
        [[changes[0]!.before, changes[0]!.before]],
      );
      assert.equal(changes[0]!.before?.kind, "Namespace");
      assert.doesNotMatch(
        commentOf(reportOf({ ...compareRenders(base, head) }, { stack: "dev" })),
        /deleted/,
      );
    }
  });
});
