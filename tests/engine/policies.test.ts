import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { engineDown, type EngineOptions, enginePreview, engineUp } from "../../local/engine";
import { openStack } from "../../local/engine/workspace";
import { buildPacks } from "../../local/policies/build";
import { packFlags } from "../../local/policies/flags";
import type { Pack } from "../../local/policies/packs";
import type { PackConfig } from "../../policies/testing";
import { engineOrSkip, objectsIn, projectDir, recorder, TemporaryCache } from "./support";

const namespace = "engine-test-policies";
const rule = "pss-host-namespaces";

/** The packs as the engine runs them: what they say decides what it does. */
describe("policy packs and the Pulumi engine", function () {
  this.timeout(300_000);
  let cache: TemporaryCache;
  let options: Omit<EngineOptions, "config" | "packs">;
  let bin: string;

  before(async function () {
    const { engine, kubeconfig } = await engineOrSkip(this);
    cache = new TemporaryCache();
    const fixture = path.join(projectDir, "tests", "fixtures", "engine", "policies");
    const { signal } = new AbortController();
    options = { engine, kubeconfig, signal, projectDir: fixture, stack: "test" };
    bin = await buildPacks(projectDir);
  });
  after(async () => {
    if (options) await engineDown(options);
    cache?.remove();
  });

  const packs = (config: PackConfig): Pack[] => [
    // Nothing but what the test is about.
    { name: "kubernetes", folder: path.join(bin, "kubernetes"), config: { all: "disabled", ...config } },
    { name: "flink", folder: path.join(bin, "flink"), config: {} },
  ];
  const wants = (annotations: Record<string, string> = {}) => ({
    "policies:hostNetwork": "true",
    "policies:annotations": JSON.stringify(annotations),
  });
  const given = (config: PackConfig, program: Record<string, string> = wants()) => ({
    ...options,
    config: program,
    packs: packs(config),
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
    const strict = given({ [rule]: "mandatory" });
    const { lines, onEngineEvent } = heard();
    await assert.rejects(enginePreview({ ...strict, onEngineEvent }));
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, /^mandatory pss-host-namespaces: /);
    assert.match(lines[0]!, found);
    await assert.rejects(engineUp(strict));
    assert.deepEqual(await objectsIn(options.kubeconfig!, namespace), []);
  });

  it("an exemption with a reason and a day lets it pass until that day, and is told", async () => {
    const note = (until: string) =>
      wants({ [`flink-kubernetes/exempt.${rule}`]: `${until}: the node's agent` });
    const config: PackConfig = { [rule]: "mandatory", exemptions: "advisory" };
    const { lines, onEngineEvent } = heard();
    await enginePreview({ ...given(config, note("2999-12-31")), onEngineEvent });
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, /^advisory exemptions: .*exempted until 2999-12-31.*the node's agent/s);
    await assert.rejects(enginePreview(given(config, note("2020-01-01"))));
    await assert.rejects(
      enginePreview(given(config, wants({ [`flink-kubernetes/exempt.${rule}`]: "soon" }))),
    );
  });

  it("an advisory finding is told and stops nothing", async () => {
    const { lines, onEngineEvent } = heard();
    const { created } = await engineUp({ ...given({ [rule]: "advisory" }), onEngineEvent });
    assert.equal(created, 3);
    assert.ok(
      lines.length >= 1 && lines.every((line) => line.startsWith(`advisory ${rule}: `)),
      lines.join("\n"),
    );
    assert.match(lines[0]!, found);
  });

  it("analyses the state that is there, in the backend and as exported, and says the same", async function () {
    const { stack, folder } = await openStack(given({}));
    const state = path.join(folder, "exported.json");
    writeFileSync(state, JSON.stringify(await stack.exportStack()));
    const analyze = (config: PackConfig, source: string[]) =>
      execa(
        options.engine.cli,
        ["policy", "analyze", ...source, "--json", ...packFlags(packs(config), folder)],
        { cwd: folder, env: stack.workspace.envVars, reject: false, all: true },
      );
    for (const source of [
      ["--stack", stack.name],
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
    const lenient = await analyze({ [rule]: "advisory" }, ["--stack", stack.name]);
    assert.equal(lenient.exitCode, 0, lenient.all);
    assert.match(lenient.all, found);
  });

  it("a remediation changes what is sent, when it is configured", async () => {
    const inputs = async (level: "remediate" | "mandatory") => {
      const { steps, onEngineEvent } = recorder();
      const config = { "pss-capabilities-restricted": level };
      const run = enginePreview({ ...given(config, {}), onEngineEvent });
      if (level === "mandatory") await assert.rejects(run, "nothing is changed unless it is asked for");
      else await run;
      const step = [...steps.values()].find(({ type }) => type === "kubernetes:core/v1:PodTemplate");
      return JSON.stringify(step?.new?.inputs ?? {});
    };
    assert.match(await inputs("remediate"), /"capabilities":\{"drop":\["ALL"\]\}/);
    assert.doesNotMatch(await inputs("mandatory"), /"drop"/);
  });
});
