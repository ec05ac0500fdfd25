import type { FlinkApplicationArgs } from "../../../components/args/application";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { FlinkJobArgs } from "../../../components/args/job";
import { FlinkApplication, FlinkCluster, FlinkJob } from "../../../components/index";

/** A stack as data: what a program would make of it. */
export interface StackModel {
  cluster?: FlinkClusterArgs;
  jobs?: Record<string, Omit<FlinkJobArgs, "cluster">>;
  application?: FlinkApplicationArgs;
}

/** The program of a stack. Its cluster or application is called `orders`. */
export function programOf(model: StackModel): void {
  if (model.application) new FlinkApplication("orders", model.application);
  if (!model.cluster) return;
  const { connection } = new FlinkCluster("orders", model.cluster);
  for (const [name, args] of Object.entries(model.jobs ?? {})) {
    new FlinkJob(name, { ...args, cluster: connection });
  }
}
