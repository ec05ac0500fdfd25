import type * as faults from "../support/faults";
import type * as worlds from "../support/fault-worlds";
import type * as loop from "../support/upgrade-loop";
import type { BenchContext } from "./bench";

/** What the tests of the cluster share. */
export async function onTestNode(ctx: BenchContext): Promise<typeof faults & typeof worlds & typeof loop> {
  return {
    ...(await onNode<typeof faults>(ctx, "../support/faults")),
    ...(await onNode<typeof worlds>(ctx, "../support/fault-worlds")),
    ...(await onNode<typeof loop>(ctx, "../support/upgrade-loop")),
  };
}

/** A file of the tests. Some read which node they are about when they are loaded, so they are loaded when there is one. */
export async function onNode<T>(ctx: BenchContext, file: string): Promise<T> {
  const { node, exampleImage } = await ctx.localNode();
  process.env.FLINK_KUBERNETES_TEST_KUBECONFIG = node.kubeconfig;
  process.env.FLINK_KUBERNETES_TEST_IMAGE = exampleImage;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would need the compiled name of the file
  return require(file) as T;
}
