#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { run } from "./run";

process.exitCode = run(process.argv.slice(2), {
  cwd: process.cwd(),
  input: () => readFileSync(0, "utf8"),
  out: (text) => console.log(text),
  error: (text) => console.error(text),
});
