import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { deployment, pod } from "../../policies/kubernetes/manifests";
import { taskManager } from "../../policies/flink/manifests";
import { fromManifest, RunningPack } from "../../policies/testing";
import { type InstalledPackage, installPackage } from "../support/installed";
import { projectDir } from "../support/project";

/** Packs as folders of their own, for `pulumi policy publish`, which takes what `npm pack` does. */
describe("flink-kubernetes-policies export", function () {
  this.timeout(600_000);
  let installed: InstalledPackage;
  let folder: string;
  const made: string[] = [];
  before(async () => {
    installed = await installPackage("policies");
    folder = path.dirname(path.dirname(path.dirname(installed.folder)));
  });
  after(() => {
    installed?.remove();
    for (const each of made) rmSync(each, { recursive: true, force: true });
  });

  const run = (...args: string[]) =>
    execa(process.execPath, [path.join(installed.folder, "bin/policies/cli/main.js"), "export", ...args], {
      cwd: folder,
      reject: false,
    });

  for (const name of ["kubernetes", "flink"]) {
    it(`writes ${name} so that npm packs it, and it runs where only its dependencies are`, async () => {
      const exported = path.join(folder, `${name}-exported`);
      const { exitCode, stdout } = await run(name, exported);
      assert.equal(exitCode, 0);
      assert.match(stdout, /pulumi policy publish/);
      const { stdout: packed } = await execa("npm", ["pack", "--json", "--ignore-scripts"], {
        cwd: exported,
      });
      const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
      // Around it there are no packages that it could find by chance.
      const apart = mkdtempSync(path.join(os.tmpdir(), `flink-kubernetes-apart-${name}-`));
      made.push(apart);
      await execa("tar", ["xzf", path.join(exported, filename), "-C", apart, "--strip-components=1"]);
      const { dependencies } = JSON.parse(readFileSync(path.join(apart, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
      };
      for (const dependency of Object.keys(dependencies)) {
        const link = path.join(apart, "node_modules", dependency);
        mkdirSync(path.dirname(link), { recursive: true });
        symlinkSync(path.join(projectDir, "node_modules", dependency), link);
      }
      const [own, whole] = await Promise.all(
        [apart, path.join(installed.folder, "bin", name)].map((each) => RunningPack.start(each)),
      );
      try {
        assert.deepEqual(own!.info, whole!.info);
        for (const manifest of [pod({ hostNetwork: true }), deployment({}, { replicas: 2 }), taskManager()]) {
          const resource = fromManifest(manifest);
          const [a, b] = [await own!.analyze(resource), await whole!.analyze(resource)];
          assert.deepEqual(a, b);
          assert.deepEqual(await own!.analyzeStack([resource]), await whole!.analyzeStack([resource]));
        }
      } finally {
        for (const each of [own, whole]) await each?.close();
      }
    });
  }

  it("writes into no folder that has something, and says which packs there are", async () => {
    writeFileSync(path.join(folder, "mine.txt"), "");
    const full = await run("flink", ".");
    assert.deepEqual([full.exitCode, full.stdout], [2, ""]);
    assert.match(full.stderr, /\. is not empty/);
    const other = await run("flnk", "new");
    assert.equal(other.exitCode, 2);
    assert.match(other.stderr, /There is no pack flnk: write kubernetes or flink/);
    assert.ok(!existsSync(path.join(folder, "new")));
  });
});
