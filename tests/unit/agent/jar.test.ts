import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { findCommand } from "../submitter/awks";

const agent = path.resolve(__dirname, "../../../agent");
/** `kubectl apply` keeps a copy of an object in an annotation of at most 262,144 bytes, and a Secret holds the jar in base64. */
const MOST = 180 * 1024;
const JAVA_11 = 55;

/** The JDK on the PATH and those beside it that are new enough: by version the folder. */
function jdks(): Map<string, string> {
  const javac = findCommand("javac");
  assert.ok(javac, "there is no javac on the PATH: install a JDK of 17 or newer");
  const home = path.resolve(realpathSync(javac), "../..");
  const found = new Map<string, string>();
  for (const name of readdirSync(path.dirname(home))) {
    const folder = path.join(path.dirname(home), name);
    if (!existsSync(path.join(folder, "bin/javac")) || !existsSync(path.join(folder, "release"))) continue;
    const version = /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(path.join(folder, "release"), "utf8"))?.[1];
    if (version !== undefined && parseInt(version, 10) >= 17) found.set(version, folder);
  }
  return found;
}

describe("the agent's jar", function () {
  this.timeout(600_000);

  for (const [version, home] of jdks()) {
    it(`is what its sources come to with JDK ${version}`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "agent-"));
      try {
        for (const part of ["pom.xml", "src/main"]) {
          cpSync(path.join(agent, part), path.join(folder, part), { recursive: true });
        }
        // Whoever builds it lives in another time zone.
        const env = { JAVA_HOME: home, TZ: "Asia/Kathmandu" };
        await execa("mvn", ["-q", "-B", "-ntp", "package"], { cwd: folder, env });
        assert.ok(
          readFileSync(path.join(folder, "agent.jar")).equals(readFileSync(path.join(agent, "agent.jar"))),
          "agent/agent.jar is not what its sources come to. Make it again (cd agent; mvn package), and commit it.",
        );
        const classes = path.join(folder, "target/classes");
        for (const file of readdirSync(classes, { recursive: true, encoding: "utf8" })) {
          if (!file.endsWith(".class")) continue;
          assert.equal(readFileSync(path.join(classes, file)).readUInt16BE(6), JAVA_11, file);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("fits into an object that kubectl applies", () => {
    const { length } = readFileSync(path.join(agent, "agent.jar"));
    assert.ok(length <= MOST, `it has ${length} bytes, and ${MOST} are the most`);
  });
});
