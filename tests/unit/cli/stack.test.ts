import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readStack, standIn } from "../../../cli/stack";
import { engineConfig } from "../../../local/stack";

describe("a stack file with more than Pulumi reads", () => {
  it("is refused: keys beside config: would have no effect", () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "stack-"));
    const read = (text: string) => {
      writeFileSync(path.join(folder, "Pulumi.yaml"), "name: project\n");
      writeFileSync(path.join(folder, "Pulumi.a.yaml"), text);
      return readStack(folder, "a").config;
    };
    try {
      assert.throws(() => read("config: {}\nproject:jobs: []\n"), /nobody reads: project:jobs/);
      assert.throws(() => read("confg:\n  a: b\n"), /nobody reads: confg/);
      assert.throws(() => read("- a\n"), /no map/);
      assert.deepEqual(read("encryptionsalt: v1:x\nconfig: { a: b }\n"), { "project:a": "b" });
      assert.deepEqual(read(""), {});
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("a stack file with encrypted values", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "stack-"));
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: project\n");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(ciphertext: string) {
    const file = `config:\n  project:plain: x\n  project:cluster:\n    config: { key: { secure: ${ciphertext} } }\n`;
    writeFileSync(path.join(folder, "Pulumi.a.yaml"), file);
    return readStack(folder, "a", standIn);
  }

  it("is refused where the values themselves are needed", () => {
    read("one");
    assert.throws(() => readStack(folder, "a"), /Pulumi\.a\.yaml has encrypted values \(project:cluster\)/);
  });

  it("has something in their place otherwise, another for another ciphertext, which the engine is not given", () => {
    const [one, again, two] = [read("one"), read("one"), read("two")];
    assert.deepEqual(one, again);
    assert.notEqual(one.config["project:cluster"], two.config["project:cluster"]);
    assert.doesNotMatch(one.config["project:cluster"]!, /one/);
    assert.deepEqual(one.secretConfigKeys, ["project:cluster"]);
    assert.deepEqual(engineConfig(one), { "project:plain": "x" });
  });
});
