import assert from "node:assert/strict";
import { podSecurity } from "../../policies/kubernetes/pod-security";
import { needsReference, type ReferencePod, referencePods } from "./support/reference";
import { kinds, scoreReference } from "./support/standards";

describe("the Pod Security Standards", function () {
  this.timeout(600_000);
  let pods: ReferencePod[];
  before(async function () {
    await needsReference(this);
    pods = await referencePods();
  });

  it("has pods of the reference for every version and control", () => {
    assert.equal(pods.length, 4537);
    assert.equal(new Set(pods.map(({ minor }) => minor)).size, 38);
  });

  for (const kind of Object.keys(kinds)) {
    it(`are judged as by the reference, for the right control: ${kind}`, () => {
      const { verdicts, attributed } = scoreReference(podSecurity, pods, kind);
      assert.deepEqual(verdicts.wrong, []);
      assert.deepEqual(attributed.wrong, []);
      assert.deepEqual([verdicts.right, attributed.right], [4537, 3486]);
    });
  }
});
