// Loaded into a program that is measured: writes down its peak memory, in KiB, when it ends.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  writeFileSync(process.env.FLINK_KUBERNETES_BENCH_USAGE, String(process.resourceUsage().maxRSS));
});
