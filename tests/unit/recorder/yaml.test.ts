import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { manifests, type Rendered } from "../../../recorder";
import { toYaml, toStream } from "../../../recorder/render";
import { UNKNOWN } from "../../../recorder/values";
import { filesOf, type Layout, type Tool } from "../../../recorder/gitops/files";
import { readStack, standIn } from "../../../cli/stack";
import { yamlOf } from "../../../recorder/yaml";
import { projectDir } from "../../support/project";
import { readers } from "../../support/yaml-readers";

/** What some reader takes for something other than text when it stands without quotes. */
const misread = [
  ..."on On off y Y n N yes no true True false null Null NULL ~ = <<".split(" "),
  ..."0777 0o17 0x1F 0X1F 0b1 0b-1 -0x1F 0_x1F 1_000 -_1 +_1 1e3 1e_3 1.5e+3 .5 5. +.5 - -- _ . 1:30 190:20:30.15 .inf -.Inf .NaN".split(" "),
  ..."2024-01-01 2024-1-1 2024-01-01T10:00:00Z 1.10 1.0 0 -0 00 010 9007199254740993".split(" "),
  "2024-01-01 10:00:00", "", " ", "a: b", "a #b", "- a", "? a", "&a", "*a", "!a", "%a", "@a", "`a", "{a", "[a", "|", ">", "'", '"', "---", "...",
  "\n", " \n", "a\n", "\na", "a\n\n", " a\nb", "\ta\nb", "\n\ta\n", "\t\n", "a\n b\n", "a \nb", "a\nb ", "a\r\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u2029b", "\ufeffa", "a\u0007b", "\u007f", "😀", "a\tb", "\t",
]; // prettier-ignore

function assertReadAlike(objects: unknown[], text: string): void {
  for (const [reader, read] of Object.entries(readers)) {
    assert.deepEqual(read(text), objects, reader);
  }
}

describe("YAML that is written for other tools", function () {
  const string = fc.oneof(
    fc.constantFrom(...misread),
    fc.stringMatching(/^[-+._:0-9eExXoObBaftTzZ]{1,10}$/),
    fc.string({ unit: fc.constantFrom("\n", "\r", "\t", " ", "a", "#", ":", "-", "\u0085", "\u2028") }),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  // A plain object cannot have this one as a field.
  const key = string.filter((it) => it !== "__proto__");
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      string,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;

  it("is read as it was, by readers of YAML 1.1 and of YAML 1.2: values and keys", () => {
    const property = fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (object) =>
      assertReadAlike([object], yamlOf(object)),
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it("keeps each of the words that are known to be misread", () => {
    for (const word of misread) {
      const object = { apiVersion: "v1", kind: "ConfigMap", data: { [word]: word, list: [word] } };
      assertReadAlike([object], toYaml(object as never));
    }
  });

  it("has quotes only where they are needed", () => {
    const plain = {
      image: "flink:2.2.1-java17",
      memory: "4096Mi",
      cpu: "500m",
      duration: "30s",
      hash: "7bef261c",
    };
    assert.equal(
      yamlOf({ ...plain, script: "a\nb\n" }),
      `${Object.entries(plain)
        .map(([name, it]) => `${name}: ${it}\n`)
        .join("")}script: |\n  a\n  b\n`,
    );
  });
});

describe("what the stacks of this repository are rendered to", function () {
  this.timeout(120_000);
  const stacks = readdirSync(projectDir).flatMap(
    (file) => /^Pulumi\.((?!test-).+)\.yaml$/.exec(file)?.[1] ?? [],
  );

  for (const stack of stacks) {
    it(`is read as it was, by readers of YAML 1.1 and of YAML 1.2: ${stack}`, async () => {
      const settings = readStack(projectDir, stack, standIn);
      const rendered = (await manifests(settings)).rendered.map(withoutUnknowns);
      assert.ok(rendered.length > 10);
      const objects = rendered.map(({ object }) => object);
      assertReadAlike(objects, toStream(objects));
      for (const tool of ["kubectl", "argocd", "flux"] as Tool[]) {
        const source = { name: "on", namespace: "0777", path: "1_000" };
        const layout: Layout = { project: settings.project, stack, tool, source, prune: true };
        for (const [file, text] of filesOf(rendered, [], layout)) {
          assertReadAlike(readers["YAML 1.2"]!(text), text);
          const written = objects.find(
            ({ kind, metadata }) =>
              path.basename(file) === `${kind.toLowerCase()}-${metadata.namespace}-${metadata.name}.yaml`,
          );
          if (tool === "kubectl" && written) assertReadAlike([written], text);
        }
      }
    });
  }
});

/** What only a cluster knows is a mark that no file can hold. */
function withoutUnknowns(rendered: Rendered): Rendered {
  const text = JSON.stringify(rendered.object, (_key, value: unknown) =>
    value === UNKNOWN ? "unknown" : value,
  );
  return { ...rendered, object: JSON.parse(text) as Rendered["object"] };
}
