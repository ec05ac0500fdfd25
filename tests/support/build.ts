import * as os from "node:os";
import * as path from "node:path";
import type { BuildContext } from "../../local/cache";

/** For tests that build something into the cache; what the commands print goes to the log. */
export const buildContext: BuildContext = {
  log: path.join(os.tmpdir(), "flink-kubernetes-tests.log"),
  report: () => undefined,
  signal: new AbortController().signal,
};
