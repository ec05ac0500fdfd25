import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { checkJob, jobModel, type ResolvedJobArgs } from "../../../components/args/check-job";
import { checkOnCluster } from "../../../components/args/check-job-config";
import type { FlinkJobArgs } from "../../../components/args/job";
import { submissionJob } from "../../../components/kubernetes/submission";
import { connection, jobArgs } from "./connection";

const savepointDirectory = "s3://state/savepoints";

/** What is said of a job on a cluster of six slots that keeps savepoints. */
function check(args: Partial<FlinkJobArgs>, resolved: Partial<ResolvedJobArgs> = {}, cluster = {}) {
  const given = { ...jobArgs, ...args };
  const plain = { ...given, cluster: { ...connection, savepointDirectory, ...cluster }, ...resolved };
  return checkOnCluster(jobModel("count", plain as ResolvedJobArgs), given);
}

describe("FlinkJob: what its cluster makes of it", () => {
  it("says nothing of a job that fits", () => {
    const config = { "execution.checkpointing.interval": "10 s", "pipeline.max-parallelism": "720" };
    assert.deepEqual(check({ parallelism: 6, config }), { problems: [], warnings: [] });
  });

  it("refuses options that the cluster's Flink could not read, and warns of those it does not know", () => {
    const { problems, warnings } = check({
      config: {
        "execution.checkpointing.interval": "10 secnds",
        "execution.checkpointing.intervall": "10 s",
      },
    });
    assert.deepEqual(
      problems.map(({ path, value }) => [path, value]),
      [['config["execution.checkpointing.interval"]', "10 secnds"]],
    );
    assert.match(warnings[0].fix, /did you mean 'execution\.checkpointing\.interval'/);
  });

  it("shows no value that was an Output or whose name says that it is secret", () => {
    const values = { "execution.checkpointing.interval": "x1y2z3", "pipeline.auth-token.ttl": "x1y2z3" };
    const config = { ...values, "execution.checkpointing.interval": pulumi.secret("x1y2z3") };
    const { problems, warnings } = check({ config }, { config: values });
    assert.equal(problems.length, 1);
    assert.ok(!JSON.stringify([problems, warnings]).includes("x1y2z3"));
  });

  it("warns of a job that would lose its state, and refuses one that asks to keep it where that cannot be", () => {
    const none = { savepointDirectory: undefined };
    assert.match(check({}, {}, none).warnings[0].reason, /without the state of the previous one/);
    assert.match(check({ upgradeMode: "savepoint" }, {}, none).problems[0].fix, /`storage`/);
    assert.deepEqual(check({ upgradeMode: "stateless" }, {}, none), { problems: [], warnings: [] });
  });

  it("refuses to keep a ledger whose namespace goes, and says what keeps it", () => {
    const [problem] = check({ retainLedger: true }).problems;
    assert.equal(problem.path, "retainLedger");
    assert.match(problem.fix, /namespace\.create: false .* namespace\.retain: true/);
    assert.deepEqual(check({ retainLedger: true }, {}, { namespaceStays: true }).problems, []);
  });

  it("refuses to go on from the last checkpoint where none is kept", () => {
    const lastState = { upgradeMode: "lastState" } as const;
    const kept = { checkpointDirectory: "s3://state/checkpoints" };
    assert.deepEqual(check(lastState, {}, kept), { problems: [], warnings: [] });
    assert.match(check(lastState).problems[0].reason, /no durable directory for checkpoints/);
    const config = {
      "execution.checkpointing.externalized-checkpoint-retention": "DELETE_ON_CANCELLATION",
    };
    assert.match(check({ ...lastState, config }, {}, kept).problems[0].path, /retention/);
    const batch = { bounded: true, config: { "execution.runtime-mode": "BATCH" } };
    assert.match(check({ ...lastState, ...batch }, {}, kept).problems[0].reason, /does not take checkpoints/);
    assert.deepEqual(check(batch, {}, kept), { problems: [], warnings: [] });
  });

  it("warns of more parallelism than there are slots, and of key groups that do not divide", () => {
    assert.match(check({ parallelism: 7 }).warnings[0].reason, /at most 6 slots/);
    const { warnings } = check({ parallelism: 5, config: { "pipeline.max-parallelism": "128" } });
    assert.match(warnings[0].reason, /does not divide pipeline\.max-parallelism \(128\)/);
  });
});

describe("FlinkJob: what the submission pods are given besides", () => {
  const podOf = (submitter: FlinkJobArgs["submitter"]) =>
    submissionJob(jobModel("count", { ...(jobArgs as ResolvedJobArgs), submitter })).spec.template;

  it("variables, volumes, places to run, a patch", () => {
    const { spec } = podOf({
      env: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
      volumes: [{ name: "jars", persistentVolumeClaim: { claimName: "jars" } }],
      volumeMounts: [{ name: "jars", mountPath: "/jars" }],
      nodeSelector: { disk: "ssd" },
      podPatch: { spec: { dnsPolicy: "Default" } },
    });
    assert.deepEqual(spec.containers[0].env.at(-1), { name: "HTTPS_PROXY", value: "http://proxy:3128" });
    assert.deepEqual(spec.containers[0].volumeMounts.at(-1), { name: "jars", mountPath: "/jars" });
    assert.deepEqual((spec as { nodeSelector?: object }).nodeSelector, { disk: "ssd" });
    assert.equal((spec as { dnsPolicy?: string }).dnsPolicy, "Default");
  });

  it("sidecars of the kind that ends with the Job", () => {
    const { spec } = podOf({ sidecars: [{ name: "proxy", image: "envoy:1" }] });
    const [proxy] = (spec as { initContainers?: { name: string; restartPolicy: string }[] }).initContainers!;
    assert.deepEqual([proxy.name, proxy.restartPolicy], ["proxy", "Always"]);
    assert.equal(spec.containers.length, 1);
  });

  it("nothing that changes what is submitted, or how", () => {
    const said = (submitter: FlinkJobArgs["submitter"]) =>
      [...checkJob("count", { ...jobArgs, submitter }), ...check({ submitter }).problems]
        .map(({ path, reason }) => `${path}: ${reason}`)
        .join("\n");
    assert.match(said({ env: [{ name: "JAR", value: "/a.jar" }] }), /env\[0\]\.name: the submission sets/);
    assert.match(said({ extraJars: ["/a.jar"] }), /have no class path/);
    assert.match(said({ volumes: [{ name: "tmp", emptyDir: {} }] }), /volumes\[0\]\.name/);
    assert.match(
      said({ podPatch: { spec: { containers: [{ name: "submitter", command: ["true"] }] } } }),
      /submitter\.podPatch\.spec\.containers\[0\]\.command/,
    );
    assert.match(
      said({ env: [{ name: "A", value: pulumi.secret("x1y2z3") }] }),
      /could read the value of the Output/,
    );
  });
});
