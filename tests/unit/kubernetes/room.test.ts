import assert from "node:assert/strict";
import fc from "fast-check";
import { checkJob, jobModel } from "../../../components/args/check-job";
import { checkOnCluster } from "../../../components/args/check-job-config";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { FlinkJobArgs } from "../../../components/args/job";
import type { LimitRangeArgs } from "../../../components/args/namespace";
import { normaliseApplication } from "../../../components/args/normalise-application";
import { normaliseCluster } from "../../../components/args/normalise";
import { connectionOf } from "../../../components/kubernetes/connection";
import { guardDeployment } from "../../../components/kubernetes/guard";
import { historyServerTemplate } from "../../../components/kubernetes/history-server";
import { prepareJob } from "../../../components/kubernetes/prepare";
import { sqlGatewayTemplate } from "../../../components/kubernetes/sql-gateway";
import { submissionJob } from "../../../components/kubernetes/submission";
import { deploymentsOf, storage } from "./arguments";

interface Container {
  name: string;
  resources?: Record<"requests" | "limits", Record<string, string> | undefined>;
}
interface Pod {
  spec: { containers: Container[]; initContainers?: Container[] };
}

const jar = "/opt/flink/usrlib/a.jar";

/** What is said of a cluster and of a job on it, and their pods where nothing is. */
function made(args: Partial<FlinkClusterArgs>, job: Partial<FlinkJobArgs> = {}) {
  const { model, problems } = normaliseCluster("orders", { flinkVersion: "2.2.1", ...args });
  const texts = (of: typeof problems) => of.map(({ path, reason, fix }) => `${path}: ${reason}; ${fix}`);
  if (!model) return { problems: texts(problems), pods: [] };
  const given = { cluster: connectionOf(model, "0a1b2c3d"), jar, ...job };
  const wrong = checkJob("totals", given);
  const resolved = jobModel("totals", given as never);
  const { problems: onCluster } = checkOnCluster(resolved, given);
  const [jobManager, taskManager] = deploymentsOf(model).map(({ deployment }) => deployment.spec.template);
  const pods = [
    jobManager,
    taskManager,
    ...(model.historyServer ? [historyServerTemplate(model, model.historyServer, "c")] : []),
    ...(model.sqlGateway ? [sqlGatewayTemplate(model, model.sqlGateway, "c")] : []),
    prepareJob(model, "0a1b2c3d").spec.template,
    submissionJob(resolved).spec.template,
    guardDeployment(resolved).spec.template,
  ] as unknown as Pod[];
  return { problems: texts([...wrong, ...onCluster]), pods };
}

