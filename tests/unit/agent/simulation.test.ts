import path from "node:path";
import { execa } from "execa";

const agent = path.resolve(__dirname, "../../../agent");
const seeds = 20_000;

describe("the agent, simulated", function () {
  this.timeout(1_200_000);

  it(`keeps every invariant in ${seeds} lives of a cluster, and in each scenario with a crash or a stale read anywhere`, async () => {
    // Maven quotes the seeds and scenarios that failed, and how to replay one.
    await execa("mvn", ["-B", "-ntp", "-q", "test", `-Dseeds=${seeds}`], { cwd: agent });
  });
});
