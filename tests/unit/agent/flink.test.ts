import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import path from "node:path";
import { agentCommand, flinkLibraries } from "../submitter/agent";

/** The agent is compiled with the libraries of the oldest; classes that it uses might be others in those of the others. */
const versions = ["1.20.5", "2.0.2", "2.1.3", "2.2.1", "2.3.0"];

const prefix = "00112233aabbccdd";

/** What Flink writes last, in the form that every version reads: of the checkpoint or savepoint nothing but its number. */
function metadata(number: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32BE(0x4960672d, 0);
  bytes.writeUInt32BE(3, 4);
  bytes.writeBigUInt64BE(BigInt(number), 8);
  return bytes;
}

describe("the agent with the libraries of Flink", function () {
  this.timeout(600_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), "agent-flink-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function state(name: string, number: number): string {
    const place = path.join(folder, "store", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, "_metadata"), metadata(number));
    return `file:${place}`;
  }

  for (const version of versions) {
    it(`${version} looks into a store, and reads and writes JSON`, async () => {
      const classPath = await flinkLibraries(version);
      const found = [
        { path: state(`checkpoints/${prefix}0000000000000001/chk-7`, 7), number: 7, savepoint: false },
        {
          path: state("savepoints/job/20261130T060000Z-rev-t/savepoint-001122-a", 8),
          number: 8,
          savepoint: true,
        },
        { path: state("savepoints/savepoint-001122-b", 9), number: 9, savepoint: true },
      ];
      state("checkpoints/ffffffffffffffff0000000000000001/chk-9", 9);
      state("savepoints/other/20261130T060000Z-rev-t/savepoint-001122-c", 10);
      mkdirSync(path.join(folder, `store/checkpoints/${prefix}0000000000000001/chk-8`));
      const answer = path.join(folder, "answer");
      const [java, ...flags] = agentCommand("guard.sh", classPath).slice(0, -2);
      const store = `file://${folder}/store`;
      const plugins = path.join(folder, "plugins");
      mkdirSync(plugins);
      const { status, stderr } = spawnSync(
        java!,
        [
          ...flags.map((flag) => (flag === "-Xmx16m" ? "-Xmx96m" : flag)),
          "flink.kubernetes.agent.StoreLook",
          ...[answer, "list", `${store}/checkpoints`, `${store}/savepoints`, "job", prefix],
        ],
        { env: { FLINK_PLUGINS_DIR: plugins, TMPDIR: folder }, encoding: "utf8" },
      );
      const text = readFileSync(answer, "utf8");
      assert.equal(status, 0, text + stderr);
      const { states } = JSON.parse(text) as { states: { time: number }[] };
      assert.deepEqual(
        states.map(({ time, ...rest }) => ({ ...rest, dated: time > 0 })),
        found.map((each) => ({ ...each, dated: true })),
      );
    });
  }
});
