// Loaded into a program that is measured: writes down what it used when it ends.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  writeFileSync(process.env.FLINK_KUBERNETES_BENCH_USAGE, JSON.stringify(process.resourceUsage()));
});
