import { cpSync, readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Context } from "mocha";
import { parse } from "yaml";
import { cached, contentKey } from "../../../local/cache";
import { capture, output } from "../../../local/run";
import { buildContext } from "../../support/build";

/** The reference implementation of the Pod Security Standards, whose test data say what is allowed. */
export const REFERENCE = {
  module: "k8s.io/pod-security-admission",
  version: "v0.37.2",
  sum: "h1:mnfCR7fUzsvtiSiYZD9HTcTJ9cpJDMnQn++9Rq1mlrc=",
};

export interface ReferencePod {
  level: "baseline" | "restricted";
  minor: number;
  /** Whether the reference allows it. */
  pass: boolean;
  /** The control in whose test data it is, in lower case. */
  control: string;
  file: string;
  pod: Record<string, unknown>;
}

/** Skips, saying why, where the test data cannot be had. */
export async function needsReference(context: Context): Promise<void> {
  const hasGo = await capture("go", ["version"], { cwd: os.tmpdir() }).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (hasGo) return;
  console.log("        skipped: there is no Go on this machine to fetch the reference's test data with");
  context.skip();
}

/** All pods of the reference's test data: read once, from the cache of this project. */
export async function referencePods(): Promise<ReferencePod[]> {
  const folder = await cached("pod-security-fixtures", contentKey({ ...REFERENCE }), buildContext, fetch);
  const parsed = new Map<string, Record<string, unknown>>();
  const pods: ReferencePod[] = [];
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const [, level, minor, verdict, control] =
      /^(baseline|restricted)\/v1\.(\d+)\/(pass|fail)\/(\w+?)\d*\.yaml$/.exec(file) ?? [];
    if (control === undefined) continue;
    const text = readFileSync(path.join(folder, file), "utf8");
    if (!parsed.has(text)) parsed.set(text, parse(text) as Record<string, unknown>);
    pods.push({
      level: level as ReferencePod["level"],
      minor: Number(minor),
      pass: verdict === "pass",
      control,
      file,
      pod: parsed.get(text)!,
    });
  }
  return pods;
}

async function fetch(building: string): Promise<void> {
  const { module, version, sum } = REFERENCE;
  // Not in this repository: its own Go modules are none of this one's business.
  const fetched = await output("go", ["mod", "download", "-json", `${module}@${version}`], {
    cwd: os.tmpdir(),
  });
  const { Dir, Sum } = JSON.parse(fetched) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new Error(`${module} ${version} has the checksum ${Sum}, and not ${sum}`);
  cpSync(path.join(Dir, "test", "testdata"), building, { recursive: true });
}
