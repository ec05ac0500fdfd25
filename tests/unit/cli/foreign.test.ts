import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { parseAllDocuments } from "yaml";
import { type ForeignProject, install, type Installation } from "../../support/foreign";

const cluster = (memory: string) => `{
  flinkVersion: "2.2.1",
  taskManager: { memory: "${memory}", slots: 2, replicas: 2 },
}`;
const job = `{ cluster: cluster.connection, jar: "/opt/flink/usrlib/totals.jar", upgradeMode: "stateless" }`;

/** As `pulumi new kubernetes-typescript` makes it, with the components. */
const template = {
  "Pulumi.yaml": `name: shop
description: A minimal Kubernetes TypeScript Pulumi program
runtime:
  name: nodejs
  options:
    packagemanager: npm
config:
  pulumi:tags:
    value:
      pulumi:template: kubernetes-typescript
`,
  "package.json": `{ "name": "shop", "main": "index.ts", "devDependencies": { "typescript": "^5.0.0" } }`,
  "tsconfig.json": `{
  "compilerOptions": {
    "strict": true, "outDir": "bin", "target": "es2020", "module": "commonjs", "moduleResolution": "node", "sourceMap": true,
    "experimentalDecorators": true, "pretty": true, "noFallthroughCasesInSwitch": true, "noImplicitReturns": true,
    "forceConsistentCasingInFileNames": true, "skipLibCheck": true
  },
  "files": ["index.ts"]
}`,
};
const typescript = (memory: string) => `import * as k8s from "@pulumi/kubernetes";
import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const appLabels = { app: "nginx" };
const deployment = new k8s.apps.v1.Deployment("nginx", {
  spec: {
    selector: { matchLabels: appLabels },
    replicas: 1,
    template: { metadata: { labels: appLabels }, spec: { containers: [{ name: "nginx", image: "nginx" }] } },
  },
});
const cluster = new FlinkCluster("orders", ${cluster(memory)});
new FlinkJob("totals", ${job});
export const name = deployment.metadata.name;
`;

const esm = (memory: string) => `import { FlinkCluster, FlinkJob } from "flink-kubernetes";

const settings = await Promise.resolve(${cluster(memory)});
const cluster = new FlinkCluster("orders", settings);
new FlinkJob("totals", ${job});
export const namespace = cluster.namespace;
`;

const javascript = (memory: string) => `"use strict";
const { FlinkCluster, FlinkJob } = require("flink-kubernetes");

const cluster = new FlinkCluster("orders", ${cluster(memory)});
new FlinkJob("totals", ${job});
exports.namespace = cluster.namespace;
`;

const others = (memory: string) => `"use strict";
const pulumi = require("@pulumi/pulumi");
const { FlinkCluster, FlinkJob } = require("flink-kubernetes");

class Bucket extends pulumi.CustomResource {
  constructor(name, args) {
    super("aws:s3/bucket:Bucket", name, { arn: undefined, ...args });
  }
}
class Eks extends pulumi.ComponentResource {
  constructor(name) {
    super("eks:index:Cluster", name, {}, {}, true);
  }
}

const password = new pulumi.Config().requireSecret("password");
const platform = new pulumi.StackReference("acme/platform/prod");
const bucket = new Bucket("state", { tags: { password }, source: new pulumi.asset.StringAsset("content") });
new Eks("kubernetes");
const account = pulumi.runtime.invokeOutput("aws:index/getCallerIdentity:getCallerIdentity", {});
const cluster = new FlinkCluster("orders", ${cluster(memory)});
new FlinkJob("totals", {
  ...${job},
  arguments: ["--bucket", bucket.arn, "--zone", platform.requireOutput("zone"), "--account", account.apply((it) => it.accountId)],
});
exports.bucket = bucket.arn;
`;

/** Five programs of other people. \`in\` is where the command is called. */
const projects: Record<
  string,
  { files: (memory: string) => Record<string, string>; in?: string; set?: (project: ForeignProject) => void }
