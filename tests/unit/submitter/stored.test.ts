import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { anyAwk } from "./awks";
import { hash, type Settings, World } from "./harness";

describe("submitter: a job that was stopped, and whose JobManager has forgotten how", function () {
  this.timeout(60_000);
  let world: World;
  let id: string;
  let server: http.Server | undefined;
  let asked: { url: URL; authorization: string }[];
  /** Objects of the bucket `state`. */
  let objects: string[];
  let status = 200;
  let truncated = "false";

  beforeEach(async () => {
    world = await new World(anyAwk).start();
    world.flink.newJob = { checkpointing: true, addressable: true };
    id = world.prefix + hash("uid-1", 16);
    asked = [];
    objects = ["savepoints/job/t1/_other", `checkpoints/${id}/shared/x`];
    status = 200;
    truncated = "false";
    world.ledger.data = {
      ...{ revision: "rev-a", jobId: id, phase: "upgrading", submission: "uid-1", restoreNonce: "none" },
      ...{ trigger: "t0", target: "s3://state/savepoints/job/t0" },
    };
  });
  afterEach(() => {
    world?.stop();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  /** A store that lists as S3 does. */
  async function store(): Promise<Settings> {
    server = http.createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://store");
      asked.push({ url, authorization: request.headers.authorization ?? "" });
      const prefix = url.searchParams.get("prefix") ?? "";
      const found = objects.filter((key) => key.startsWith(prefix));
      const delimited = url.searchParams.get("delimiter") === "/";
      const rest = (key: string) => key.slice(prefix.length);
      const folders = new Set(
        found.filter((key) => delimited && rest(key).includes("/")).map((key) => rest(key).split("/")[0]),
      );
      const keys = found.filter((key) => !delimited || !rest(key).includes("/"));
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>state</Name>` +
          `<Prefix>${prefix}</Prefix><IsTruncated>${truncated}</IsTruncated>` +
          keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join("\n") +
          [...folders]
            .map((it) => `<CommonPrefixes><Prefix>${prefix}${it}/</Prefix></CommonPrefixes>`)
            .join("") +
          `</ListBucketResult>`,
      );
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    return {
      ...{ SUBMISSION_UID: "uid-2", REVISION: "rev-b", CHECKPOINT_DIRECTORY: "s3://state/checkpoints" },
      STATE_S3_ENDPOINT: `http://localhost:${(server.address() as AddressInfo).port}`,
      ...{ STATE_S3_REGION: "eu-central-1", STATE_S3_PATH_STYLE: "true" },
      STATE_S3_KEYS: world.folderOf({ "access-key": "AKID", "secret-key": "very-secret\n" }),
    };
  }

  async function startsFrom(state: string, settings: Settings): Promise<void> {
    const { code, log } = await world.run(settings);
    assert.strictEqual(code, 0, log);
    assert.deepStrictEqual(
      world.flink.active.map(({ restoredFrom }) => restoredFrom),
      [state],
      log,
    );
    assert.match(world.ledger.data?.states ?? "", new RegExp(` ${state}$`));
    assert.ok(!log.includes("very-secret"));
  }

  async function asksAPerson(settings: Settings): Promise<void> {
    const { code, message, log } = await world.run(settings);
    assert.strictEqual(code, 1, log);
    assert.match(
      message,
      /has forgotten where its state is.*complete savepoint in s3:\/\/state\/savepoints\/job\/t0/,
    );
    assert.strictEqual(world.flink.runs.length, 0);
  }

  const savepoint = "savepoints/job/t0/savepoint-001122-abc";

  it("goes on from the savepoint that its store has", async () => {
    objects.push(`${savepoint}/_metadata`, `${savepoint}/0a`, `checkpoints/${id}/chk-3/_metadata`);
    await startsFrom(`s3://state/${savepoint}`, await store());
    assert.strictEqual(asked[0].url.pathname, "/state");
    assert.strictEqual(asked[0].url.search, "?delimiter=%2F&list-type=2&prefix=savepoints%2Fjob%2Ft0%2F");
    assert.match(asked[0].authorization, /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/s3\//);
  });

  it("goes on from its newest complete checkpoint when the savepoint was never begun, or not completed", async () => {
    objects.push(
      `${savepoint}/0a`,
      `checkpoints/${id}/chk-9/_metadata`,
      `checkpoints/${id}/chk-10/_metadata`,
    );
    objects.push(`checkpoints/${id}/chk-11/0a`);
    await startsFrom(`s3://state/checkpoints/${id}/chk-10`, await store());
  });

  it("asks a person when the store has neither, does not say all, or refuses", async () => {
    const settings = await store();
    await asksAPerson(settings);
    objects.push(`${savepoint}/_metadata`);
    truncated = "true";
    await asksAPerson({ ...settings, SUBMISSION_UID: "uid-3" });
    truncated = "false";
    status = 403;
    await asksAPerson({ ...settings, SUBMISSION_UID: "uid-4" });
  });

  it("asks a person when there are two savepoints", async () => {
    objects.push(`${savepoint}/_metadata`, "savepoints/job/t0/savepoint-001122-def/_metadata");
    await asksAPerson(await store());
  });

  it("starts a first revision from the newest complete savepoint in another cluster's directory of them", async () => {
    world.ledger.data = {};
    const folder = (time: string, kind = "") => `savepoints/orders/${kind}${time}-rev-z-${"0".repeat(32)}`;
    objects.push(
      `${folder("20260101T000000Z")}/savepoint-1-a/_metadata`,
      `${folder("20260203T000000Z", "periodic-")}/savepoint-2-b/_metadata`,
      `${folder("20260202T000000Z", "manual-")}/savepoint-2-a/_metadata`,
      `${folder("20260301T000000Z")}/savepoint-3-a/0a`,
    );
    const initial = { INITIAL_SAVEPOINT: "s3://state/savepoints/orders/" };
    const { code, log } = await world.run({ ...(await store()), ...initial });
    assert.strictEqual(code, 0, log);
    const newest = `s3://state/${folder("20260203T000000Z", "periodic-")}/savepoint-2-b`;
    assert.strictEqual(world.flink.active[0].restoredFrom, newest);
    assert.strictEqual(world.ledger.data?.restoredFrom, newest);
  });

  it("starts from what initialSavepoint says where that is no such directory, or cannot be looked at", async () => {
    world.ledger.data = {};
    const initial = { INITIAL_SAVEPOINT: `s3://state/${savepoint}` };
    objects.push(`${savepoint}/_metadata`);
    const settings = { ...(await store()), ...initial };
    const { code, log } = await world.run(settings);
    assert.strictEqual(code, 0, log);
    assert.strictEqual(world.flink.active[0].restoredFrom, initial.INITIAL_SAVEPOINT);
    status = 403;
    const next = { ...settings, SUBMISSION_UID: "uid-3", REVISION: "rev-c", RESTORE_NONCE: "2" };
    assert.strictEqual((await world.run(next)).code, 0);
    assert.strictEqual(world.flink.active[0].restoredFrom, initial.INITIAL_SAVEPOINT);
  });

  describe("and has started it again from before the savepoint", () => {
    it("cancels it, and goes on from the savepoint, before it commits the same once more", async () => {
      objects.push(`${savepoint}/_metadata`);
      const again = world.flink.addJob(id, { state: "CREATED", checkpoints: 0 });
      await startsFrom(`s3://state/${savepoint}`, await store());
      assert.strictEqual(again.state, "CANCELED");
    });

    it("does the same when it was killed after it had cancelled it", async () => {
      objects.push(`${savepoint}/_metadata`);
      world.flink.addJob(id, { state: "CANCELED", checkpoints: 0 });
      await startsFrom(`s3://state/${savepoint}`, await store());
    });

    it("takes another savepoint when it has committed since", async () => {
      objects.push(`${savepoint}/_metadata`);
      const again = world.flink.addJob(id, { state: "RUNNING", running: 2, checkpoints: 1 });
      await startsFrom("s3://state/savepoints/job/t0/savepoint-1", await store());
      assert.strictEqual(again.state, "FINISHED");
    });
  });

  it("goes on from the savepoint when all that the next leader knows is that the job has finished", async () => {
    objects.push(`${savepoint}/_metadata`, `checkpoints/${id}/chk-3/_metadata`);
    world.flink.addJob(id, { state: "FINISHED", sparse: true });
    await startsFrom(`s3://state/${savepoint}`, await store());
  });

  it("goes on from the savepoint on a volume", async () => {
    const folder = world.folderOf({});
    const stored = path.join(folder, "savepoints/job/t0/savepoint-001122-abc");
    mkdirSync(stored, { recursive: true });
    writeFileSync(path.join(stored, "_metadata"), "x");
    world.ledger.data = { ...world.ledger.data, target: `file://${folder}/savepoints/job/t0` };
    const next = { SUBMISSION_UID: "uid-2", REVISION: "rev-b" };
    await startsFrom(`file://${stored}`, { ...next, STATE_VOLUME: folder });
  });
});
