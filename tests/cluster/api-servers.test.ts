import assert from "node:assert/strict";
import { type ApiServer, apiServerVersions, startApiServer, wantedApiServers } from "../support/api-servers";
import { crdSets, installCrds } from "../support/crds";
import { dryRunOptional, optionalObjects } from "./optional-objects";
import { dryRunStack, stacks } from "./stacks";
import { needsNode } from "./support";

/** The local node's Kubernetes is one of several that people have: the others' API servers are asked too, where they are built. */
for (const minor of apiServerVersions) {
  describe(`the API server of Kubernetes ${minor}`, function () {
    this.timeout(180_000);
    let server: ApiServer | undefined;

    before("build and start it", async function () {
      this.timeout(3_600_000);
      needsNode(this);
      if (!wantedApiServers.includes(minor)) {
        const list = apiServerVersions.join(",");
        console.log(
          `      skipped: FLINK_KUBERNETES_TEST_API_SERVERS does not list it (all: ${list}; ten minutes each)`,
        );
        this.skip();
      }
      server = await startApiServer(minor);
      await installCrds(server.kubeconfig, ...crdSets);
    });
    after(() => server?.stop());

    it("is that version", () => {
      assert.match(server!.version, new RegExp(`^v${minor.replace(".", "\\.")}\\.`));
    });

    for (const stack of stacks()) {
      it(`takes every object of the stack ${stack}`, () => dryRunStack(stack, server!.kubeconfig));
    }
    for (const row of optionalObjects) {
      it(`takes the objects of other projects' kinds: ${row.what}`, () =>
        dryRunOptional(row, server!.kubeconfig));
    }
  });
}
