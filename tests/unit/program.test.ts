import assert from "node:assert/strict";
import { serve } from "../../recorder/host";
import { runProgram } from "../../recorder/program";
import type { Registration } from "../../recorder/registration";
import { readStack } from "../../cli/stack";
import { quickCompiler } from "../../local/quick-compiler";
import { projectDir } from "../support/project";

interface Run {
  exitCode: number;
  registrations: Registration[];
  errors: string[];
  outputs: Record<string, unknown>;
}

/** Runs a program as the engine's language host would, in a process of its own, and answers every registration with its inputs. */
async function run(
  config: Record<string, string>,
  main?: string,
  secretConfigKeys: string[] = [],
): Promise<Run> {
  const registrations: Registration[] = [];
  const host = await serve(
    { project: "flink-kubernetes", stack: "test" },
    {
      register: async (registration) => {
        registrations.push(registration);
        return {
          id: registration.custom ? `${registration.name}-id` : undefined,
          outputs: registration.inputs,
        };
      },
      read: async (read) => ({ id: read.id, outputs: {} }),
      invoke: (token) => {
        throw new Error(`the program calls ${token}`);
      },
    },
    () => undefined,
  );
  try {
    const exitCode = await runProgram(
      {
        projectDir,
        main,
        project: "flink-kubernetes",
        stack: "test",
        config,
        secretConfigKeys,
        env: quickCompiler,
      },
      { monitor: host.address, engine: host.address, dryRun: true },
      new AbortController().signal,
      () => undefined,
    );
    const errors = host.errors().map(({ message }) => message);
    return { exitCode, registrations, errors, outputs: host.outputs().outputs };
  } finally {
    host.close();
  }
}

const kubernetes = ({ type }: Registration) => type.startsWith("kubernetes:");

describe("the program of this repository, run as it is", function () {
  this.timeout(180_000);
  let made: Run;

  before(async () => {
    made = await run(readStack(projectDir, "dev").config);
  });

  it("runs to its end and exports cluster and jobs", () => {
    assert.deepEqual(made.errors, []);
    assert.equal(made.exitCode, 0);
    assert.deepEqual(Object.keys(made.outputs).sort(), [
      "jobManagerMemory",
      "jobs",
      "namespace",
      "restUrl",
      "taskManagerMemory",
    ]);
    assert.equal(made.outputs.namespace, "flink-dev");
  });

  it("makes one cluster and one job, and every other resource is a child of one of them, named after it", () => {
    const components = made.registrations.filter(
      ({ custom, type }) => !custom && type.startsWith("flink-kubernetes:"),
    );
    assert.deepEqual(components.map(({ type, name }) => `${type} ${name}`).sort(), [
      "flink-kubernetes:index:FlinkCluster hello",
      "flink-kubernetes:index:FlinkJob hello-world",
    ]);
    const children = made.registrations.filter(({ custom }) => custom);
    assert.ok(children.length >= 18, String(children.length));
    for (const child of children) {
      const parent = components.find(({ urn }) => urn === child.parent);
      assert.ok(parent, `${child.urn} has a component as its parent`);
      assert.ok(child.name.startsWith(`${parent.name}-`), child.name);
    }
  });

  it("gives every object an explicit name, in the stack's namespace, and waits for the namespace", () => {
    const objects = made.registrations.filter(kubernetes);
    const names = objects.map(({ type, inputs }) => `${type} ${(inputs.metadata as { name: string }).name}`);
    assert.equal(new Set(names).size, objects.length);
    const byUrn = new Map(made.registrations.map((registration) => [registration.urn, registration]));
    const waitsFor = (one: Registration, type: string, seen = new Set<string>()): boolean =>
      one.dependencies.some((urn) => {
        if (seen.has(urn)) return false;
        seen.add(urn);
        const other = byUrn.get(urn);
        return other !== undefined && (other.type === type || waitsFor(other, type, seen));
      });
    for (const object of objects.filter(({ type }) => type !== "kubernetes:core/v1:Namespace")) {
      assert.equal((object.inputs.metadata as { namespace: string }).namespace, "flink-dev", object.urn);
      assert.ok(waitsFor(object, "kubernetes:core/v1:Namespace"), object.urn);
    }
    const [submission] = objects.filter(({ urn }) => /batch\/v1:Job::.*-submission$/.test(urn));
    assert.ok(submission && waitsFor(submission, "kubernetes:apps/v1:Deployment"));
  });

  it("registers everything after what it depends on", () => {
    const seen = new Set<string>();
    for (const { urn, dependencies } of made.registrations) {
      for (const dependency of dependencies) assert.ok(seen.has(dependency), `${urn} after ${dependency}`);
      seen.add(urn);
    }
  });

  it("ends with every mistake in the stack's configuration, in one error, and has made nothing", async () => {
    const { exitCode, errors, registrations } = await run({
      "flink-kubernetes:cluster": JSON.stringify({ name: "Orders", flinkVersion: "3.0.0", taskManger: {} }),
      "flink-kubernetes:jobs": JSON.stringify([{ name: "a" }, { name: "b", jar: "/x.jar", parallelism: 0 }]),
      "flink-kubernetes:clutser": "{}",
    });
    assert.notEqual(exitCode, 0);
    assert.equal(errors.length, 1);
    for (const path of [
      "cluster.name",
      "cluster.flinkVersion",
      "cluster.taskManger",
      "jobs[0].jar",
      "jobs[1].parallelism",
      "clutser",
    ]) {
      assert.ok(errors[0].includes(`- flink-kubernetes:${path}`), `${path} in ${errors[0]}`);
    }
    assert.deepEqual(registrations.filter(kubernetes), []);
  });
});

