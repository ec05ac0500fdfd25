import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { execa } from "execa";
import { projectDir } from "../../support/project";

/** Each mistake: one clear message with what to do, exit code not 0, nothing applied. */
describe("what the commands say of bad input", function () {
  this.timeout(120_000);
  let folder: string;
  const stackFiles: string[] = [];
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-input-"))));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const file of stackFiles) rmSync(file, { force: true });
  });

  const run = async (args: string[], env: Record<string, string> = {}) => {
    const result = await execa("node", ["local/bootstrap.mjs", ...args], {
      cwd: projectDir,
      reject: false,
      env: { FLINK_KUBERNETES_CACHE: folder, ...env },
    });
    assert.notEqual(result.exitCode, 0, "exit code");
    assert.doesNotMatch(result.stderr, /^\s+at /m, "no stack trace");
    return result.stderr + result.stdout;
  };

  /** A stack file beside the others, for this test alone; git ignores it. */
  const stackWith = (name: string, yaml: string): string => {
    const file = path.join(projectDir, `Pulumi.${name}.yaml`);
    stackFiles.push(file);
    writeFileSync(file, yaml);
    return name;
  };

  it("an unknown command", async () => {
    assert.match(await run(["stat"]), /no command "stat"[^]*npm start/);
  });

  it("an unknown option", async () => {
    assert.match(await run(["start", "--contxt", "x"]), /Unknown option '--contxt'/);
  });

  it("a stack that does not exist, with those that do", async () => {
    assert.match(await run(["start", "--stack", "nope"]), /no stack "nope"[^]*autoscaled, dev, prod/);
  });

  it("a stack to take down that does not exist: the node is not taken for it", async () => {
    assert.match(await run(["down", "--stack", "nope"]), /no stack "nope"[^]*autoscaled, dev, prod/);
  });

  it("an engine that does not exist", async () => {
    assert.match(await run(["preview", "--engine", "terraform"]), /--engine terraform: write one of pulumi/);
  });

  it("a stack file that is not YAML", async () => {
    const stack = stackWith("test-syntax", "config: [\n");
    assert.match(await run(["render", "--stack", stack]), /Pulumi\.test-syntax\.yaml is not YAML/);
  });

  it("a line of a file that is not YAML is not printed: it may hold a secret", async () => {
    for (const line of ["a: s3cr3t: b", "a: *s3cr3t", "a: [s3cr3t"]) {
      const stack = stackWith("test-syntax", `config:\n  ${line}\n`);
      const said = await run(["render", "--stack", stack]);
      assert.match(said, /is not YAML: (line [23], column \d+ cannot be read|an alias has no anchor)/);
      assert.doesNotMatch(said, /s3cr3t/);
    }
  });

  for (const command of ["render", "check", "preview"]) {
    it(`a secret where its reference belongs is not printed: ${command}`, async () => {
      const stack = stackWith(
        "test-secret",
        `config:
  flink-kubernetes:cluster:
    name: clicks
    flinkVersion: 2.2.1
    taskManager: { memory: 4g }
    storage: { directory: s3://a/b, s3: { accessKey: AKIA, secretKey: s3cr3t } }
    config: { s3.secret-key: [s3cr3t] }
`,
      );
      const said = await run([command, "--stack", stack]);
      assert.match(said, /storage\.s3\.secretKey = \(not shown/);
      assert.doesNotMatch(said, /s3cr3t/);
    });
  }

  it("encrypted values in a stack to render, with advice that leads to YAML", async () => {
    const stack = stackWith(
      "test-secure",
      `config:
  flink-kubernetes:cluster: { name: clicks, flinkVersion: 2.2.1 }
  flink-kubernetes:secretConfig: { s3.secret-key: { secure: AAAB } }
`,
    );
    const out = path.join(folder, "out");
    const [, advised] = /(render --stack \S+ --out) FOLDER/.exec(await run(["render", "--stack", stack]))!;
    const args = [...advised!.split(" "), out];
    const [reference] = /--secret-ref \S+\/[a-z-]+/.exec(await run(args))!;
    const { exitCode } = await execa("node", ["local/bootstrap.mjs", ...args, ...reference.split(" ")], {
      cwd: projectDir,
      reject: false,
    });
    assert.equal(exitCode, 0);
  });

  it("one bad cluster and two bad jobs, all of them in one message", async () => {
    const stack = stackWith(
      "test-mistakes",
      `config:
  flink-kubernetes:cluster:
    name: hello
    flinkVersion: "1.17.0"
    taskManager: { slots: 0, memroy: 2g }
  flink-kubernetes:jobs:
    - { name: first, jar: relative.jar }
    - { name: Second, jar: /opt/a.jar, parallelism: 0 }
  flink-kubernetes:jbos: []
`,
    );
    const text = await run(["start", "--stack", stack]);
    for (const said of [
      /flinkVersion = "1\.17\.0"/,
      /taskManager\.slots = 0/,
      /memroy[^]*memory/,
      /jar = "relative\.jar"/,
      /Second/,
      /parallelism = 0/,
      /flink-kubernetes:jbos[^]*flink-kubernetes:jobs/,
    ]) {
      assert.match(text, said);
    }
  });

  it("a context that does not exist, with those that do", async () => {
    const kubeconfig = path.join(folder, "kubeconfig");
    writeFileSync(kubeconfig, kubeconfigOf("https://127.0.0.1:1"));
    const text = await run(["start", "--stack", "prod", "--context", "nowhere"], { KUBECONFIG: kubeconfig });
    assert.match(text, /no context "nowhere"[^]*somewhere/);
  });

  it("a context whose cluster does not answer", async () => {
    const kubeconfig = path.join(folder, "kubeconfig");
    writeFileSync(kubeconfig, kubeconfigOf("https://127.0.0.1:1"));
    const text = await run(["start", "--stack", "prod", "--context", "somewhere"], {
      KUBECONFIG: kubeconfig,
    });
    assert.match(text, /"somewhere" \(https:\/\/127\.0\.0\.1:1\) does not answer/);
  });

  it("an image that only the local node has, on another cluster", async () => {
    assert.match(await run(["start", "--context", "x"]), /image that only the local node has[^]*Dockerfile/);
  });
});

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "somewhere",
    contexts: [{ name: "somewhere", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: {} }],
  });
}
