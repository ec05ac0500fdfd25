import assert from "node:assert/strict";
import fc from "fast-check";
import type { AllPodsArgs } from "../../../components/args/all-pods";
import { type JobModel, jobModel } from "../../../components/args/check-job";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { FlinkJobArgs } from "../../../components/args/job";
import { normaliseCluster } from "../../../components/args/normalise";
import { FlinkApplication, FlinkCluster, FlinkJob } from "../../../components/index";
import { connectionOf } from "../../../components/kubernetes/connection";
import { revisionOf } from "../../../components/kubernetes/submission";
import { modelOf, storage } from "./arguments";
import { record, type Recorded } from "./recorder";

interface Pod {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown> & {
    securityContext: Record<string, unknown>;
    containers: { image: string; securityContext: Record<string, unknown> }[];
    initContainers?: { securityContext: Record<string, unknown> }[];
  };
}

interface Workload {
  spec?: { template?: Pod; jobTemplate?: { spec: { template: Pod } } };
}

/** Every pod that is made, by the name of what makes it. */
function podsOf(recorded: Recorded[]): Map<string, Pod> {
  return new Map(
    recorded.flatMap(({ name, inputs }) => {
      const { spec } = inputs as Workload;
      const pod = spec?.jobTemplate?.spec.template ?? spec?.template;
      return pod === undefined ? [] : [[name, pod] as const];
    }),
  );
}

const base: FlinkClusterArgs = {
  flinkVersion: "2.2.1",
  image: "registry.example.com/orders:17",
  storage,
  checkpointing: { interval: "1min" },
  historyServer: {},
};

/** A cluster with everything that has pods, and a job with everything that has. */
async function clusterPods(args: Partial<FlinkClusterArgs>, job: Partial<FlinkJobArgs> = {}) {
  const { recorded } = await record(() => {
    const cluster = new FlinkCluster("orders", { ...base, sqlGateway: {}, ...args });
    new FlinkJob("totals", {
      cluster: cluster.connection,
      jar: "/opt/flink/usrlib/totals.jar",
      savepoints: { schedule: "@daily" },
      ...job,
    });
  });
  return podsOf(recorded);
}

async function applicationPods(args: Partial<FlinkClusterArgs>) {
  const { recorded } = await record(() => {
    new FlinkApplication("orders", { ...base, savepoints: { schedule: "@daily" }, ...args });
  });
  return podsOf(recorded);
}

const flinkPods = ["orders-jobmanager", "orders-taskmanager"];
const besideCluster = ["orders-historyserver", "orders-prepare", "orders-sql-gateway"];
const ofJob = ["totals-guard", "totals-savepoints", "totals-submission"];
const besideApplication = [
  "orders-guard",
  "orders-historyserver",
  "orders-prepare",
  "orders-savepoints",
  "orders-start",
];

