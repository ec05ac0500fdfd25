import assert from "node:assert/strict";
import { inventoryName } from "../../../local/engine/inventory";

describe("what an earlier version kept of a stack without an engine", () => {
  it("has the names that it gave", () => {
    assert.equal(inventoryName("flink-kubernetes", "dev"), "flink-kubernetes-flink-kubernetes-dev");
    assert.match(inventoryName("P", "dev_1"), /^flink-kubernetes-p-dev-1-[0-9a-f]{8}$/);
    assert.notEqual(inventoryName("P", "x"), inventoryName("p", "x"));
  });
});
