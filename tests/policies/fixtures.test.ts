import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { Rule } from "../../policies/core";
import type { Fixtures } from "../../policies/core/fixtures";
import { fixtures as flinkFixtures } from "../../policies/flink/all.fixtures";
import { rules as flinkRules } from "../../policies/flink/rules";
import { fixtures as kubernetesFixtures } from "../../policies/kubernetes/all.fixtures";
import { rules as kubernetesRules } from "../../policies/kubernetes/rules";
import { flinkCatalogue } from "./support/flink-catalogue";
import { digestsOf, saidFile, saidOf, saidText, writtenSaid } from "./support/said";
import { unknownMistakes } from "./support/unknowns";
import { fixtureMistakes } from "./support/verdicts";

const packs: Record<string, { rules: readonly Rule[]; fixtures: Readonly<Record<string, Fixtures>> }> = {
  kubernetes: { rules: kubernetesRules, fixtures: kubernetesFixtures },
  flink: { rules: flinkRules, fixtures: flinkFixtures },
};

describe("the catalogue of Flink", () => {
  it("has an answer for each of its 44 numbers: rules that there are, or why there is none", () => {
    assert.equal(flinkCatalogue.length, 44);
    const all = [
      ...flinkRules.map(({ name }) => name),
      ...kubernetesRules.map(({ name }) => `kubernetes/${name}`),
    ];
    for (const { what, rules, left } of flinkCatalogue) {
      assert.ok(rules.length > 0 || left !== undefined, what);
      assert.deepEqual(
        rules.filter((name) => !all.includes(name)),
        [],
        what,
      );
    }
  });

  it("names every rule of the pack flink", () => {
    const named = flinkCatalogue.flatMap(({ rules }) => rules);
    assert.deepEqual(
      flinkRules.map(({ name }) => name).filter((name) => !named.includes(name)),
      [],
    );
  });
});

for (const [pack, { rules, fixtures }] of Object.entries(packs)) {
  describe(`the rules of the pack ${pack}`, function () {
    this.timeout(300_000);

    it("have names of their own, in lower case, and fixtures that fail and pass", () => {
      const names = rules.map(({ name }) => name);
      assert.deepEqual(names, [...new Set(names)]);
      for (const name of names) {
        assert.match(name, /^[a-z][a-z0-9-]*$/);
        assert.ok(fixtures[name]!.fails.length > 0 && fixtures[name]!.passes.length > 0, name);
      }
      assert.deepEqual(Object.keys(fixtures).sort(), [...names].sort());
    });

    it("are those that tests/policies/said tells of", () => {
      if (process.env.FLINK_KUBERNETES_UPDATE_DOCS) writeFileSync(saidFile(pack), saidText(rules, fixtures));
      assert.deepEqual(
        [...writtenSaid(pack).keys()],
        rules.map(({ name }) => name),
      );
    });

    for (const rule of rules) {
      it(`${rule.name}: ${rule.description}`, () => {
        assert.deepEqual(fixtureMistakes(rule, fixtures[rule.name]!), []);
      });

      it(`${rule.name} says what is written, word by word, and with one field changed no less and no more`, () => {
        const own = fixtures[rule.name]!;
        const { said, digests } = writtenSaid(pack).get(rule.name)!;
        assert.equal(saidOf(rule, own), said);
        const now = [...digestsOf(rule, own)];
        const all = [...own.fails, ...own.passes].map((_, index) => index);
        assert.deepEqual(
          all.filter((index) => now[index] !== digests[index]),
          [],
          "fixtures, counted through, of which it says something else when one field is changed: tests/policies/support/said.ts",
        );
      });
    }

    it("lose no violation, invent none and do not throw when any one field is unknown", () => {
      let tried = 0;
      const mistakes: string[] = [];
      for (const rule of rules) {
        const { fails, passes } = fixtures[rule.name]!;
        const result = unknownMistakes(rule, [...fails, ...passes]);
        tried += result.tried;
        mistakes.push(...result.mistakes);
      }
      assert.deepEqual(mistakes, []);
      assert.ok(tried > 1000, `${tried} fields`);
    });
  });
}
