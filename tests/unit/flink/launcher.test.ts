import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { renderLauncher, type Role } from "../../../components/flink/launcher";
import { jobManagerMemory, taskManagerMemory } from "../../../components/flink/memory";
import { findRelease, supportedVersions } from "../../../components/flink/versions";
import { Image, type Launch } from "./launch";

const release = findRelease("2.2.1")!;
const ROLES = ["jobmanager", "taskmanager"] as const;

function launch(role: Role, changes: Partial<Launch> = {}): Launch {
  const { config, ...rest } = changes;
  return {
    role,
    release,
    env: { POD_IP: "198.18.3.4", POD_NAME: "hello-x", DISABLE_JEMALLOC: "true" },
    jars: ["a.jar", "flink-dist-2.2.1.jar"],
    java: 17,
    javaHome: true,
    ...rest,
    config: { [`${role}.memory.process.size`]: "1728m", ...config },
  };
}

async function inImage<T>(given: Launch, use: (image: Image) => Promise<T>): Promise<T> {
  const image = new Image(given);
  try {
    return await use(image);
  } finally {
    image.remove();
  }
}

function render(role: Role, config: Record<string, string> = {}, version = "2.2.1"): string {
  const known = findRelease(version)!;
  const all = { [`${role}.memory.process.size`]: "1728m", ...config };
  const result = (role === "jobmanager" ? jobManagerMemory : taskManagerMemory)(all, known);
  assert.ok("memory" in result);
  return renderLauncher(role, known, result.memory, all);
}

