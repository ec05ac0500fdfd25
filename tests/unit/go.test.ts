import assert from "node:assert/strict";
import { existsSync, mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { moduleFolder } from "../../local/go";

describe("building Go programs", function () {
  this.timeout(120_000);
  const { GOMODCACHE } = process.env;
  let cache: string;

  before(() => {
    cache = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-go-"));
    process.env.GOMODCACHE = cache;
  });

  after(async () => {
    if (GOMODCACHE === undefined) delete process.env.GOMODCACHE;
    else process.env.GOMODCACHE = GOMODCACHE;
    // Go's module cache is read-only.
    await execa("chmod", ["-R", "u+w", cache]);
    await execa("rm", ["-rf", cache]);
  });

  it("fetches a module whose files are wanted on a machine that has no modules yet", async () => {
    const builder = path.resolve("local/engine/go/pulumi-resource-kubernetes");
    const folder = await moduleFolder(builder, "github.com/opencontainers/go-digest");
    assert.ok(existsSync(path.join(folder, "go.mod")), folder);
  });
});
