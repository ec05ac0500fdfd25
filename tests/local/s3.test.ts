import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
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

  it("shows submissions which savepoint is complete", () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), "state-"));
    try {
      fs.writeFileSync(path.join(folder, "access-key"), server.accessKey);
      fs.writeFileSync(path.join(folder, "secret-key"), server.secretKey);
      const target = `s3://${server.bucket}/savepoints/job+1/trigger`;
      const list = (secrets = folder) => {
        const program = path.resolve("components/submitter");
        const sources = ["common", "s3", "state"].map((part) => `. ${program}/${part}.sh;`).join(" ");
        const script = `${sources} stored_savepoint "${target}"; echo "$? $STORED"`;
        const env = {
          STATE_S3_ENDPOINT: server.endpoint,
          STATE_S3_PATH_STYLE: "true",
          STATE_S3_KEYS: secrets,
        };
        return spawnSync("bash", ["-c", script], {
          encoding: "utf8",
          env: { PATH: process.env.PATH, TMPDIR: folder, ...env },
        });
      };
      assert.match(list().stdout, /^1 $/m, "none");
      const savepoint = path.join(server.directory, "savepoints/job+1/trigger/savepoint-0a1b2c-3d4e");
      fs.mkdirSync(savepoint, { recursive: true });
      fs.writeFileSync(path.join(savepoint, "0a1b"), "state");
      assert.match(list().stdout, /^1 $/m, "not complete");
      fs.writeFileSync(path.join(savepoint, "_metadata"), "state");
      assert.equal(list().stdout, `0 ${target}/savepoint-0a1b2c-3d4e\n`);
      fs.writeFileSync(path.join(folder, "secret-key"), "wrong");
      assert.match(list().stdout, /HTTP 403[^]*^2 $/m, "nobody knows");
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
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
