import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runningNode } from "../../local/node";
import { projectDir } from "../support/project";
import { type S3Server, startS3 } from "../support/s3";

/** How the submission fetches a jar, against a store that verifies signatures. */
describe("a jar in an S3-compatible store", function () {
  this.timeout(600_000);
  let server: S3Server;
  let work: string;

  before(async function () {
    if (!(await runningNode())) {
      console.log("      skipped: no local node runs (npm start)");
      this.skip();
    }
    server = await startS3();
    work = fs.mkdtempSync(path.join(os.tmpdir(), "artifact-"));
  });
  after(async () => {
    await server?.stop();
    if (work) fs.rmSync(work, { recursive: true });
  });

  function fetchJar(key: string, more: Record<string, string> = {}) {
    const script = [
      'verdict() { printf "%s" "$1" && exit 1; }',
      'for part in common s3 artifact; do . "$HERE/$part.sh"; done',
      "DEADLINE=$(($(now) + 20)) && artifact_get",
    ];
    const env = {
      PATH: process.env.PATH,
      LC_ALL: "C",
      HERE: path.join(projectDir, "components/submitter"),
      TMPDIR: work,
      START_TIMEOUT: "20",
      JAR: `s3://${server.bucket}/${key}`,
      S3_ENDPOINT: server.endpoint,
      S3_ACCESS_KEY: server.accessKey,
      S3_SECRET_KEY: server.secretKey,
      ...more,
    };
    return spawnSync("/bin/bash", ["-uc", script.join("\n")], { env, encoding: "utf8" });
  }

  it("is fetched with a signature that the store takes, and is what its checksum says", () => {
    const content = Buffer.alloc(3_000_000, "jar");
    const key = "some jobs/zähler+1.jar";
    fs.mkdirSync(path.join(server.directory, "some jobs"));
    fs.writeFileSync(path.join(server.directory, key), content);
    const checksum = createHash("sha256").update(content).digest("hex");
    const { status, stdout } = fetchJar(key, { JAR_CHECKSUM: checksum });
    assert.equal(status, 0, stdout);
    assert.ok(fs.readFileSync(path.join(work, "artifact.jar")).equals(content));
  });

  it("says what the store says of another key, and of an object that is not there", () => {
    assert.match(fetchJar("x.jar", { S3_SECRET_KEY: "wrong" }).stdout, /may not be read: HTTP 403/);
    assert.match(fetchJar("none.jar").stdout, /There is nothing at s3:\/\/flink\/none\.jar: HTTP 404/);
  });
});
