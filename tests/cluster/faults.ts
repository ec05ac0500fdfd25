import { Faulted } from "../support/faults";
import { worlds } from "../support/fault-worlds";
import { kubeconfig, needsNode } from "./support";

/** The quick ones of a world's faults, one after another, to one job whose output must have every number once. A file for each world. */
export function describeFaults(namespace: string): void {
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
      if (each.quick) it(each.name, () => each.run(world));
    }
  });
}
