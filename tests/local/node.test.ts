import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { buffer as collect } from "node:stream/consumers";
import { type BuildContext, cached, contentKey, withLock } from "../../local/cache";
import { createLayer, type Layer, withoutBlobs, writeImage } from "../../local/image/archive";
import { createCertificates } from "../../local/node/certificates";
import { overlaps } from "../../local/node/network";
import {
  describeMissing,
  inspectMachine,
  type Machine,
  missingPrerequisites,
} from "../../local/node/prerequisites";
import { run } from "../../local/run";

describe("local node: cache, image tars, prerequisites", () => {
  let folder: string;
  let ctx: BuildContext;
  let abort: AbortController;
  const before = process.env.FLINK_KUBERNETES_CACHE;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-test-"));
    process.env.FLINK_KUBERNETES_CACHE = path.join(folder, "cache");
    abort = new AbortController();
    ctx = { log: path.join(folder, "log"), report: () => undefined, signal: abort.signal };
  });
  afterEach(() => {
    if (before === undefined) delete process.env.FLINK_KUBERNETES_CACHE;
    else process.env.FLINK_KUBERNETES_CACHE = before;
    fs.rmSync(folder, { recursive: true, force: true });
  });

  describe("cache", () => {
    it("builds an entry once and gives the same folder afterwards", async () => {
      let builds = 0;
      const build = async (into: string) => {
        builds++;
        fs.writeFileSync(path.join(into, "file"), "content");
      };
      const first = await cached("thing", contentKey({ a: 1 }), ctx, build);
      const second = await cached("thing", contentKey({ a: 1 }), ctx, build);
      assert.equal(second, first);
      assert.equal(builds, 1);
      assert.equal(fs.readFileSync(path.join(first, "file"), "utf8"), "content");
    });

    it("builds again when an input changes, and not when only their order does", () => {
      assert.notEqual(contentKey({ a: 1, b: 2 }), contentKey({ a: 1, b: 3 }));
      assert.equal(contentKey({ a: 1, b: 2 }), contentKey({ b: 2, a: 1 }));
    });

    it("never uses what a failed build left, and builds it anew", async () => {
      const broken = cached("thing", "000000000000", ctx, async (into) => {
        fs.writeFileSync(path.join(into, "half"), "");
        throw new Error("disk full");
      });
      await assert.rejects(broken, /disk full/);
      const entry = await cached("thing", "000000000000", ctx, async (into) => {
        fs.writeFileSync(path.join(into, "whole"), "");
      });
      assert.deepEqual(fs.readdirSync(entry), ["whole"]);
    });

    it("removes entries of the same name that were not used for weeks, and no others", async () => {
      const none = async () => undefined;
      const old = await cached("thing", "aaaaaaaaaaaa", ctx, none);
      const recent = await cached("thing", "bbbbbbbbbbbb", ctx, none);
      const other = await cached("thing-else", "cccccccccccc", ctx, none);
      const weeksAgo = Date.now() / 1000 - 30 * 24 * 3600;
      for (const entry of [old, other]) fs.utimesSync(entry, weeksAgo, weeksAgo);
      await cached("thing", "dddddddddddd", ctx, none);
      assert.deepEqual(
        [old, recent, other].map((entry) => fs.existsSync(entry)),
        [false, true, true],
      );
    });

    it("ends the running command when interrupted, and leaves no entry", async () => {
      const building = cached("thing", "000000000000", ctx, async (into) => {
        fs.writeFileSync(path.join(into, "half"), "");
        const started = run(ctx, "sh", ["-c", `echo $$ > ${folder}/pid; exec sleep 300`]);
        const poll = setInterval(() => {
          if (fs.existsSync(`${folder}/pid`) && fs.readFileSync(`${folder}/pid`, "utf8").trim())
            abort.abort();
        }, 10);
        await started.finally(() => clearInterval(poll));
      });
      await assert.rejects(building, { name: "AbortError" });
      const pid = Number(fs.readFileSync(`${folder}/pid`, "utf8"));
      assert.throws(() => process.kill(pid, 0), "the command still runs");
      const entries = fs.readdirSync(process.env.FLINK_KUBERNETES_CACHE!);
      assert.deepEqual(
        entries.filter((name) => name.startsWith("thing")),
        [],
      );
    });

    it("lets a second process wait, and go on when the first is killed", async () => {
      const file = path.join(folder, "lock");
      const script = [
        `const { withLock } = require(${JSON.stringify(path.resolve("local/cache.ts"))});`,
        `withLock(${JSON.stringify(file)}, () => 0, undefined, () => { console.log("held"); return new Promise(() => setInterval(() => 0, 1000)); });`,
      ].join("\n");
      const owner = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((resolve) => owner.stdout.once("data", resolve));
      let told = "";
      const entered = withLock(
        file,
        (pid) => {
          told = pid;
          owner.kill("SIGKILL");
        },
        undefined,
        async () => "entered",
      );
      assert.equal(await entered, "entered");
      assert.equal(told, String(owner.pid));
    });

    it("quotes the last lines of a failed command and names the log", async () => {
      await assert.rejects(
        run(ctx, "sh", ["-c", "echo first; echo the cause >&2; exit 3"]),
        (error: Error) => {
          assert.match(error.message, /the cause/);
          assert.match(error.message, /ended with 3/);
          assert.ok(error.message.includes(ctx.log));
          return true;
        },
      );
      assert.match(fs.readFileSync(ctx.log, "utf8"), /first\n/);
    });
  });

  describe("image tars", () => {
    const make = async (name: string) => {
      const root = path.join(folder, name);
      fs.mkdirSync(path.join(root, "opt/job"), { recursive: true });
      fs.writeFileSync(path.join(root, "opt/job/app.jar"), "jar".repeat(1000));
      fs.writeFileSync(path.join(root, "opt/empty"), "");
      const layer = await createLayer(ctx, root, path.join(folder, `${name}.layer.tar`), { owner: 9999 });
      const tar = path.join(folder, `${name}.tar`);
      await writeImage(tar, "example.local/app:1", [layer], { User: "9999:9999" });
      return { layer, tar };
    };

    it("are the same bytes for the same content", async () => {
      const [one, other] = [await make("one"), await make("other")];
      assert.equal(one.layer.digest, other.layer.digest);
      assert.ok(fs.readFileSync(one.tar).equals(fs.readFileSync(other.tar)));
    });

    it("can be read by tar, and their manifest names layers and configuration that are in them", async () => {
      const { tar, layer } = await make("one");
      const out = path.join(folder, "out");
      fs.mkdirSync(out);
      const unpacked = spawnSync("tar", ["-xf", tar, "-C", out], { encoding: "utf8" });
      assert.equal(unpacked.status, 0, unpacked.stderr);
      const [manifest] = JSON.parse(fs.readFileSync(path.join(out, "manifest.json"), "utf8"));
      assert.deepEqual(manifest.RepoTags, ["example.local/app:1"]);
      const image = JSON.parse(fs.readFileSync(path.join(out, manifest.Config), "utf8"));
      assert.deepEqual(image.rootfs.diff_ids, [`sha256:${layer.digest}`]);
      const packed = fs.readFileSync(path.join(out, manifest.Layers[0]));
      assert.equal(createHash("sha256").update(packed).digest("hex"), layer.digest);
      const listed = spawnSync("tar", ["-tvf", path.join(out, manifest.Layers[0]), "--numeric-owner"], {
        encoding: "utf8",
      });
      assert.match(listed.stdout, /9999\/9999 +3000 .*\.\/opt\/job\/app\.jar/);
    });
  });

  it("a tar without the blobs that an importer has is the rest, and still a tar", async () => {
    const root = path.join(folder, "root");
    const layers: Layer[] = [];
    for (const name of ["base", "job"]) {
      fs.mkdirSync(path.join(root, name), { recursive: true });
      fs.writeFileSync(path.join(root, name, "file"), name.repeat(5000));
      layers.push(await createLayer(ctx, root, path.join(folder, `${name}.tar`), { part: name }));
    }
    const tar = path.join(folder, "image.tar");
    await writeImage(tar, "example.local/app:1", layers, {});
    const list = async (known: string[]) => {
      const thin = path.join(folder, "thin.tar");
      fs.writeFileSync(thin, await collect(withoutBlobs(tar, new Set(known))));
      return spawnSync("tar", ["-tf", thin], { encoding: "utf8" }).stdout.trim().split("\n");
    };
    const all = await list([]);
    assert.equal(
      all.length,
      7,
      "three files that describe the image, its configuration, its manifest, two layers",
    );
    const rest = await list([`sha256:${layers[0].digest}`]);
    assert.deepEqual(
      rest,
      all.filter((name) => name !== `blobs/sha256/${layers[0].digest}`),
    );
  });

  describe("prerequisites", () => {
    const good: Machine = {
      uid: 0,
      debian: true,
      go: undefined,
      java: true,
      maven: true,
      pip: true,
      cgroups: true,
      freeGigabytes: 50,
      neededGigabytes: 10,
      cache: "/cache",
    };

    it("are met by a Debian machine with everything", () => {
      assert.deepEqual(missingPrerequisites(good), []);
    });

    it("sees on this machine what PATH does not have", async () => {
      const saved = process.env.PATH;
      process.env.PATH = folder;
      try {
        const machine = await inspectMachine();
        assert.deepEqual([machine.java, machine.maven, machine.pip], [false, false, false]);
        assert.match(machine.go!, /go is missing \(Go 1\.\d+/);
      } finally {
        process.env.PATH = saved;
      }
    });

    it("are all reported at once, with the way out", () => {
      const bad: Machine = {
        ...good,
        uid: 1000,
        debian: false,
        go: "Go 1.26.6 or newer is needed: go.mod requires go >= 1.26.6",
        java: false,
        maven: false,
        pip: false,
        cgroups: false,
        freeGigabytes: 1.25,
      };
      const text = describeMissing(missingPrerequisites(bad));
      for (const words of [/root/, /Debian/, /Go 1\.26\.6/, /javac/, /mvn/, /pip/, /cgroups/])
        assert.match(text, words);
      assert.match(text, /1\.3 GB are free in \/cache, and 10 GB are needed/);
      assert.match(text, /npm start -- --context NAME/);
      assert.equal(missingPrerequisites(bad).length, 8);
    });
  });

  describe("network", () => {
    it("sees who else uses the node's addresses", () => {
      assert.ok(overlaps("198.18.5.0/24", "198.18.0.0/16"));
      assert.ok(overlaps("198.18.255.2", "198.18.0.0/16"));
      assert.ok(overlaps("198.18.0.0/15", "198.18.0.0/16"));
      assert.ok(!overlaps("198.19.0.0/16", "198.18.0.0/16"));
      assert.ok(!overlaps("default", "198.18.0.0/16"));
      assert.ok(!overlaps("10.0.0.0/8", "198.18.0.0/16"));
    });
  });

  describe("certificates", () => {
    it("are accepted by their authority, and kept when asked for again", async () => {
      const at = path.join(folder, "certificates");
      await createCertificates(at);
      const verify = (name: string, authority: string) =>
        spawnSync(
          "openssl",
          ["verify", "-CAfile", path.join(at, `${authority}.crt`), path.join(at, `${name}.crt`)],
          {
            encoding: "utf8",
          },
        );
      for (const name of ["apiserver", "kubelet", "admin", "metrics-server"]) {
        assert.equal(verify(name, "ca").status, 0, verify(name, "ca").stderr);
      }
      assert.equal(verify("front-proxy-client", "front-proxy-ca").status, 0);
      assert.notEqual(verify("front-proxy-client", "ca").status, 0);
      const key = fs.readFileSync(path.join(at, "admin.key"));
      await createCertificates(at);
      assert.ok(fs.readFileSync(path.join(at, "admin.key")).equals(key));
    });
  });
});
