import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { UserError } from "../../../recorder/errors";
import { hasUnknown } from "../../../recorder/values";
import { type ProgramRun, readOtherStacks, render, writeOutputs } from "../../../recorder";
import { quickCompiler } from "../../../local/quick-compiler";
import { projectDir } from "../../support/project";

const name = "organization/platform/prod";

describe("outputs of stacks in files, for recording without an engine", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "outputs-"))));
  after(() => rmSync(folder, { recursive: true }));

  const file = (base: string, text?: string): string => {
    const full = path.join(folder, base);
    if (text !== undefined) writeFileSync(full, text);
    return full;
  };
  const fixture: ProgramRun = {
    projectDir,
    main: "tests/fixtures/record/stack-reference.ts",
    env: quickCompiler,
    project: "project",
    stack: "test",
    config: {},
    secretConfigKeys: [],
  };

  it("what a stack exports whose outputs are not given is not known, and it is said what to write", async () => {
    const { notes, outputs } = await render(fixture);
    assert.match(notes[0]!.urn!, /StackReference::organization\/platform\/prod$/);
    assert.match(notes[0]!.message, /Add --stack-output organization\/platform\/prod=FILE/);
    assert.equal(hasUnknown(outputs.greeting), true);
  });

  it("an output that is not there is refused, with those that are", async () => {
    const otherStacks = readOtherStacks([
      `${name}=${file("other.json", '{ "zone": "a", "password": "x" }')}`,
    ]);
    await assert.rejects(
      render({ ...fixture, otherStacks }),
      /'greeting' does not exist on stack 'organization\/platform\/prod'\. \S+other\.json has these outputs: password, zone\./,
    );
  });

  it("a secret one is written only when that is asked for, for its owner alone, and stays secret for who reads it", async () => {
    const secret = { outputs: { greeting: "hello", password: "hunter2" }, secretOutputs: ["password"] };
    const told = writeOutputs(file("masked.json"), secret, { showSecrets: false });
    assert.match(told, /has the outputs greeting; password is secret \(--show-secrets writes it\)/);
    assert.deepEqual(JSON.parse(readFileSync(file("masked.json"), "utf8")), {
      greeting: "hello",
      password: "[secret]",
    });
    const masked = readOtherStacks([`${name}=${file("masked.json")}`]);
    await assert.rejects(
      render({ ...fixture, otherStacks: masked }),
      /It is secret, and \S+masked\.json does not have its value: write the file again with --show-secrets/,
    );

    writeOutputs(file("masked.json"), secret, { showSecrets: true });
    assert.equal(statSync(file("masked.json")).mode & 0o777, 0o600);
    const shown = readOtherStacks([`${name}=${file("masked.json")}`]);
    const { outputs, secretOutputs } = await render({ ...fixture, otherStacks: shown });
    assert.deepEqual({ outputs, secretOutputs }, { outputs: secret.outputs, secretOutputs: ["password"] });
  });

  it("what the option says wrongly is told all at once", () => {
    const given = [
      "platform=x.json",
      `${name}=${file("none.json")}`,
      `${name}=${file("list.json", "[]")}`,
      `organization/other/prod=${file("text.json", "outputs:")}`,
    ];
    assert.throws(
      () => readOtherStacks(given),
      (error: UserError) => {
        assert.match(
          error.message,
          /platform=x\.json: write --stack-output ORGANIZATION\/PROJECT\/STACK=FILE/,
        );
        assert.match(error.message, /none\.json: the file cannot be read \(ENOENT\)/);
        assert.match(error.message, /list\.json: the file is no JSON object of outputs by name/);
        assert.match(error.message, /text\.json: the file is not JSON/);
        assert.match(error.actions.join(), /pulumi stack output --json/);
        return true;
      },
    );
  });
});