const units: Record<string, number> = { "": 1, m: 0.001, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
function amount(text: string): number {
  const [, number, unit] = /^([\d.]+)(\D*)$/.exec(text)!;
  return Number(number) * units[unit!]!;
}

/** What the admission of a limit range does with a container, in its order: defaults, then bounds. */
function refused(
  { resources }: Container,
  { min = {}, max = {}, ...given }: LimitRangeArgs,
): string | undefined {
  const defaults = { ...max, ...given.default };
  const limits = { ...defaults, ...resources?.limits };
  const requests = {
    ...min,
    ...defaults,
    ...given.defaultRequest,
    ...resources?.limits,
    ...resources?.requests,
  };
  for (const [resource, least] of Object.entries(min)) {
    if (amount(requests[resource]!) < amount(least)) return `${resource} below min`;
  }
  for (const [resource, most] of Object.entries(max)) {
    if (amount(limits[resource]!) > amount(most)) return `${resource} above max`;
  }
  for (const [resource, request] of Object.entries(requests)) {
    if (limits[resource] !== undefined && amount(request) > amount(limits[resource]))
      return `${resource} request above limit`;
  }
  return undefined;
}

const between = (cpu: string[], memory: string[]) =>
  fc.record({ cpu: fc.constantFrom(...cpu), memory: fc.constantFrom(...memory) }, { requiredKeys: [] });
const [least, middle, most] = [
  between(["20m", "50m", "100m", "300m"], ["16Mi", "64Mi", "128Mi", "256Mi"]),
  between(["50m", "300m", "500m"], ["64Mi", "100Mi", "256Mi"]),
  between(["500m", "1", "2"], ["1Gi", "2Gi", "4Gi"]),
];
const range = fc.record(
  { min: least, max: most, default: middle, defaultRequest: fc.oneof(least, middle) },
  { requiredKeys: [] },
);
const resources = fc.record({ requests: middle, limits: fc.oneof(middle, most) }, { requiredKeys: [] });
const sidecar = resources.map((given) => ({ name: "proxy", image: "proxy", resources: given }));
const pods = fc.record(
  {
    sidecars: fc.array(sidecar, { maxLength: 1 }),
    initContainers: fc.array(
      sidecar.map((one) => ({ ...one, name: "init" })),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: [] },
);

describe("room in a created namespace", () => {
  it("limits of a range: what is taken, Kubernetes takes, in every container of every pod", () => {
    let taken = 0;
    fc.assert(
      fc.property(range, pods, pods, (limitRange, taskManager, submitter) => {
        const args = {
          namespace: { limitRange },
          taskManager,
          prepare: submitter,
          storage,
          historyServer: {},
          sqlGateway: {},
        } as Partial<FlinkClusterArgs>;
        const { problems, pods: all } = made(args, {
          submitter,
          upgradeMode: "stateless",
        } as Partial<FlinkJobArgs>);
        if (problems.length > 0) return;
        taken++;
        for (const { spec } of all) {
          for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
            assert.equal(
              refused(container, limitRange),
              undefined,
              `${container.name} ${JSON.stringify(limitRange)}`,
            );
          }
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(taken > 30, `${taken} of the ranges were taken`);
  });

  it("limits of a range: the small pods are as large as its least, and no slower than it wants", () => {
    const limitRange = { min: { cpu: "100m", memory: "128Mi" }, max: { cpu: "750m", memory: "8Gi" } };
    const small = { cpu: { limit: "500m" } };
    const { problems, pods: all } = made(
      { namespace: { limitRange }, jobManager: small, taskManager: small },
      { upgradeMode: "stateless" },
    );
    assert.deepEqual(problems, []);
    for (const { spec } of all.slice(2)) {
      assert.deepEqual(spec.containers[0]!.resources, {
        requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "16Mi" },
        limits: { cpu: "750m", memory: "128Mi", "ephemeral-storage": "128Mi" },
      });
    }
  });

  const proxy = { name: "proxy", image: "proxy" };
  const quota = { "limits.cpu": "20", "requests.memory": "20Gi" };

  it("a quota asks every container for amounts: sidecars and init containers, of every pod", () => {
    const { problems } = made({
      namespace: { quota },
      taskManager: {
        sidecars: [{ ...proxy, resources: { requests: { memory: "64Mi" } } }],
        initContainers: [{ ...proxy, name: "init" }],
      },
      prepare: { sidecars: [{ ...proxy, resources: { limits: { cpu: "1", memory: "64Mi" } } }] },
    });
    assert.deepEqual(
      problems.map((text) => text.replace(/: with.*but container/, ":").replace(/ does not.*; /, "; ")),
      [
        'namespace.quota["limits.cpu"]: init of taskManager; set resources.limits.cpu of the container, or write default.cpu in namespace.limitRange',
        'namespace.quota["requests.memory"]: init of taskManager; set resources.requests.memory of the container, or write defaultRequest.memory in namespace.limitRange',
        'namespace.quota["limits.cpu"]: proxy of taskManager; set resources.limits.cpu of the container, or write default.cpu in namespace.limitRange',
      ],
    );
    const limitRange = { default: { cpu: "100m", memory: "64Mi" } };
    const filled = made(
      { namespace: { quota, limitRange }, taskManager: { sidecars: [proxy] } },
      { upgradeMode: "stateless", submitter: { sidecars: [proxy] } },
    );
    assert.deepEqual(filled.problems, []);
    const ofJob = made(
      { namespace: { quota } },
      { upgradeMode: "stateless", submitter: { sidecars: [proxy] } },
    );
    assert.match(
      ofJob.problems[0]!,
      /^cluster\.quotaLeft\["limits\.cpu"\]: .*container proxy of submitter.*namespace\.limitRange of the FlinkCluster$/,
    );
  });

  it("a quota counts sidecars, and the largest init container where that is more", () => {
    const limits = (cpu: string, memory: string) => ({ ...proxy, resources: { limits: { cpu, memory } } });
    const need = (taskManager: object) => {
      const { problems } = made({ namespace: { quota: { "limits.cpu": "1" } }, taskManager });
      return /needs (\S+) at/.exec(problems[0]!)?.[1];
    };
    const once = { cpu: { limit: "1" }, replicas: 1 };
    // A JobManager, and two TaskManagers while one is replaced.
    assert.equal(need(once), "3");
    assert.equal(need({ ...once, sidecars: [limits("500m", "1Gi")] }), "4");
    assert.equal(need({ ...once, initContainers: [{ ...limits("3", "1Gi"), name: "init" }] }), "7");
    assert.equal(need({ ...once, initContainers: [{ ...limits("500m", "1Gi"), name: "init" }] }), "3");
  });

  it("a quota has room for a job beside the cluster, or says how much is missing", () => {
    const small = { cpu: { limit: "1" } };
    const of = (pods: string) =>
      made(
        { namespace: { quota: { pods } }, jobManager: small, taskManager: small },
        { upgradeMode: "stateless" },
      ).problems;
    assert.match(
      of("3").join(),
      /^cluster\.quotaLeft\.pods: .*need 2 at once.*add 2 to namespace\.quota\.pods of the FlinkCluster$/,
    );
    assert.deepEqual(of("5"), []);
    const application = (pods: string) =>
      normaliseApplication("orders", { flinkVersion: "2.2.1", namespace: { quota: { pods } } }).problems.map(
        ({ path }) => path,
      );
    assert.deepEqual(application("4"), ["cluster.quotaLeft.pods"]);
    assert.deepEqual(application("5"), []);
  });
});
