import { readdirSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkConnection } from "../../components/index";
import { projectDir } from "./project";

const folder = path.join(projectDir, "examples");

/** The programs of examples/, such as `sql/index.ts`. */
export const examplePrograms: readonly string[] = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .sort();

/** Runs a program anew, in whose place of another stack's output stands `connection`. */
export function loadExample(program: string, connection: () => pulumi.Output<FlinkConnection>): unknown {
  const file = path.join(folder, program);
  const { requireOutput } = pulumi.StackReference.prototype;
  // In the repository the package has no compiled code, so Node takes its sources, and says so.
  const { noDeprecation } = process;
  process.noDeprecation = true;
  pulumi.StackReference.prototype.requireOutput = () => connection();
  try {
    Reflect.deleteProperty(require.cache, require.resolve(file));
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- each is a program, which runs when it is loaded
    return require(file) as unknown;
  } finally {
    pulumi.StackReference.prototype.requireOutput = requireOutput;
    process.noDeprecation = noDeprecation;
  }
}
