import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation";
import { execa } from "execa";
import { stagePackage } from "../../local/package/stage";
import { engineFixture } from "../support/engine";
import { projectDir } from "../support/project";
import { needsNode, TestStack } from "./support";

/**
 * What a user sees of an upgrade of this package: a project with the package of the previous release, then with this one. The previous release is the newest tag, or what
 * FLINK_KUBERNETES_TEST_FROM_PACKAGE names: a tarball of `npm run pack`, or any revision of this repository.
 */
describe("a stack that the previous release deployed", function () {
  this.timeout(900_000);
  let scratch: string | undefined;
  let stack: TestStack;
  let previous: string;
  const values = { image: process.env.FLINK_KUBERNETES_TEST_IMAGE };

  before(async function () {
    needsNode(this);
    const found = await previousPackage();
    if (found === undefined) {
      console.log(
        "    skipped: there is no release yet, and FLINK_KUBERNETES_TEST_FROM_PACKAGE names nothing to come from",
      );
      return this.skip();
    }
    previous = found;
    scratch = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-upgrade-"));
    const project = path.join(scratch, "project");
    cpSync(engineFixture("upgrade"), project, { recursive: true });
    // Above the project: what npm would have installed beside the package.
    symlinkSync(path.join(projectDir, "node_modules"), path.join(scratch, "node_modules"));
    stack = new TestStack("engine-test-upgrade", project);
  });
  after("take it down", async () => {
    if (!scratch) return;
    await stack.down();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** The package in the project's node_modules, instead of the one that is there. */
  async function install(bring: (folder: string) => Promise<void>): Promise<void> {
    const folder = path.join(stack.program, "node_modules", "flink-kubernetes");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await bring(folder);
  }

  it("is brought up by that release's package", async () => {
    await install((folder) => unpack(previous, folder, scratch!));
    const { outputs } = await stack.up(values);
    assert.equal(outputs.phase, "running");
  });

  it("previews with this package: nothing is replaced or deleted", async () => {
    await install((folder) => stagePackage(projectDir, "components", folder));
    await stack.preview(values);
    assert.ok(stack.steps.length > 10, `${stack.steps.length} resources`);
    assert.deepEqual(stack.steps.filter(isLost).map(describeStep), []);
  });

  it("is brought up by this package, and its job runs", async () => {
    const { outputs } = await stack.up(values);
    assert.equal(outputs.phase, "running");
  });
});

async function previousPackage(): Promise<string | undefined> {
  const named = process.env.FLINK_KUBERNETES_TEST_FROM_PACKAGE;
  if (named) return named;
  const sorted = ["-c", "versionsort.suffix=-", "tag", "--list", "v*", "--sort=-version:refname"];
  const { stdout } = await execa("git", sorted, { cwd: projectDir });
  const [newest] = stdout.split("\n");
  // The tag's own tree is the plugin; the sources are in the commit before it.
  return newest ? `${newest}^` : undefined;
}

/** Puts the package of a tarball or a revision into a folder. */
async function unpack(from: string, folder: string, scratch: string): Promise<void> {
  if (existsSync(from)) {
    await execa("tar", ["-xzf", from, "-C", folder, "--strip-components=1"]);
    return;
  }
  const sources = mkdtempSync(path.join(scratch, "sources-"));
  await execa("git", ["archive", "--output", `${sources}.tar`, from], { cwd: projectDir });
  await execa("tar", ["-xf", `${sources}.tar`, "-C", sources]);
  symlinkSync(path.join(projectDir, "node_modules"), path.join(sources, "node_modules"));
  await stagePackage(sources, "components", folder);
}

/** Whether a step takes something away that a user would miss. */
function isLost({ op, type, old, new: wanted }: StepEventMetadata): boolean {
  if (["same", "create", "update", "read", "refresh"].includes(op)) return false;
  const name = (inputs: unknown) => (inputs as { metadata?: { name?: string } } | undefined)?.metadata?.name;
  // An immutable ConfigMap is named by its content, and its successor is there before it goes; a Job of the same name is the same revision of a Flink job, and ends at once.
  if (type.endsWith(":ConfigMap")) return old?.inputs.immutable !== true;
  if (type.endsWith(":Job")) return name(old?.inputs) !== name(wanted?.inputs);
  return true;
}

function describeStep({ op, urn, keys = [] }: StepEventMetadata): string {
  const [, , , name] = urn.split("::");
  return `${op} ${name}${keys.length > 0 ? `: another ${keys.join(", ")}` : ""}`;
}
