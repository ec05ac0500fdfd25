import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { execa } from "execa";
import { FlinkApplication, FlinkCluster, FlinkJob } from "../../components/index";
import { projectDir } from "../support/project";
import { valueOf } from "./kubernetes/recorder";

/** The mocks of Pulumi's own documentation, and some that people write: nothing is generated, and objects may have no outputs. */
const mocks: Record<string, pulumi.runtime.Mocks> = {
  "that return the inputs": {
    newResource: ({ name, inputs }) => ({ id: `${name}_id`, state: inputs }),
    call: ({ inputs }) => inputs,
  },
  "that return nothing": { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) },
  "that know no ids": { newResource: ({ inputs }) => ({ id: undefined, state: inputs }), call: () => ({}) },
};

describe("under plain mocks of Pulumi", () => {
  for (const [what, plain] of Object.entries(mocks)) {
    for (const preview of [false, true]) {
      it(`the components work: ${what}${preview ? ", in a preview" : ""}`, async () => {
        const types: string[] = [];
        const newResource: pulumi.runtime.Mocks["newResource"] = (args) => {
          types.push(args.type);
          return plain.newResource(args);
        };
        await pulumi.runtime.setMocks({ ...plain, newResource }, "project", "stack", preview);
        const secrets = { "s3.secret-key": pulumi.secret("x") };
        const cluster = new FlinkCluster("clicks", { flinkVersion: "2.2.1", config: secrets });
        const job = new FlinkJob("one", {
          cluster: cluster.connection,
          jar: "/a.jar",
          upgradeMode: "stateless",
          arguments: [pulumi.secret("x")],
          savepoints: { schedule: "@daily" },
        });
        const application = new FlinkApplication("own", {
          flinkVersion: "2.2.1",
          jar: "/opt/a.jar",
          config: secrets,
          tls: { rest: { certManager: {} } },
        });
        await pulumi.runtime.disconnect();
        assert.ok(types.filter((type) => type === "kubernetes:apps/v1:Deployment").length >= 5);
        assert.ok(types.includes("kubernetes:batch/v1:CronJob"));
        const connection = await valueOf(cluster.connection);
        assert.equal(connection?.clusterName, "clicks");
        assert.match(connection.restartHash, /^[0-9a-f]{8}$/);
        assert.equal((await valueOf(application.namespace)) ?? "own", "own");
        assert.equal((await valueOf(job.jobId)) ?? "", "");
      });
    }
  }
});

describe("the page on unit tests", function () {
  this.timeout(60_000);

  it("shows a program and a test that passes, and fails when the program is another", async () => {
    const page = readFileSync(path.join(projectDir, "docs/unit-tests.md"), "utf8");
    const block = (fence: string) => new RegExp(`^\`\`\`${fence}\\n([^]*?)^\`\`\``, "m").exec(page)![1]!;
    const [, advised] = /^npx mocha (.*)$/m.exec(page)!;
    // Below the project, so that the package is found as in a project that has installed it.
    const folder = mkdtempSync(path.join(projectDir, "tests", ".page-"));
    const run = (program: string) => {
      writeFileSync(path.join(folder, "index.ts"), program);
      writeFileSync(path.join(folder, "index.test.ts"), block("typescript"));
      return execa(
        "node",
        [
          "--no-deprecation",
          path.join(projectDir, "node_modules/mocha/bin/mocha.js"),
          "--no-config",
          ...advised!.replace("ts-node/register", "ts-node/register/transpile-only").split(" "),
        ],
        {
          cwd: folder,
          reject: false,
          all: true,
          env: { TS_NODE_PROJECT: path.join(projectDir, "local/tsconfig.json") },
        },
      );
    };
    try {
      const right = await run(block("ts"));
      assert.equal(right.exitCode, 0, right.all);
      assert.match(right.all, /3 passing/);
      const other = await run(block("ts").replace("replicas: 3", "replicas: 2"));
      assert.notEqual(other.exitCode, 0);
      assert.match(other.all, /2 passing[^]*1 failing/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
