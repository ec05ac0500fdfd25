import { crdSets, installCrds } from "../support/crds";
import { kubeconfig, needsNode } from "./support";
import { dryRunStack, stacks } from "./stacks";

describe("every stack of this repository", function () {
  this.timeout(600_000);
  before(async function () {
    needsNode(this);
    await installCrds(kubeconfig, ...crdSets);
  });

  for (const stack of stacks()) {
    it(`passes the API server's strict server-side dry run: ${stack}`, () => dryRunStack(stack, kubeconfig));
  }
});
