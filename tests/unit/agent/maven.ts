import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { findCommand } from "../submitter/awks";

export const agent = path.resolve(__dirname, "../../../agent");

/** The JDK on the PATH and those beside it that are new enough: by version the folder. */
export function jdks(): Map<string, string> {
  const javac = findCommand("javac");
  assert.ok(javac, "there is no javac on the PATH: install a JDK of 17 or newer");
  const home = path.resolve(realpathSync(javac), "../..");
  const found = new Map<string, string>();
  for (const name of readdirSync(path.dirname(home))) {
    const folder = path.join(path.dirname(home), name);
    if (!existsSync(path.join(folder, "bin/javac")) || !existsSync(path.join(folder, "release"))) continue;
    const version = /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(path.join(folder, "release"), "utf8"))?.[1];
    if (version !== undefined && parseInt(version, 10) >= 17) found.set(version, folder);
  }
  return found;
}

/** Runs Maven in a folder. What it says when it fails is in the error, or in the result when `reject` is false. */
export async function maven(
  folder: string,
  args: string[],
  options: { env?: Record<string, string>; reject?: boolean } = {},
) {
  assert.ok(findCommand("mvn"), "there is no mvn on the PATH: install Maven 3.8 or newer");
  // Other tests run beside it, and have time limits of seconds.
  return execa("nice", ["-n", "10", "mvn", "-q", "-B", "-ntp", ...args], {
    cwd: folder,
    all: true,
    ...options,
  });
}
