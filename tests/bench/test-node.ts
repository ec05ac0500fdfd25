import type * as faults from "../support/faults";
import type * as worlds from "../support/fault-worlds";
import type * as loop from "../support/upgrade-loop";
import type { BenchContext } from "./bench";

/** What the tests of the cluster share. It reads which node it is about when it is loaded, so it is loaded when there is one. */
export async function onTestNode(ctx: BenchContext): Promise<typeof faults & typeof worlds & typeof loop> {
  const { node, exampleImage } = await ctx.localNode();
  process.env.FLINK_KUBERNETES_TEST_KUBECONFIG = node.kubeconfig;
  process.env.FLINK_KUBERNETES_TEST_IMAGE = exampleImage;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would need the compiled name of the file
  const load = (file: string) => require(file) as unknown;
  return {
    ...(load("../support/faults") as typeof faults),
    ...(load("../support/fault-worlds") as typeof worlds),
    ...(load("../support/upgrade-loop") as typeof loop),
  };
}
