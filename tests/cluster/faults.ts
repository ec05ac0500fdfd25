import { Faulted } from "../support/faults";
import { worlds } from "../support/fault-worlds";
import { kubeconfig, needsNode } from "./support";

/** A world's faults, one after another, to one job whose output must have every number once. A file for each world, and one for its soak. */
export function describeFaults(namespace: string, which: "quick ones" | "every fault"): void {
  const { title, setting, cases, last } = worlds.find((world) => world.setting.namespace === namespace)!;
  describe(`a job that counts, ${title}`, function () {
    this.timeout(900_000);
    const world = new Faulted(setting);

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

    for (const each of [...cases, ...last]) {
      if (each.quick || which === "every fault") it(each.name, () => each.run(world));
    }
  });
}
