import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { runningNode, stopNode, traces } from "../../local/node";

/** Runs last: it takes the node away from under the other tests. */
describe("npm run down", function () {
  this.timeout(120_000);

  it("leaves no process, mount, network namespace, interface, route or cgroup behind", async () => {
    assert.ok(await runningNode(), "the node runs before");
    await stopNode();
    assert.equal(await runningNode(), undefined);
    assert.deepEqual(traces(), []);
    const { stdout: namespaces } = await execa("ip", ["netns", "list"]);
    assert.doesNotMatch(namespaces, /flink-kubernetes/);
    const { stdout: routes } = await execa("ip", ["route"]);
    assert.doesNotMatch(routes, /198\.18\./);
    assert.doesNotMatch(readFileSync("/proc/self/mounts", "utf8"), /flink-kubernetes|kubelet/);
    assert.ok(!existsSync("/etc/netns/flink-kubernetes"));
  });
});
