import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { EngineOptions } from "../../local/engine";
import { openStack } from "../../local/engine/workspace";
import { buildPacks } from "../../local/policies/build";
import { configFiles } from "../../local/policies/flags";
import type { Pack } from "../../cli/policies/packs";
import type { PackConfig } from "../../policies/testing";
import { engineFixture, objectsIn } from "../support/engine";
import { projectDir } from "../support/project";
import { kubeconfig, needsNode, TestStack } from "./support";

const namespace = "engine-test-policies";
const rule = "pss-host-namespaces";

/** The packs as the engine runs them: what they say decides what it does. */
describe("policy packs and the Pulumi engine", function () {
  this.timeout(600_000);
  const stack = new TestStack(namespace, engineFixture("policies"));
  stack.previewsFirst = true;
  let bin: string;

  before(async function () {
    needsNode(this);
    bin = await buildPacks(projectDir);
  });
  after("take it down", async function () {
    if (kubeconfig !== "") await stack.down();
  });

  const packs = (config: PackConfig): Pack[] => [
    // Nothing but what the test is about.
    { name: "kubernetes", folder: path.join(bin, "kubernetes"), config: { all: "disabled", ...config } },
    { name: "flink", folder: path.join(bin, "flink"), config: {} },
  ];
  const wants = (annotations: Record<string, string> = {}) => ({
    hostNetwork: "true",
    annotations,
  });
  /** What an operation says of policies, a line each. */
  const heard = () => {
    const lines: string[] = [];
    const onEngineEvent: EngineOptions["onEngineEvent"] = ({ policyEvent: event }) => {
      if (event) lines.push(`${event.enforcementLevel} ${event.policyName}: ${event.message}`);
    };
    return { lines, onEngineEvent };
  };
  const found = /spec\.hostNetwork is true: expected false/;

  it("a mandatory finding ends the preview, and up applies nothing", async () => {
    const strict = packs({ [rule]: "mandatory" });
    const { lines, onEngineEvent } = heard();
    await assert.rejects(stack.preview(wants(), { packs: strict, onEngineEvent }));
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, /^mandatory pss-host-namespaces: /);
    assert.match(lines[0]!, found);
    await assert.rejects(stack.up(wants(), { packs: strict }), found);
    assert.deepEqual(await objectsIn(kubeconfig, namespace), []);
  });

  it("an exemption with a reason and a day lets it pass until that day, and is told", async () => {
    const note = (until: string) =>
      wants({ [`flink-kubernetes/exempt.${rule}`]: `${until}: the node's agent` });
    const config: PackConfig = { [rule]: "mandatory", exemptions: "advisory" };
    const { lines, onEngineEvent } = heard();
    await stack.preview(note("2999-12-31"), { packs: packs(config), onEngineEvent });
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, /^advisory exemptions: .*exempted until 2999-12-31.*the node's agent/s);
    await assert.rejects(stack.preview(note("2020-01-01"), { packs: packs(config) }));
    const soon = wants({ [`flink-kubernetes/exempt.${rule}`]: "soon" });
    await assert.rejects(stack.preview(soon, { packs: packs(config) }));
  });

  it("an advisory finding is told and stops nothing", async () => {
    const { lines, onEngineEvent } = heard();
    const { created } = await stack.up(wants(), {
      packs: packs({ [rule]: "advisory" }),
      onEngineEvent,
    });
    assert.equal(created, 3);
    assert.ok(
      lines.length >= 1 && lines.every((line) => line.startsWith(`advisory ${rule}: `)),
      lines.join("\n"),
    );
    assert.match(lines[0]!, found);
  });

  it("analyses the state that is there, in the backend and as exported, and says the same", async function () {
    const options = { ...(await stack.options()), packs: packs({}) };
    const opened = await openStack(options);
    const { folder } = opened;
    const state = path.join(folder, "exported.json");
    const flags = (config: PackConfig) => {
      const files = configFiles(packs(config));
      return opened.packs.flatMap((pack, index) => [
        "--policy-pack",
        pack,
        "--policy-pack-config",
        files[index]!,
      ]);
    };
    writeFileSync(state, JSON.stringify(await opened.stack.exportStack()));
    const analyze = (config: PackConfig, source: string[]) =>
      execa(options.engine.cli, ["policy", "analyze", ...source, "--json", ...flags(config)], {
        cwd: folder,
        env: opened.stack.workspace.envVars,
        reject: false,
        all: true,
      });
    for (const source of [
      ["--stack", opened.stack.name],
      ["--file", state],
    ]) {
      const strict = await analyze({ [rule]: "mandatory" }, source);
      if (/unknown (command|flag)/.test(strict.all)) {
        console.log(`        skipped: Pulumi ${options.engine.version} has no policy analyze ${source[0]}`);
        this.skip();
      }
      assert.notEqual(strict.exitCode, 0, source[0]);
      assert.match(strict.all, found, source[0]);
    }
    const lenient = await analyze({ [rule]: "advisory" }, ["--stack", opened.stack.name]);
    opened.close();
    assert.equal(lenient.exitCode, 0, lenient.all);
    assert.match(lenient.all, found);
  });

  it("a remediation changes what is sent, when it is configured", async () => {
    const inputs = async (level: "remediate" | "mandatory") => {
      const run = stack.preview({}, { packs: packs({ "pss-capabilities-restricted": level }) });
      if (level === "mandatory") await assert.rejects(run, "nothing is changed unless it is asked for");
      else await run;
      const step = stack.steps.find(({ type }) => type === "kubernetes:core/v1:PodTemplate");
      return JSON.stringify(step?.new?.inputs ?? {});
    };
    assert.match(await inputs("remediate"), /"capabilities":\{"drop":\["ALL"\]\}/);
    assert.doesNotMatch(await inputs("mandatory"), /"drop"/);
  });
});
