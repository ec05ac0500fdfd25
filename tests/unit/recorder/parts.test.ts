import assert from "node:assert/strict";
import fc from "fast-check";
import { parsePath, withoutIgnored } from "../../../recorder/objects";
import { type Registration, urnOf } from "../../../recorder/registration";
import { Rendering, toStream } from "../../../recorder/render";
import { decode, markSecrets, UNKNOWN } from "../../../recorder/values";

describe("what a recording is made of", () => {
  it("property paths", () => {
    assert.deepEqual(parsePath("spec.replicas"), ["spec", "replicas"]);
    assert.deepEqual(parsePath('metadata.annotations["a.b/c"]'), ["metadata", "annotations", "a.b/c"]);
    assert.deepEqual(parsePath("spec.ports[1].port"), ["spec", "ports", 1, "port"]);
    assert.deepEqual(parsePath("spec.ports[*].port"), ["spec", "ports", "*", "port"]);
  });

  it("an ignored field is left out, and an element of a list stays where it is", () => {
    const spec = { replicas: 1, list: [{ p: 1 }, { p: 2 }], kept: [1, 2] };
    const wanted = { apiVersion: "v1", kind: "D", metadata: { name: "x" }, spec };
    const left = withoutIgnored(wanted, ["spec.replicas", "spec.list[*].p", "spec.kept[0]", "spec.gone.a"]);
    assert.deepEqual(left.spec, { list: [{}, {}], kept: [1, 2] });
    assert.equal(wanted.spec.replicas, 1);
  });

  it("URNs as the engine makes them", () => {
    const stack = urnOf("s", "p", "", "pulumi:pulumi:Stack", "p-s");
    const component = urnOf("s", "p", stack, "a:index:B", "b");
    assert.equal(component, "urn:pulumi:s::p::a:index:B::b");
    assert.equal(
      urnOf("s", "p", component, "kubernetes:core/v1:Secret", "c"),
      "urn:pulumi:s::p::a:index:B$kubernetes:core/v1:Secret::c",
    );
  });

  it("secrets, outputs and unknowns of the wire", () => {
    const key = "4dabf18193072939515e22adb298388d";
    const secret = (value: string) => ({ [key]: "1b47061264138c4ac30d75fd1eb44270", value });
    const output = { [key]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", secret: true, value: "out" };
    const unknown = { [key]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", dependencies: [] };
    const decoded = decode({ plain: { a: [1] }, deep: { a: [secret("s")] }, output, unknown });
    assert.deepEqual(decoded.value, {
      plain: { a: [1] },
      deep: { a: ["s"] },
      output: "out",
      unknown: UNKNOWN,
    });
    assert.deepEqual(decoded.secretKeys, ["deep", "output"]);
    assert.deepEqual(decoded.secretPaths, ["deep.a[0]", "output"]);
    assert.deepEqual(decode(markSecrets(decoded.value, ["deep"])).secretKeys, ["deep"]);
    assert.throws(
      () => decode({ file: { [key]: "c44067f5952c0a294b673a41bacd8c17", text: "" } }),
      /file is an asset/,
    );
  });

  it("rendering is the same bytes for every order of registration", async () => {
    const registrations = ["c", "a", "b", "e", "d", "f"].map((name, index, all) => ({
      urn: `urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::${name}`,
      type: "kubernetes:core/v1:ConfigMap",
      name,
      custom: true,
      provider: "",
      inputs: { metadata: { name } },
      secretKeys: [],
      dependencies: index % 2 ? [`urn:pulumi:s::p::kubernetes:core/v1:ConfigMap::${all[index - 1]}`] : [],
      options: { ignoreChanges: [], additionalSecretOutputs: [], unsupported: [] },
    })) as unknown as Registration[];
    const render = async (order: Registration[]) => {
      const rendering = new Rendering("n", () => undefined);
      for (const registration of order) {
        await rendering.register(registration);
      }
      return toStream(rendering.objects());
    };
    const expected = await render(registrations);
    const order = [...expected.matchAll(/name: (\w)$/gm)].map((match) => match[1]);
    assert.deepEqual(order, ["b", "c", "a", "d", "e", "f"]); // a waits for c, e for b, f for d
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(registrations, { minLength: registrations.length }),
        async (order) => {
          assert.equal(await render(order), expected);
        },
      ),
      { numRuns: 20 },
    );
  });
});
