import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { deploy } from "../../local/deploy";
import { inventoryName } from "../../local/engine/inventory";
import { buildContext } from "../support/build";
import { configOf, engineFixture, objectsIn, testEngine } from "../support/engine";
import { projectDir } from "../support/project";
import { core, kubeconfig, needsNode, TestStack } from "./support";

const namespace = "engine-bad-state";
const values = { namespace, colour: "blue" };

describe("a stack whose state cannot be used", function () {
  this.timeout(600_000);
  let scratch: string;
  let sealed: TestStack | undefined;
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE;

  before(function () {
    needsNode(this);
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-bad-state-"));
  });
  afterEach(async () => {
    await sealed?.down();
    if (passphrase === undefined) delete process.env.PULUMI_CONFIG_PASSPHRASE;
    else process.env.PULUMI_CONFIG_PASSPHRASE = passphrase;
  });
  after(() => {
    if (scratch) fs.rmSync(scratch, { recursive: true, force: true });
  });

  const nothingThere = async () => assert.deepEqual(await objectsIn(kubeconfig, namespace), []);

  it("has an encrypted value in its file: nothing is done without its passphrase, or with a wrong one", async () => {
    const program = path.join(scratch, "project");
    fs.cpSync(engineFixture("small"), program, { recursive: true });
    fs.symlinkSync(path.join(projectDir, "node_modules"), path.join(program, "node_modules"));
    const { cli } = await testEngine();
    const pulumi = (...args: string[]) =>
      execa(cli, args, {
        cwd: program,
        env: { PULUMI_BACKEND_URL: `file://${scratch}`, PULUMI_CONFIG_PASSPHRASE: "right" },
      });
    await pulumi("stack", "init", "sealed");
    await pulumi("config", "set", "--secret", "colour", "blue");
    sealed = new TestStack(namespace, program, undefined, "sealed");
    sealed.previewsFirst = true;
    const stack = sealed;
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
    await assert.rejects(stack.up({ namespace }), {
      message: "Pulumi.sealed.yaml has values encrypted with a passphrase.",
      actions: ["Set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to it."],
    });
    process.env.PULUMI_CONFIG_PASSPHRASE = "wrong";
    await assert.rejects(stack.up({ namespace }), /incorrect passphrase/);
    await nothingThere();
    process.env.PULUMI_CONFIG_PASSPHRASE = "right";
    await stack.up({ namespace });
    const { data } = await core.readNamespacedConfigMap({ namespace, name: "sealed-palette-blue" });
    assert.deepEqual(data, { colour: "blue" });
  });

  it("is where nothing can be written: the message names the place", async () => {
    const file = path.join(scratch, "file");
    fs.writeFileSync(file, "");
    const stack = new TestStack(namespace, engineFixture("small"), undefined, "nowhere");
    stack.previewsFirst = true;
    await assert.rejects(stack.up(values, { states: file }), (error: Error) => {
      assert.match(error.message, /^Pulumi cannot open stack nowhere: .*ENOTDIR/);
      assert.ok(error.message.includes(file));
      return true;
    });
    await nothingThere();
    fs.rmSync(file);
  });

  it("is on a disk without room: the message says what to do, and with room it goes on", async () => {
    const disk = path.join(scratch, "disk");
    fs.mkdirSync(disk);
    await execa("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
    const filling = path.join(disk, "filling");
    const fill = () => {
      const { bavail, bsize } = fs.statfsSync(disk);
      fs.writeFileSync(filling, Buffer.alloc(bavail * bsize));
    };
    const stack = new TestStack(namespace, engineFixture("small"), undefined, "full");
    stack.previewsFirst = true;
    const states = path.join(disk, "states");
    try {
      fill();
      await assert.rejects(stack.up(values, { states }), (error: Error & { actions: string[] }) => {
        assert.match(error.message, /^Pulumi cannot open stack full: .*no space left on device/);
        assert.match(
          error.actions.join("\n"),
          /^Make room .*FLINK_KUBERNETES_STATE.* Nothing was changed\.$/,
        );
        return true;
      });
      await nothingThere();
      fs.rmSync(filling);

      const onEvent = ({ type, phase }: { type: string; phase?: string }) => {
        if (type === "phase" && phase === "apply") fill();
      };
      await assert.rejects(stack.up(values, { states, onEvent }), (error: Error & { actions: string[] }) => {
        assert.match(error.message, /^pulumi up failed:[^]*no space left on device/);
        assert.match(error.actions.join("\n"), /^Make room /m);
        return true;
      });
      fs.rmSync(filling);

      await stack.up(values, { states });
      const { data } = await core.readNamespacedConfigMap({ namespace, name: "full-palette-blue" });
      assert.deepEqual(data, { colour: "blue" });
      await stack.down({ states });
      await nothingThere();
    } finally {
      await execa("umount", [disk]);
    }
  });

  it("was brought up by an earlier version without an engine: that is told, and nothing is touched", async () => {
    const name = inventoryName("small", "old");
    await core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name } } });
    try {
      const projectDir = engineFixture("small");
      const config = configOf(projectDir, values);
      const settings = {
        projectDir,
        project: "small",
        stack: "old",
        config,
        secretConfigKeys: [],
        unknown: [],
      };
      await assert.rejects(
        deploy(await testEngine(), settings, { kubeconfig }, buildContext),
        new RegExp(`without the Pulumi engine.* ConfigMap default/${name}\\. Nothing was changed`),
      );
      await nothingThere();
    } finally {
      await core.deleteNamespacedConfigMap({ namespace: "default", name });
    }
  });
});
