import assert from "node:assert/strict";
import { FlinkCluster } from "../../../components/cluster";
import type { FlinkJobArgs } from "../../../components/args/job";
import { checkJob, jobModel, type ResolvedJobArgs } from "../../../components/args/check-job";
import { checkOnCluster } from "../../../components/args/check-job-config";
import { FlinkJob } from "../../../components/job";
import { guardDeployment, guardRules } from "../../../components/kubernetes/guard";
import { selectorLabels } from "../../../components/names";
import { record, type Recorded } from "../kubernetes/recorder";
import { connection, jobArgs } from "./connection";

const model = (change: Partial<ResolvedJobArgs> = {}) =>
  jobModel("count", { cluster: connection, jar: "/opt/flink/usrlib/count.jar", ...change });
const podOf = (change: Partial<ResolvedJobArgs> = {}) => guardDeployment(model(change)).spec.template;

describe("FlinkJob: the guard", function () {
  this.timeout(60_000);

  it("may look at its own Deployment and the JobManager's, and read and write its ledger; nothing else", () => {
    assert.deepEqual(guardRules(connection, "count"), [
      {
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["orders--count-ledger"],
        verbs: ["get", "patch"],
      },
      {
        apiGroups: ["apps"],
        resources: ["deployments"],
        resourceNames: ["orders--count-guard", "orders-jobmanager"],
        verbs: ["get"],
      },
    ]);
    const env = podOf().spec.containers[0].env;
    assert.equal(env.find(({ name }) => name === "GUARD_NAME")?.value, "orders--count-guard");
  });

  it("is one pod, which never runs beside its successor, and is found by the cluster's policies", () => {
    const { spec } = guardDeployment(model());
    assert.equal(spec.replicas, 1);
    assert.deepEqual(spec.strategy, { type: "Recreate" });
    const { labels } = spec.template.metadata;
    for (const wanted of [spec.selector.matchLabels, selectorLabels("orders", "guard")]) {
      for (const [key, value] of Object.entries(wanted))
        assert.equal(labels[key as keyof typeof labels], value);
    }
    assert.equal(
      spec.selector.matchLabels["flink-kubernetes/job"],
      "count",
      "another job's guard is not its own",
    );
  });

  it("has more time to end than stopping the job may take, and its deletion more than that", async () => {
    const { recorded } = await record(() => new FlinkJob("count", { ...jobArgs, startTimeout: 400 }));
    const grace = podOf({ startTimeout: 400 }).spec.terminationGracePeriodSeconds;
    assert.ok(grace > 400);
    const deployment = recorded.find(
      ({ type, name }) => type.endsWith(":Deployment") && name === "count-guard",
    );
    assert.ok(Number(deployment?.deleteTimeout.replace(/s$/, "")) > grace, deployment?.deleteTimeout);
  });

  it("runs as the submission does, with its image, program and secrets, within the restricted standard", () => {
    const { spec } = podOf({ image: "shop/count:1", imagePullSecrets: ["registry"] });
    const [container] = spec.containers;
    assert.equal(container.image, "shop/count:1");
    assert.deepEqual(spec.imagePullSecrets, [{ name: "registry" }]);
    assert.equal(container.securityContext.allowPrivilegeEscalation, false);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    assert.deepEqual(container.resources.requests, {
      cpu: "5m",
      memory: "32Mi",
      "ephemeral-storage": "16Mi",
    });
  });

  it("is given what the submission is given, or what is said of it", () => {
    const submitter = {
      nodeSelector: { disk: "fast" },
      env: [{ name: "X", value: "1" }],
      podPatch: { spec: {} },
    };
    const same = podOf({ submitter });
    assert.deepEqual(same.spec.nodeSelector, { disk: "fast" });
    assert.ok(same.spec.containers[0].env.some(({ name }) => name === "X"));
    const other = podOf({ submitter, guardPod: { nodeSelector: { disk: "slow" } } });
    assert.deepEqual(other.spec.nodeSelector, { disk: "slow" });
    assert.ok(!other.spec.containers[0].env.some(({ name }) => name === "X"));
    const patched = podOf({ guardPod: { podPatch: { spec: { hostname: "guard" } } } });
    assert.equal((patched.spec as { hostname?: string }).hostname, "guard");
  });

  it("says what is wrong with its arguments", () => {
    const problems = (change: Partial<FlinkJobArgs>) => checkJob("count", { ...jobArgs, ...change });
    assert.deepEqual(
      problems({ guardPod: { extraJars: ["/x.jar"] }, guard: "no" as never }).map(({ path }) => path),
      ["guard", "guardPod.extraJars"],
    );
    const guardPod = { env: [{ name: "GUARD_NAME", value: "x" }] };
    const found = checkOnCluster(model({ guardPod }), { guardPod }).problems;
    assert.deepEqual(
      found.map(({ path }) => path),
      ["guardPod.env[0].name"],
    );
  });

  it("is not there where it is not wanted", async () => {
    const { recorded } = await record(() => new FlinkJob("count", { ...jobArgs, guard: false }));
    assert.deepEqual(
      recorded.filter(({ name }) => name.endsWith("-guard")),
      [],
    );
  });

  it("is deleted before everything that it needs to stop the job, and nothing waits for it", async () => {
    const { recorded } = await record(() => {
      const { connection: cluster } = new FlinkCluster("orders", {
        flinkVersion: "2.2.1",
        namespace: { name: "shop" },
        storage: { directory: "s3://bucket/flink" },
        highAvailability: {},
        tls: { rest: { certManager: {} } },
        config: { "s3.access-key": "x", "s3.secret-key": "y" },
      });
      return new FlinkJob("count", { ...jobArgs, cluster, arguments: ["a"] });
    });
    const byUrn = (urn: string) => recorded.find(({ type, name }) => urn.endsWith(`${type}::${name}`));
    const guard = recorded.find(({ type, name }) => type.endsWith(":Deployment") && name === "count-guard");
    assert.ok(guard);
    const reached = new Set<Recorded>();
    const visit = (one: Recorded) => {
      for (const urn of one.dependencies) {
        const next = byUrn(urn);
        if (next && !reached.has(next)) {
          reached.add(next);
          visit(next);
        }
      }
    };
    visit(guard);
    const needed = recorded.filter(
      ({ type, name }) =>
        // What only looks at the cluster, or makes others wait, is no matter.
        !/:(FlinkCluster|FlinkJob|PodDisruptionBudget|HorizontalPodAutoscaler)$/.test(type) &&
        !["orders-rest", "count-result"].includes(name) &&
        one(name, type) !== "Deployment count-guard",
    );
    assert.ok(needed.length > 15, String(needed.length));
    assert.deepEqual(
      needed.filter((resource) => !reached.has(resource)).map(({ type, name }) => one(name, type)),
      [],
    );
    const waiting = recorded.filter(({ dependencies }) => dependencies.some((urn) => byUrn(urn) === guard));
    assert.deepEqual(waiting, []);
  });
});

function one(name: string, type: string): string {
  return `${type.split(":").at(-1)} ${name}`;
}
