import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import packageJson from "../../../package.json";
import { projectDir } from "../../support/project";

describe("npm run typecheck", function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-types-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  // The tsconfig of the repository says noCheck, for a fast program start: the script must check all the same.
  const check = async (source: string) => {
    const types = path.join(projectDir, "node_modules/@types");
    writeFileSync(path.join(folder, "probe.ts"), source);
    writeFileSync(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: path.join(projectDir, "tsconfig.json"),
        compilerOptions: { typeRoots: [types] },
        include: ["probe.ts"],
        exclude: [],
      }),
    );
    const [command, ...args] = packageJson.scripts.typecheck.split(" ");
    return execa(command!, [...args, "--project", folder], {
      cwd: projectDir,
      preferLocal: true,
      reject: false,
    });
  };

  it("fails at a type error, naming it", async () => {
    const result = await check(`export const answer: number = "forty-two";\n`);
    assert.notEqual(result.exitCode, 0);
    assert.match(result.stdout, /probe\.ts.*TS2322/);
  });

  it("passes without one", async () => {
    const result = await check(`export const answer: number = 42;\n`);
    assert.equal(result.exitCode, 0, result.stdout);
  });
});
