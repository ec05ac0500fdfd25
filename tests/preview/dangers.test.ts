import assert from "node:assert/strict";
import type { StorageArgs } from "../../components/args/storage";
import { reportOf } from "../../preview/report";
import { compareRenders } from "../../preview/sources/renders";
import { corpusBase } from "./support/corpus";
import type { StackModel } from "./support/model";
import { rendering } from "./support/stack";

describe("a volume of jobs' state", () => {
  const volume = { claimName: "state" };
  const on = (storage: StorageArgs, upgradeMode?: "stateless"): StackModel => {
    const { cluster, jobs } = corpusBase;
    const enrich = { ...jobs!.enrich!, ...(upgradeMode ? { upgradeMode } : {}) };
    return { cluster: { ...cluster!, storage }, jobs: { enrich } };
  };
  const dangers = async (before: StackModel, after: StackModel) =>
    reportOf(compareRenders(await rendering(before), await rendering(after)), { stack: "prod" }).dangers;
  const before = { directory: "file:///state", volume };

  for (const [name, after] of Object.entries<StorageArgs>({
    "mounted at another path": { directory: "file:///elsewhere", volume },
    "in another claim": { directory: "file:///state", volume: { claimName: "another" } },
  })) {
    it(`${name}: what was saved is not found`, async () => {
      const [danger, ...more] = await dangers(on(before), on(after));
      assert.equal(danger?.subject, "cluster orders/orders");
      assert.match(
        danger!.what,
        /volume of its jobs' state \(claim state at \/state\).*not found.*pause the jobs/,
      );
      assert.deepEqual(more, []);
      const stateless = await dangers(on(before, "stateless"), on(after, "stateless"));
      assert.deepEqual(
        stateless.filter(({ subject }) => subject.startsWith("cluster")),
        [],
      );
    });
  }

  it("given up for a bucket: a savepoint in it is found from everywhere", async () => {
    assert.deepEqual(await dangers(on(before), on({ directory: "s3://state/orders" })), []);
  });

  it("with other directories on it: nothing is lost", async () => {
    const after = { ...before, savepointDirectory: "file:///state/elsewhere" };
    assert.deepEqual(await dangers(on(before), on(after)), []);
  });
});
