import { restCases, submissionCases, processCases } from "../support/fault-cases";
import { Faulted } from "../support/faults";
import { kubeconfig, needsNode } from "./support";

/** One job after another on one cluster without high availability, all from the same output: every number once. */
describe("a job that counts, whatever happens to its submission", function () {
  this.timeout(300_000);
  const world = new Faulted({ namespace: "faults-submission", version: "2.2.1" });

  before(function () {
    needsNode(this);
  });
  before("bring it up", () => world.start());
  after("take it down", async function () {
    if (kubeconfig !== "") await world.stop();
  });
  afterEach("say how it stands", async function () {
    world.proxy.heal();
    if (this.currentTest?.state === "failed") await world.describe();
  });

  for (const each of [...submissionCases, ...restCases, ...processCases]) {
    if (each.quick) it(each.name, () => each.run(world));
  }
});