describe("launcher", function () {
  this.timeout(60_000);

  const scripts = supportedVersions.flatMap((version) =>
    ROLES.flatMap((role) => [
      render(role, {}, version),
      render(
        role,
        { "high-availability.type": "kubernetes", "env.java.opts.all": "-Da='b c'", "env.log.dir": "/l" },
        version,
      ),
      render(
        role,
        {
          "env.stdout-err.redirect-to-file": "true",
          "env.java.home": "/opt/java 8",
          "env.log.level": "DEBUG",
        },
        version,
      ),
    ]),
  );

  it("is correct bash", () => {
    for (const script of new Set(scripts)) {
      execFileSync("bash", ["-n"], { input: script });
    }
  });

  it("has nothing for shellcheck to find", function () {
    if (spawnSync("shellcheck", ["--version"]).error) {
      console.log("      skipped: shellcheck is not installed (Debian package shellcheck)");
      this.skip();
    }
    for (const script of new Set(scripts)) {
      execFileSync("shellcheck", ["--shell=bash", "-"], { input: script });
    }
  });

  it("stays short", () => {
    assert.ok(render("jobmanager").split("\n").length < 75);
  });

  for (const role of ROLES) {
    it(`starts the ${role} with the memory arguments and what was derived`, async () => {
      const { args } = await inImage(launch(role), (image) => image.runLauncher());
      const heap = role === "jobmanager" ? "-Xmx1207959552" : "-Xmx536870902";
      assert.equal(args[0], heap);
      assert.ok(args.includes("--add-opens=java.base/java.util=ALL-UNNAMED"));
      assert.ok(args.includes(`${role}.memory.jvm-metaspace.size=268435456b`));
    });

    it(`hands on the arguments of the ${role}'s container`, async () => {
      await inImage(launch(role), async (image) => {
        const plain = await image.runLauncher();
        const more = await image.runLauncher({}, ["-D", "rest.port=1"]);
        assert.deepEqual(
          more.args.filter((arg) => !plain.args.includes(arg)),
          ["rest.port=1"],
        );
      });
    });
  }

  it("announces the pod's address for a JobManager with high availability only", async () => {
    const plain = await inImage(launch("jobmanager"), (image) => image.runLauncher());
    assert.ok(!plain.args.some((arg) => arg.includes("198.18.3.4")));
    const config = { "high-availability.type": "kubernetes" };
    const ha = await inImage(launch("jobmanager", { config }), (image) => image.runLauncher());
    assert.equal(ha.args.at(-1), "jobmanager.rpc.address=198.18.3.4");
    const old = launch("jobmanager", { config, release: findRelease("1.20.5") });
    const one = await inImage(old, (image) => image.runLauncher());
    assert.deepEqual(one.args.slice(-2), ["--host", "198.18.3.4"]);
  });

  it("lets the blob server of Flink 2 listen on the pod's address, which standby JobManagers ask for", async () => {
    const bound = async (config: Record<string, string>, version = "2.2.1") =>
      inImage(launch("jobmanager", { config, release: findRelease(version) }), async (image) => {
        await image.runLauncher();
        return image.read("run/conf/config.yaml").includes("jobmanager.bind-host: '198.18.3.4'");
      });
    assert.equal(await bound({ "high-availability.type": "kubernetes" }), true);
    assert.equal(await bound({ "high-availability.type": "kubernetes" }, "1.20.5"), false);
    assert.equal(await bound({}), false);
  });

  it("says what is missing when high availability has no pod address", async () => {
    const config = { "high-availability.type": "kubernetes" };
    const given = launch("jobmanager", { config, env: { DISABLE_JEMALLOC: "true" } });
    await assert.rejects(
      inImage(given, (image) => image.runLauncher()),
      /POD_IP: must hold the address of the pod/,
    );
  });

  it("names a TaskManager by its pod, unless the configuration does", async () => {
    const own = await inImage(launch("taskmanager"), (image) => image.runLauncher());
    assert.deepEqual(own.args.slice(-4), [
      "-D",
      "taskmanager.resource-id=hello-x",
      "-D",
      "taskmanager.host=198.18.3.4",
    ]);
    const config = { "taskmanager.host": "mine", "taskmanager.resource-id": "me" };
    const configured = await inImage(launch("taskmanager", { config }), (image) => image.runLauncher());
    assert.ok(!configured.args.some((arg) => /hello-x|198\.18/.test(arg)));
  });

  it("adds the secret configuration after the plain one, again after a restart, readable by nobody else", async () => {
    await inImage(launch("taskmanager"), async (image) => {
      image.mount("secret/config.yaml", "s3.secret-key: hush\n");
      await image.runLauncher();
      await image.runLauncher();
      const text = image.read("run/conf/config.yaml");
      assert.equal(text, `${image.read("conf/config.yaml")}s3.secret-key: hush\n`);
      const folder = path.join(image.root, "flink-kubernetes/run/conf");
      assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
      assert.ok(fs.existsSync(path.join(folder, "log4j-console.properties")));
    });
  });

  for (const [jars, found] of [
    [["a.jar"], "none"],
    [["flink-dist-1.jar", "flink-dist-2.jar"], "flink-dist-2.jar"],
  ] as const) {
    it(`stops in an image with ${jars.join(" and ")} in lib, saying so`, async () => {
      const given = launch("jobmanager", { jars: [...jars] });
      await assert.rejects(
        inImage(given, (image) => image.runLauncher()),
        (error: Error) => {
          assert.match(error.message, /Need exactly one flink-dist\*\.jar/);
          assert.ok(error.message.includes(found));
          return true;
        },
      );
    });
  }

  it("adds what Java needs above version 17", async () => {
    for (const java of [8, 11, 17, 21]) {
      const { args } = await inImage(launch("jobmanager", { java }), (image) => image.runLauncher());
      assert.equal(args.includes("-Djava.security.manager=allow"), java > 17, `Java ${java}`);
    }
  });

  it("asks Java for its version where there is no release file", async () => {
    await inImage(launch("jobmanager", { java: 21 }), async (image) => {
      fs.rmSync(path.join(image.root, "java/release"));
      const { args } = await image.runLauncher();
      assert.ok(args.includes("-Djava.security.manager=allow"));
    });
  });

  it("gives jemalloc arenas for the CPUs of the container, and what is said of it besides stays", async () => {
    await inImage(launch("taskmanager", { env: {} }), async (image) => {
      const uname = path.join(image.root, "java/bin/uname");
      fs.writeFileSync(uname, `#!/bin/sh\necho ../..${image.root}/lib\n`, { mode: 0o755 });
      fs.mkdirSync(path.join(image.root, "lib-linux-gnu"));
      fs.writeFileSync(path.join(image.root, "lib-linux-gnu/libjemalloc.so.2"), "");
      const groups = path.join(image.root, "cgroup");
      fs.mkdirSync(path.join(groups, "cpu"), { recursive: true });
      image.edit("conf/launch.sh", (text) => text.replace("/sys/fs/cgroup", groups));
      const arenas = async (env: Record<string, string> = {}) => {
        const { env: started } = await image.runLauncher(env);
        return started.find((line) => line.startsWith("MALLOC_CONF="))?.slice("MALLOC_CONF=".length);
      };
      const quota = (text: string) => fs.writeFileSync(path.join(groups, "cpu.max"), `${text}\n`);
      assert.equal(await arenas(), undefined);
      for (const [text, expected] of [
        ["max 100000", undefined],
        ["50000 100000", "narenas:1"],
        ["100000 100000", "narenas:1"],
        ["150000 100000", "narenas:8"],
        ["400000 100000", "narenas:16"],
      ] as const) {
        quota(text);
        assert.equal(await arenas(), expected, text);
      }
      assert.equal(await arenas({ MALLOC_CONF: "narenas:2,prof:true" }), "narenas:16,narenas:2,prof:true");
      assert.equal(await arenas({ DISABLE_JEMALLOC: "true" }), undefined);
      fs.rmSync(path.join(groups, "cpu.max"));
      fs.writeFileSync(path.join(groups, "cpu/cpu.cfs_quota_us"), "200000\n");
      fs.writeFileSync(path.join(groups, "cpu/cpu.cfs_period_us"), "100000\n");
      assert.equal(await arenas(), "narenas:8");
      fs.writeFileSync(path.join(groups, "cpu/cpu.cfs_quota_us"), "-1\n");
      assert.equal(await arenas(), undefined);
    });
  });

  it("preloads jemalloc where the image has it, unless it is disabled", async () => {
    const given = launch("taskmanager", { env: {} });
    await inImage(given, async (image) => {
      // /usr/lib/$(uname -m)-linux-gnu, moved into the image by a uname of our own.
      const library = path.join(image.root, "lib-linux-gnu/libjemalloc.so.2");
      const uname = path.join(image.root, "java/bin/uname");
      fs.writeFileSync(uname, `#!/bin/sh\necho ../..${image.root}/lib\n`, { mode: 0o755 });
      const preload = (started: { env: string[] }) =>
        started.env.filter((line) => line.startsWith("LD_PRELOAD="));
      assert.deepEqual(preload(await image.runLauncher()), []);
      fs.mkdirSync(path.dirname(library));
      fs.writeFileSync(library, "");
      const [set] = preload(await image.runLauncher());
      assert.equal(fs.realpathSync(set.split(":")[1]), fs.realpathSync(library));
      assert.deepEqual(preload(await image.runLauncher({ DISABLE_JEMALLOC: "true" })), []);
    });
  });
});
