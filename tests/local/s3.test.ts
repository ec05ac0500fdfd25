import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { runningNode } from "../../local/node";
import { type S3Server, startS3 } from "../support/s3";

/** The S3 server that other tests rely on. */
describe("S3 server of the tests", function () {
  this.timeout(600_000);
  let server: S3Server;

  before(async function () {
    if (!(await runningNode())) {
      console.log("      skipped: no local node runs (npm start)");
      this.skip();
    }
    server = await startS3();
  });
  after(() => server?.stop());

  /** Signed as S3 clients do. */
  const request = (secretKey: string, ...args: string[]) => {
    const options = ["-sS", "-m", "10", "-w", "%{http_code}", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"];
    const signed = ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", `${server.accessKey}:${secretKey}`];
    const url = `${server.endpoint}/${server.bucket}/a/b`;
    const result = spawnSync("curl", [...options, ...signed, ...args, url], { encoding: "utf8" });
    assert.equal(result.status, 0, result.stderr);
    return result.stdout;
  };

  it("keeps an object as the file of its key", () => {
    assert.equal(request(server.secretKey, "-X", "PUT", "--data-binary", "content"), "200");
    assert.equal(fs.readFileSync(path.join(server.directory, "a/b"), "utf8"), "content");
    assert.equal(request(server.secretKey), "content200");
  });

  it("refuses another key", () => {
    assert.match(request("wrong"), /SignatureDoesNotMatch.*403$/s);
  });

  it("keeps its data and address over a pause", async () => {
    await server.pause();
    await assert.rejects(fetch(`${server.endpoint}/health`, { signal: AbortSignal.timeout(2000) }));
    await server.resume();
    assert.equal(request(server.secretKey), "content200");
  });

  it("leaves nothing behind", async () => {
    const { endpoint, directory } = server;
    await server.stop();
    await assert.rejects(fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(2000) }));
    assert.ok(!fs.existsSync(path.dirname(directory)));
  });
});