describe("a program with mistakes that imports the components", function () {
  this.timeout(180_000);

  it("ends with one error that lists all of them, and an exit code that is not 0", async () => {
    const { exitCode, errors, registrations } = await run({}, "tests/fixtures/program/mistakes.ts");
    assert.notEqual(exitCode, 0);
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    const [text] = errors;
    assert.match(text, /^4 problems in the arguments of the program:/);
    for (const line of [
      'FlinkCluster "bad":',
      "- taskManager.slots = 0",
      '- taskManager.memory = "300m"',
      "Fix: set taskManager.memory to 982m or more",
      'FlinkJob "no-jar":',
      "- jar",
      'FlinkJob "Bad_Name":',
      '- name = "Bad_Name"',
    ]) {
      assert.ok(text.includes(line), `${line} in ${text}`);
    }
    assert.doesNotMatch(text, /at .*\.ts:\d+/, "no stack trace");
    // Neither the bad cluster nor anything that depends on it.
    const made = registrations.filter(kubernetes).map(({ name }) => name);
    assert.ok(
      made.every((name) => name.startsWith("good-")),
      made.join(),
    );
  });

  it("tells what a job's cluster has to say in the same list, also when something is wrong with the cluster", async () => {
    const { exitCode, errors, registrations } = await run({}, "tests/fixtures/program/on-a-cluster.ts");
    assert.notEqual(exitCode, 0);
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    const [text] = errors;
    assert.match(text, /^6 problems in the arguments of the program:/);
    for (const said of [
      /"bad":\n *- autoscaling\n *this must be an object that is known while the program runs, not an Output/,
      /- flinkVersion = "2\.2"/,
      /"on-good":\n *- retainLedger = true/,
      /"on-bad":\n *- config\["heartbeat\.interval"\]/,
      /- config\["execution\.checkpointing\.interval"\] = "60"/,
      /"whole":\n *- cluster\n *this is the FlinkCluster itself.*\n *Fix: pass its `connection`/,
    ])
      assert.match(text, said);
    const made = registrations.filter(kubernetes).map(({ name }) => name);
    assert.ok(
      made.every((name) => name.startsWith("good-")),
      made.join(),
    );
  });

  it("tells what only later values show as a list too, first and alone", async () => {
    const { exitCode, errors } = await run({}, "tests/fixtures/program/late-values.ts");
    assert.notEqual(exitCode, 0);
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    assert.match(
      errors[0],
      /^1 problem in the arguments of the program:\n *FlinkJob "later":\n *- parallelism/,
    );
    assert.doesNotMatch(errors[0], /error serializing/);
  });

  it("does so too when its components are made later, by an asynchronous function", async () => {
    const { exitCode, errors } = await run({}, "tests/fixtures/program/late.ts");
    assert.notEqual(exitCode, 0);
    assert.match(errors.join("\n"), /FlinkCluster "late":\n *- flinkVersion = "0\.1\.0"/);
  });
});
