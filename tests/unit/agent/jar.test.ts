import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { agent, jdks, maven } from "./maven";

/** `kubectl apply` keeps a copy of an object in an annotation of at most 262,144 bytes, and a Secret holds the jar in base64. */
const MOST = 180 * 1024;
const JAVA_11 = 55;

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
        await maven(folder, ["package"], { env });
        assert.ok(
          readFileSync(path.join(folder, "agent.jar")).equals(readFileSync(path.join(agent, "agent.jar"))),
          "agent/agent.jar is not what its sources come to. Make it again (cd agent; mvn package -DskipTests), and commit it.",
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
