import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { submitterFiles } from "../../../components/submitter/files";
import { makeCertificate } from "../../support/stores";
import { awks, findCommand } from "./awks";
import { type Settings, World } from "./harness";

const jar = Buffer.from("PK jar of a job");
const checksum = createHash("sha256").update(jar).digest("hex");

describe("submission of a jar that is elsewhere", function () {
  this.timeout(60_000);
  let world: World;
  let server: http.Server | undefined;
  let asked: http.IncomingMessage[] = [];
  let answer: (request: http.IncomingMessage) => { status: number; body?: Buffer; headers?: object };

  beforeEach(async () => {
    asked = [];
    answer = () => ({ status: 200, body: jar });
    world = await new World(awks.find(({ command }) => command)!.command!).start();
  });
  afterEach(() => {
    world.stop();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  async function listen(tls?: https.ServerOptions): Promise<string> {
    const listener: http.RequestListener = (request, response) => {
      asked.push(request);
      const { status, body, headers } = answer(request);
      response.writeHead(status, { ...headers }).end(body);
    };
    server = tls ? https.createServer(tls, listener) : http.createServer(listener);
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    return `${tls ? "https" : "http"}://localhost:${(server.address() as AddressInfo).port}`;
  }

  async function fails(pattern: RegExp, settings: Settings) {
    const outcome = await world.run(settings);
    assert.equal(outcome.code, 1, outcome.log);
    assert.match(outcome.message, pattern, outcome.log);
    assert.equal(world.flink.uploads, 0);
    assert.equal(world.flink.runs.length, 0);
  }

  describe("over https", () => {
    let settings: (place: string, more?: Settings) => Promise<Settings>;
    before(function () {
      if (!findCommand("openssl")) {
        console.log("      skipped: there is no openssl to make certificates with");
        this.skip();
      }
      const pem = makeCertificate("artifacts", ["localhost"]);
      settings = async (place, more = {}) => {
        const url = await listen({ cert: pem["tls.crt"], key: pem["tls.key"] });
        const authority = `${world.folderOf({ "ca.crt": pem["ca.crt"] })}/ca.crt`;
        return { JAR: url + place, JAR_CHECKSUM: checksum, CURL_CA_BUNDLE: authority, ...more };
      };
    });

    it("uploads what it fetched", async () => {
      const { code, log } = await world.run(await settings("/jobs/count.jar"));
      assert.equal(code, 0, log);
      assert.deepEqual(
        asked.map(({ url }) => url),
        ["/jobs/count.jar"],
      );
      assert.equal(world.flink.uploads, 1);
      assert.equal(world.ledger.data?.phase, "running");
    });

    it("asks again while the server is busy", async () => {
      answer = () => (asked.length < 3 ? { status: 503 } : { status: 200, body: jar });
      const { code, log } = await world.run(await settings("/count.jar"));
      assert.equal(code, 0, log);
      assert.equal(asked.length, 3);
    });

    it("refuses another file than the checksum says, before the running revision is touched", async () => {
      await world.run();
      const [running] = world.flink.active;
      answer = () => ({ status: 200, body: Buffer.from("something else") });
      const outcome = await world.run({
        ...(await settings("/count.jar")),
        REVISION: "rev-b",
        SUBMISSION_UID: "uid-2",
      });
      assert.equal(outcome.code, 1);
      assert.match(outcome.message, /is not what jarChecksum says: its SHA-256 is [0-9a-f]{64}, not /);
      assert.deepEqual(world.flink.active, [running]);
      assert.equal(world.ledger.data?.revision, "rev-a");
      assert.equal(world.ledger.data?.phase, "running");
    });

    it("says at once that there is nothing", async () => {
      answer = () => ({ status: 404 });
      await fails(
        /There is nothing at https:\/\/localhost:\d+\/none\.jar: HTTP 404/,
        await settings("/none.jar"),
      );
      assert.equal(asked.length, 1);
    });

    describe("that asks for a login or a header", () => {
      const authorization = `Basic ${Buffer.from('deploy:p"a\\ss wörd').toString("base64")}`;
      const login = { HTTP_USERNAME: "deploy", HTTP_PASSWORD: 'p"a\\ss wörd' };
      const headers = {
        HTTP_HEADERS: "PRIVATE-TOKEN X-Team",
        HTTP_HEADER_0: "s3cret\n",
        HTTP_HEADER_1: "orders",
      };
      beforeEach(() => world.setEntry("http.sh", submitterFiles(true)["http.sh"]!));

      it("shows both, and uploads what it got", async () => {
        const wanted = ({ headers: got }: http.IncomingMessage) =>
          got.authorization === authorization &&
          got["private-token"] === "s3cret" &&
          got["x-team"] === "orders";
        answer = (request) => (wanted(request) ? { status: 200, body: jar } : { status: 401 });
        const { code, log } = await world.run(await settings("/count.jar", { ...login, ...headers }));
        assert.equal(code, 0, log);
        assert.equal(asked.length, 1);
        assert.equal(world.flink.uploads, 1);
        assert.doesNotMatch(log, /s3cret|p"a/);
      });

      it("shows them again within the same place, and to no other", async () => {
        const other: http.IncomingMessage[] = [];
        const pem = makeCertificate("elsewhere", ["localhost"]);
        const elsewhere = https.createServer(
          { cert: pem["tls.crt"], key: pem["tls.key"] },
          (request, response) => {
            other.push(request);
            response.end(jar);
          },
        );
        await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
        try {
          const location = `https://localhost:${(elsewhere.address() as AddressInfo).port}/bucket/count.jar`;
          answer = ({ url }) => ({
            status: 302,
            headers: { location: url === "/count.jar" ? "/moved.jar" : location },
          });
          const given = await settings("/count.jar", { ...login, ...headers });
          const both = readFileSync(given.CURL_CA_BUNDLE!, "utf8") + pem["ca.crt"];
          const authority = `${world.folderOf({ "ca.crt": both })}/ca.crt`;
          const { code, log } = await world.run({ ...given, CURL_CA_BUNDLE: authority });
          assert.equal(code, 0, log);
          assert.deepEqual(
            asked.map((request) => [
              request.url,
              request.headers.authorization,
              request.headers["private-token"],
            ]),
            [
              ["/count.jar", authorization, "s3cret"],
              ["/moved.jar", authorization, "s3cret"],
            ],
          );
          assert.deepEqual(
            other.map((request) => [
              request.headers.authorization,
              request.headers["private-token"],
              request.headers["x-team"],
            ]),
            [[undefined, undefined, undefined]],
          );
        } finally {
          elsewhere.close();
        }
      });

      it("names the argument when the server refuses, at once", async () => {
        answer = () => ({ status: 401 });
        await fails(
          /may not be read: HTTP 401\. Check the login and the headers \(jarHttp\)/,
          await settings("/count.jar", login),
        );
        assert.equal(asked.length, 1);
      });

      it("goes to no place without TLS, and not round and round", async () => {
        answer = () => ({ status: 302, headers: { location: "http://localhost:1/count.jar" } });
        await fails(
          /could not be fetched within 2 s: HTTP 000 .*without TLS/,
          await settings("/count.jar", { ...login, START_TIMEOUT: "2" }),
        );
        asked = [];
        answer = () => ({ status: 302, headers: { location: "/count.jar" } });
        await fails(
          /could not be fetched within 2 s: HTTP 302/,
          await settings("/count.jar", { ...login, START_TIMEOUT: "2", SUBMISSION_UID: "uid-2" }),
        );
      });
    });

    it("follows nobody to a place without TLS", async () => {
      const plain = http.createServer((_request, response) => response.end(jar));
      await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
      const location = `http://localhost:${(plain.address() as AddressInfo).port}/count.jar`;
      answer = () => ({ status: 302, headers: { location } });
      try {
        await fails(/could not be fetched within 2 s/, await settings("/count.jar", { START_TIMEOUT: "2" }));
      } finally {
        plain.close();
      }
    });
  });

  describe("in an S3-compatible store", () => {
    const keys = { S3_ACCESS_KEY: "AKIDEXAMPLE", S3_SECRET_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

    /** The signature that the store would compute, written down from Amazon's description and not from the program. */
    function signature(request: http.IncomingMessage, secret: string, region: string): string {
      const date = String(request.headers["x-amz-date"]);
      const day = date.slice(0, 8);
      const hash = (text: string) => createHash("sha256").update(text).digest("hex");
      const signed = ["host", "x-amz-content-sha256", "x-amz-date"];
      const canonical = [
        request.method,
        request.url,
        "",
        ...signed.map((name) => `${name}:${String(request.headers[name])}`),
        "",
        signed.join(";"),
        hash(""),
      ].join("\n");
      const text = ["AWS4-HMAC-SHA256", date, `${day}/${region}/s3/aws4_request`, hash(canonical)].join("\n");
      const mac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
      const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(mac, `AWS4${secret}`);
      return mac(key, text).toString("hex");
    }

    it("signs the request as the store wants it, also for keys with unusual letters", async () => {
      const settings = {
        JAR: "s3://jars/a dir/zähl+=.jar",
        S3_ENDPOINT: await listen(),
        S3_REGION: "eu-central-1",
      };
      const { code, log } = await world.run({ ...settings, ...keys });
      assert.equal(code, 0, log);
      const [request] = asked;
      assert.equal(request!.url, "/jars/a%20dir/z%C3%A4hl%2B%3D.jar");
      const given =
        /Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=(\w+)$/;
      const found = given.exec(request!.headers.authorization ?? "");
      assert.equal(found?.[1], signature(request!, keys.S3_SECRET_KEY, "eu-central-1"));
      assert.ok(!log.includes(keys.S3_SECRET_KEY));
    });

    it("does not sign without keys", async () => {
      const { code, log } = await world.run({ JAR: "s3://jars/count.jar", S3_ENDPOINT: await listen() });
      assert.equal(code, 0, log);
      assert.equal(asked[0]!.headers.authorization, undefined);
    });

    it("says at once that it may not read it", async () => {
      answer = () => ({ status: 403, body: Buffer.from("<Error><Code>AccessDenied</Code></Error>") });
      await fails(/s3:\/\/jars\/count\.jar may not be read: HTTP 403.*jarStorage/, {
        JAR: "s3://jars/count.jar",
        S3_ENDPOINT: await listen(),
        ...keys,
      });
    });
  });

  it("uploads a jar with nothing in it for a program that comes with Flink", async () => {
    const { code, log } = await world.run({ JAR: "" });
    assert.equal(code, 0, log);
    assert.equal(world.flink.uploads, 1);
    const empty = Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64");
    assert.ok(world.flink.uploaded.includes(empty), "the end of a zip file's directory, of no entries");
    assert.equal(world.ledger.data?.phase, "running");
  });

  it("puts the secrets of a request in their places, and nowhere else", async () => {
    const secret = 'a"b\\c\n$x & {"$secret":"argument-1"}';
    world.setRequest({
      programArgsList: ["--password", { $secret: "argument-1" }, 'not {"$secret":"argument-1"}'],
      flinkConfiguration: { "s3.secret-key": { $secret: "config.s3.secret-key" } },
      parallelism: 1,
    });
    const files = { "argument-1": secret, "config.s3.secret-key": "key\r\n", salt: "x" };
    const { code, log } = await world.run({ SECRETS_DIR: world.folderOf(files) });
    assert.equal(code, 0, log);
    const [{ programArgsList, flinkConfiguration }] = world.flink.runs as [Record<string, unknown>];
    assert.deepEqual(programArgsList, ["--password", secret, 'not {"$secret":"argument-1"}']);
    assert.deepEqual(flinkConfiguration, { "s3.secret-key": "key\r\n" });
    assert.ok(!log.includes("$x &"));
    assert.ok(!JSON.stringify(world.ledger.data).includes("$x &"));
  });

  it("takes a whole list of arguments from the Secret", async () => {
    world.setRequest({ programArgsList: { $secret: "arguments.json" }, parallelism: 1 });
    const { code, log } = await world.run({
      SECRETS_DIR: world.folderOf({ "arguments.json": '["--a","b c"]' }),
    });
    assert.equal(code, 0, log);
    assert.deepEqual(world.flink.runs[0]!.programArgsList, ["--a", "b c"]);
  });

  it("says that an entry of the Secret is missing", async () => {
    world.setRequest({ programArgsList: [{ $secret: "argument-0" }], parallelism: 1 });
    const outcome = await world.run({ SECRETS_DIR: world.folderOf({}) });
    assert.equal(outcome.code, 1);
    assert.match(outcome.message, /stands in a Secret that does not have it/);
  });
});
