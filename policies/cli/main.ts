#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { check } from "./check";

const [command, ...args] = process.argv.slice(2);
if (command === "check") {
  process.exitCode = check(args, {
    cwd: process.cwd(),
    input: () => readFileSync(0, "utf8"),
    out: (text) => console.log(text),
    error: (text) => console.error(text),
  });
} else {
  console.error(
    "Usage: flink-kubernetes-policies check [options] FOLDER|FILE|- …   (check --help tells all)",
  );
  process.exitCode = 2;
}