> = {
  "plain TypeScript": { files: (memory) => ({ ...template, "index.ts": typescript(memory) }) },
  "an ES module": {
    files: (memory) => ({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "Pulumi.prod.yaml": "config:\n  shop:size: big\n",
      "package.json": `{ "name": "shop", "type": "module", "main": "index.ts" }`,
      "tsconfig.json": `{ "compilerOptions": { "strict": true, "module": "nodenext", "moduleResolution": "nodenext", "target": "es2022", "skipLibCheck": true, "types": ["node"] } }`,
      "index.ts": esm(memory),
    }),
  },
  "a monorepo with workspaces": {
    in: "packages/infra/src",
    files: (memory) => ({
      "package.json": `{ "name": "acme", "private": true, "workspaces": ["packages/*"] }`,
      ".gitignore": "node_modules/\n",
      "packages/sizes/package.json": `{ "name": "@acme/sizes", "main": "index.js" }`,
      "packages/sizes/index.js": `exports.settings = ${cluster(memory)};\n`,
      "packages/infra/Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: src\nstackConfigDir: stacks\n",
      "packages/infra/stacks/Pulumi.prod.yaml": "config: {}\n",
      "packages/infra/package.json": `{ "name": "@acme/infra", "dependencies": { "@acme/sizes": "1" } }`,
      "packages/infra/src/index.js": `const { FlinkCluster, FlinkJob } = require("flink-kubernetes");
const { settings } = require("@acme/sizes");
const cluster = new FlinkCluster("orders", settings);
new FlinkJob("totals", ${job});
`,
    }),
    set({ folder }) {
      mkdirSync(path.join(folder, "node_modules/@acme"), { recursive: true });
      symlinkSync("../../packages/sizes", path.join(folder, "node_modules/@acme/sizes"));
    },
  },
  JavaScript: {
    files: (memory) => ({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "package.json": `{ "name": "shop" }`,
      "index.js": javascript(memory),
    }),
  },
  "stack references, secrets and other providers": {
    files: (memory) => ({
      "Pulumi.yaml": "name: shop\nruntime: { name: nodejs, options: { typescript: false } }\n",
      "Pulumi.prod.yaml": "encryptionsalt: v1:abc\nconfig:\n  shop:password:\n    secure: v1:c2VjcmV0\n",
      "package.json": `{ "name": "shop", "main": "index.js" }`,
      "index.js": others(memory),
    }),
  },
};

interface KubernetesDocument {
  kind: string;
  metadata: { name: string };
}

function objectsOf(yaml: string): string[] {
  return parseAllDocuments(yaml).map((document) => {
    const { kind, metadata } = document.toJS() as KubernetesDocument;
    return `${kind} ${metadata.name}`;
  });
}

