import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import path from "node:path";
import type { Change, JsonObject } from "../../preview/normal";
import { replacementPaths, verdictOf } from "../../preview/rules";
import { readEngineOutput } from "../../preview/sources/engine-output";
import { projectDir } from "../support/project";

const fixtures = path.join(projectDir, "tests", "fixtures", "preview");

/** What the engine (3.260) and the Kubernetes provider (4.34.2) wrote in a preview of one change a resource, without its outputs and messages. */
async function recorded(file: string): Promise<Change[]> {
  const { changes } = await readEngineOutput(createReadStream(path.join(fixtures, file)));
  return changes.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

describe("what is replaced, against recorded previews of the engine", () => {
  for (const file of ["rules.events.ndjson", "rules.preview.json"]) {
    it(`${file}: the rules say of every resource what the engine did`, async () => {
      const changes = await recorded(file);
      assert.ok(changes.length >= 29);
      for (const change of changes) {
        const { operation } = verdictOf({ ...change, hint: undefined });
        // A secret's value is in no source: there the engine's word is all there is.
        const expected = change.name === "secret-value" ? "same" : change.hint!.operation;
        assert.equal(operation, expected, change.name);
        assert.equal(verdictOf(change).operation, change.hint!.operation, change.name);
      }
    });
  }

  it("names the field for which it is replaced, as the engine does", async () => {
    for (const change of await recorded("rules.events.ndjson")) {
      const { operation, because } = verdictOf(change);
      if (operation !== "replace") continue;
      for (const key of change.hint!.paths) {
        assert.ok(
          because.some((path) => key.startsWith(path)),
          `${change.name}: ${key} is not of ${because.join(", ")}`,
        );
      }
      assert.ok(
        because.every(
          (path) => change.hint!.paths.some((key) => key.startsWith(path)) || path === "metadata.name",
        ),
        change.name,
      );
    }
  });

  it("a Service is replaced for its name and namespace, and for an address only when that comes or goes", () => {
    const service = (name: string, clusterIP?: string) => ({ metadata: { name }, spec: { clusterIP } });
    const paths = (before: object, after: object) =>
      replacementPaths("kubernetes:core/v1:Service", before as JsonObject, after as JsonObject);
    assert.deepEqual(paths(service("a"), service("b")), ["metadata.name"]);
    assert.deepEqual(paths(service("a"), service("a", "None")), ["spec.clusterIP"]);
    assert.deepEqual(paths(service("a"), service("a", "10.0.0.1")), []);
  });

  it("a component is never replaced, and what is new or gone is nothing else", async () => {
    const changes = await recorded("rules.preview.json");
    const operationOf = (name: string) =>
      verdictOf(changes.find((change) => change.name === name)!).operation;
    assert.equal(operationOf("component"), "update");
    assert.equal(operationOf("account-new"), "create");
    assert.equal(operationOf("namespace-gone"), "delete");
  });
});