const word = fc.stringMatching(/^[a-z]{2,8}$/);
const map = fc.dictionary(word, word, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const toleration = word.map((key) => ({ key, operator: "Exists" }));
/** As for images of one architecture. */
const affinity = word.map((value) => {
  const matchExpressions = [{ key: "kubernetes.io/arch", operator: "In", values: [value] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  };
});
const everyPod: fc.Arbitrary<AllPodsArgs> = fc.record({
  podLabels: map,
  podAnnotations: map,
  nodeSelector: map,
  tolerations: fc.array(toleration, { minLength: 1, maxLength: 2 }),
  affinity,
  priorityClassName: word,
  securityContext: fc.record({
    runAsUser: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    fsGroup: fc.constant(7),
  }),
});
const pullSecrets = fc.uniqueArray(word, { minLength: 1, maxLength: 2 });

/** That a pod has all of this. */
function assertHas(name: string, pod: Pod, wanted: AllPodsArgs, imagePullSecrets: string[]): void {
  const { metadata, spec } = pod;
  const has = (given: object | undefined, all: object | undefined, what: string) => {
    for (const [key, value] of Object.entries(all ?? {})) {
      assert.deepEqual(
        (given as Record<string, unknown> | undefined)?.[key],
        value,
        `${name}: ${what} ${key}`,
      );
    }
  };
  has(metadata.labels, wanted.podLabels, "label");
  has(metadata.annotations, wanted.podAnnotations, "annotation");
  has(spec, { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) }, "spec");
  const { nodeSelector, tolerations, affinity: near, priorityClassName } = wanted;
  has(spec, { nodeSelector, tolerations, affinity: near, priorityClassName }, "spec");
  has(spec.securityContext, wanted.securityContext, "securityContext");
  for (const { securityContext } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    assert.equal(securityContext.runAsUser, wanted.securityContext?.runAsUser, `${name}: container's user`);
  }
}

describe("a pod that runs the cluster's image has what that image needs", function () {
  this.timeout(120_000);

  it("whatever the cluster says for all pods reaches every pod of the cluster, of its jobs and of an application", async () => {
    await fc.assert(
      fc.asyncProperty(everyPod, pullSecrets, async (pods, imagePullSecrets) => {
        const cluster = await clusterPods({ pods, imagePullSecrets });
        assert.deepEqual([...cluster.keys()].sort(), [...flinkPods, ...besideCluster, ...ofJob].sort());
        const application = await applicationPods({ pods, imagePullSecrets });
        assert.deepEqual([...application.keys()].sort(), [...flinkPods, ...besideApplication].sort());
        for (const [name, pod] of [...cluster, ...application]) assertHas(name, pod, pods, imagePullSecrets);
      }),
      { numRuns: 8 },
    );
  });

  it("what the JobManager says reaches all but the TaskManagers, unless a pod says its own", async () => {
    const given = fc.tuple(everyPod, everyPod, pullSecrets).map(([jobManager, own, secrets]) => {
      const role = (args: AllPodsArgs) => ({ ...args, securityContext: undefined });
      return { jobManager: role(jobManager), own: role(own), secrets };
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ jobManager, own, secrets }) => {
        const pods = await clusterPods(
          {
            jobManager,
            historyServer: own,
            imagePullSecrets: ["cluster"],
            prepare: { ...own, imagePullSecrets: secrets },
          },
          { guardPod: own },
        );
        const user = { runAsUser: 9999 };
        for (const name of [
          "orders-jobmanager",
          "orders-sql-gateway",
          "totals-submission",
          "totals-savepoints",
        ]) {
          assertHas(name, pods.get(name)!, { ...jobManager, securityContext: user }, ["cluster"]);
        }
        for (const name of ["orders-historyserver", "orders-prepare", "totals-guard"]) {
          const merged = { ...own, podLabels: { ...jobManager.podLabels, ...own.podLabels } };
          const expected = name === "orders-prepare" ? secrets : ["cluster"];
          assertHas(name, pods.get(name)!, { ...merged, securityContext: user }, expected);
        }
        const taskManager = pods.get("orders-taskmanager")!.spec;
        assert.equal(taskManager.nodeSelector ?? taskManager.tolerations ?? taskManager.affinity, undefined);
      }),
      { numRuns: 8 },
    );
  });

  it("what is empty says that nothing is followed, and a job's own pull secrets take the place of the cluster's", async () => {
    const pods: AllPodsArgs = { nodeSelector: { pool: "flink" }, tolerations: [{ operator: "Exists" }] };
    const made = await clusterPods(
      { pods, imagePullSecrets: ["cluster"] },
      { submitter: { nodeSelector: {}, tolerations: [] }, imagePullSecrets: ["job"] },
    );
    const { spec } = made.get("totals-submission")!;
    assert.deepEqual([spec.nodeSelector, spec.tolerations], [{}, undefined]);
    assert.deepEqual(spec.imagePullSecrets, [{ name: "job" }]);
  });

  it("of a JobManager's wishes to be apart, and of its metrics, other pods have nothing", async () => {
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: "kubernetes.io/hostname",
          labelSelector: { matchLabels: { "app.kubernetes.io/component": "jobmanager" } },
        },
      ],
    };
    const podAnnotations = { "prometheus.io/scrape": "true", "sidecar.istio.io/inject": "false" };
    const pods = await clusterPods({ jobManager: { affinity: { podAntiAffinity }, podAnnotations } });
    for (const name of [...besideCluster, ...ofJob]) {
      const { metadata, spec } = pods.get(name)!;
      assert.equal(spec.affinity, undefined, name);
      assert.equal(metadata.annotations?.["sidecar.istio.io/inject"], "false", name);
      assert.equal(metadata.annotations?.["prometheus.io/scrape"], undefined, name);
    }
    assert.deepEqual(pods.get("orders-jobmanager")!.spec.affinity, { podAntiAffinity });
  });

  it("names no user and no group where the platform chooses them", async () => {
    const pods = await clusterPods(
      { pods: { securityContext: { assigned: true } } },
      { submitter: { sidecars: [{ name: "proxy", image: "proxy" }] } },
    );
    for (const [name, pod] of pods) {
      assert.doesNotMatch(JSON.stringify(pod), /runAsUser|runAsGroup|"fsGroup"/, name);
      assert.equal(pod.spec.securityContext.runAsNonRoot, true, name);
      for (const { securityContext } of pod.spec.containers) assert.equal(securityContext.runAsNonRoot, true);
    }
  });

  it("does not make another revision of a job of its pull secrets, labels and nodes", () => {
    const jobOf = (args: Partial<FlinkClusterArgs>): JobModel => {
      const model = modelOf({ storage, highAvailability: {}, ...args });
      return jobModel("totals", {
        cluster: connectionOf(model, "0a1b2c3d"),
        jar: "/opt/flink/usrlib/totals.jar",
      });
    };
    const other = {
      imagePullSecrets: ["regcred"],
      pods: { podLabels: { team: "orders" }, nodeSelector: { disk: "ssd" } },
    };
    const [before, after] = [jobOf({}), jobOf(other)];
    assert.notDeepEqual(before.connection, after.connection);
    assert.equal(revisionOf(before), revisionOf(after));
  });

  it("says what is wrong with them once, and not for each pod", () => {
    const { problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      pods: {
        podLabels: { "app.kubernetes.io/name": "x", team: "a b" },
        tolerations: [{ opperator: "Exists" } as never],
        priorityClassName: "High",
        securityContext: { runAsUser: 0, assigned: false },
      } as AllPodsArgs,
      historyServer: {},
      storage,
    });
    assert.deepEqual(
      problems.map(({ path }) => path).sort(),
      [
        "pods.podLabels.team",
        'pods.podLabels["app.kubernetes.io/name"]',
        "pods.priorityClassName",
        "pods.securityContext.runAsUser",
        "pods.tolerations[0].opperator",
      ].sort(),
    );
    const assigned = { assigned: true, fsGroup: 5 };
    const { problems: both } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      pods: { securityContext: assigned },
      prepare: {
        extraJars: ["/a.jar"],
        podPatch: { spec: { containers: null } },
        env: [{ name: "NAMESPACE", value: "x" }],
      },
    });
    assert.deepEqual(
      both.map(({ path }) => path),
      [
        "pods.securityContext.fsGroup",
        "prepare.extraJars",
        "prepare.env[0].name",
        "prepare.podPatch.spec.containers",
      ],
    );
  });
});