describe("the published command in somebody else's project", function () {
  this.timeout(1_200_000);
  let installation: Installation;
  before(async () => (installation = await install()));
  after(() => installation.remove());

  for (const [name, { files, set, ...place }] of Object.entries(projects)) {
    describe(name, () => {
      let project: ForeignProject;
      const run = (...args: string[]) => project.run(args, place);
      const isOthers = name.startsWith("stack references");

      before(async () => {
        project = installation.project(name.replaceAll(/\W/g, "-"), files("4g"));
        set?.(project);
        await project.commit();
      });

      it("render writes what the program makes", async () => {
        const args = isOthers ? ["--out", path.join(project.folder, "out")] : [];
        const { exitCode, stdout, stderr } = await run("render", ...args);
        if (isOthers) {
          // Nothing of it is made up: a file would have to say what nobody knows.
          assert.equal(exitCode, 1, stdout);
          for (const said of [
            /Job [^\n]* cannot be known without a cluster or the Pulumi engine/,
            /resources of the provider aws are left alone[^\n]*: Bucket state/,
            /remote components run in a plugin/,
            /--stack-output acme\/platform\/prod=FILE/,
            /aws:index\/getCallerIdentity:getCallerIdentity is a call to a provider's plugin/,
          ])
            assert.match(stderr, said);
          assert.equal(existsSync(path.join(project.folder, "out")), false);
          return;
        }
        assert.equal(exitCode, 0, stderr);
        const objects = objectsOf(stdout);
        assert.ok(objects.includes("Deployment orders-jobmanager"), objects.join("\n"));
        assert.ok(objects.some((object) => object.startsWith("Job orders--totals-")));
        if (name === "plain TypeScript")
          assert.ok(objects.some((object) => object.startsWith("Deployment nginx-")));
      });

      it("check says that it is well formed, and what is not known", async () => {
        const { exitCode, stdout, stderr } = await run("check");
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout + stderr, /Stack (dev|prod) is well formed/);
        const notes = /^note: /m.test(stderr);
        assert.equal(notes, isOthers, stderr);
      });

      it("preview says what a change does to the job, against the last commit", async () => {
        for (const [file, text] of Object.entries(files("6g"))) project.write(file, text);
        const report = path.join(project.folder, "report");
        const { exitCode, stdout, stderr } = await run("preview", "--out", report);
        assert.equal(exitCode, 0, stdout + stderr);
        assert.match(stdout, /TaskManager, each +.*4Gi.* → .*6Gi/);
        assert.match(stdout, /^ {2}totals: /m);
        assert.equal(/not complete: remote components/.test(stdout), isOthers, stdout);
        for (const written of ["report.md", "full.md", "report.html", "report.json"])
          assert.ok(statSync(path.join(report, written)).size > 500, written);
        assert.doesNotMatch(
          readFileSync(path.join(report, "report.html"), "utf8"),
          /<(script|link|img|iframe)\b/,
        );
      });
    });
  }

  it("runs on the Node of the machine, too", async () => {
    const PATH = (process.env.PATH ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
    const { stdout: node } = await execa("sh", ["-c", "command -v node"], { env: { PATH: PATH.join(":") } });
    const project = installation.project("other-node", projects.JavaScript!.files("4g"));
    const { exitCode, stdout, stderr } = await project.run(["check", "--json"], { node });
    assert.equal(exitCode, 0, stderr);
    const { format, refused, stack } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(
      { format, refused, stack },
      { format: "flink-kubernetes/check/1", refused: false, stack: "dev" },
    );
  });

  it("keeps the compiled code of the program's libraries, so that it starts sooner the next time", async () => {
    const project = installation.project("compiled", projects.JavaScript!.files("4g"));
    const env = { XDG_CACHE_HOME: path.join(project.folder, "cache"), NODE_COMPILE_CACHE: "" };
    const { exitCode, stderr } = await project.run(["render"], { env });
    assert.equal(exitCode, 0, stderr);
    assert.ok(existsSync(path.join(env.XDG_CACHE_HOME, "flink-kubernetes/node-compile-cache")));
  });

  it("shows help within 0.3 s of computing, for every command", async () => {
    const project = installation.project("help", { "a.txt": "" });
    const clock = path.join(project.folder, "clock.js");
    project.write(
      "clock.js",
      `process.on("exit", () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1e6); });`,
    );
    for (const args of [["--help"], ["render", "--help"], ["jobs", "pause", "--help"]]) {
      const ran = await project.run(args, { env: { NODE_OPTIONS: `--require ${clock}` } });
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.ok(Number(ran.stderr) < 0.3, `${args.join(" ")}: ${ran.stderr} s`);
    }
  });

  it("has the policy packs of flink-kubernetes-policies look at a stack", async () => {
    const project = installation.project("packs", projects.JavaScript!.files("4g"));
    const packs = ["--pack", "flink", "--pack", "kubernetes"];
    const { exitCode, stdout } = await project.run(["check", ...packs, "--format", "sarif"]);
    const { runs } = JSON.parse(stdout) as {
      runs: { tool: { driver: { name: string } }; results: object[] }[];
    };
    assert.deepEqual(runs.map(({ tool }) => tool.driver.name).sort(), [
      "flink-kubernetes-security",
      "flink-safety",
    ]);
    assert.ok(runs.some(({ results }) => results.length > 0));
    assert.equal(exitCode, 0, "no finding is mandatory");
  });

  it("refuses a program with a mistake, as JSON too, with exit code 1", async () => {
    const project = installation.project("mistake", projects.JavaScript!.files("4 apples"));
    const { exitCode, stdout } = await project.run(["check", "--json"]);
    assert.equal(exitCode, 1);
    const { refused, errors } = JSON.parse(stdout) as { refused: boolean; errors: { message: string }[] };
    assert.equal(refused, true);
    assert.match(errors.map(({ message }) => message).join("\n"), /taskManager\.memory = "4 apples"/);
  });

  it("says what to do in a folder without a project, for a language that it cannot run, and for a misspelt stack: exit code 2", async () => {
    const none = await installation.project("none", { "a.txt": "" }).run(["check"]);
    assert.deepEqual([none.exitCode, none.stdout], [2, ""]);
    assert.match(none.stderr, /no Pulumi project here[^]*--cwd/);
    const python = { "Pulumi.yaml": "name: shop\nruntime: python\n", "__main__.py": "" };
    const other = await installation.project("python", python).run(["check"]);
    assert.equal(other.exitCode, 2);
    assert.match(other.stderr, /language is python[^]*preview --output/);
    const stacks = { ...projects.JavaScript!.files("4g"), "Pulumi.prod.yaml": "" };
    const misspelt = await installation.project("stacks", stacks).run(["check", "--stack", "prdo"]);
    assert.equal(misspelt.exitCode, 2);
    assert.match(misspelt.stderr, /no stack "prdo"[^]*prod/);
  });
});
