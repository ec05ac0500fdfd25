import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";
import { FlinkCluster } from "../../components/index";
import { modelOf } from "./kubernetes/arguments";
import { record, valueOf } from "./kubernetes/recorder";

const problemsOf = (args: Partial<FlinkClusterArgs>) =>
  normaliseCluster("orders", { flinkVersion: "2.2.1", ...args }).problems.map(
    ({ path, reason, fix }) => `${path}: ${reason}; ${fix}`,
  );

describe("the namespace of a cluster", () => {
  it("is protected, so that no change takes away what it holds, unless that is turned off", async () => {
    const protectedBy = async (args: Partial<FlinkClusterArgs>) => {
      const { recorded } = await record(() => {
        new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args });
        return pulumi.output(undefined);
      });
      return recorded.filter((one) => one.protect).map(({ name }) => name);
    };
    assert.deepEqual(await protectedBy({}), ["orders-namespace"]);
    assert.deepEqual(await protectedBy({ namespace: { protect: false } }), []);
  });

  it("stays where that is wanted, and tells jobs so", async () => {
    const made = async (namespace: FlinkClusterArgs["namespace"]) => {
      const { result, recorded } = await record(() => {
        const { connection } = new FlinkCluster("orders", { flinkVersion: "2.2.1", namespace });
        return { connection };
      });
      const found = recorded.find(({ name }) => name === "orders-namespace");
      return {
        type: found?.type.split(":").at(-1),
        stays: (await valueOf(result.connection))?.namespaceStays ?? false,
        ...{
          retained: found?.retainOnDelete,
          protect: found?.protect,
          former: found?.aliases.map(({ type }) => type),
        },
      };
    };
    assert.deepEqual(await made({ retain: true }), {
      ...{ type: "NamespacePatch", stays: true, retained: true, protect: false },
      former: ["kubernetes:core/v1:Namespace"],
    });
    const { former, ...own } = await made({});
    assert.deepEqual(own, { type: "Namespace", stays: false, retained: false, protect: true });
    assert.ok(former?.includes("kubernetes:core/v1:NamespacePatch"));
    assert.equal((await made({ create: false })).stays, true);
    assert.match(problemsOf({ namespace: { create: false, retain: true } })[0], /^namespace\.retain: /);
  });

  it("gets a quota and a limit range when asked, each waiting for it", async () => {
    const { recorded } = await record(() => {
      new FlinkCluster("orders", {
        flinkVersion: "2.2.1",
        namespace: { quota: { pods: "20" }, limitRange: { max: { memory: "8Gi" } } },
      });
      return pulumi.output(undefined);
    });
    const quota = recorded.find(({ type }) => type.endsWith(":ResourceQuota"));
    const limits = recorded.find(({ type }) => type.endsWith(":LimitRange"));
    assert.deepEqual(quota?.inputs.spec, { hard: { pods: "20" } });
    assert.deepEqual(limits?.inputs.spec, { limits: [{ type: "Container", max: { memory: "8Gi" } }] });
    for (const one of [quota, limits])
      assert.ok(one?.dependencies.some((urn) => urn.endsWith("orders-namespace")));
  });

  it("is left as it is when it was there before: no quota, no limits", () => {
    const found = problemsOf({ namespace: { name: "shared", create: false, quota: { pods: "20" } } });
    assert.match(found.join("\n"), /^namespace\.quota: the component does not change an existing namespace/);
  });

  it("refuses a quota that the cluster at its largest does not fit into, and says what does", () => {
    const autoscaling = { maxReplicas: 4 };
    const taskManager = { memory: "2g", cpu: { request: "1", limit: "2" } };
    const small = { quota: { "limits.memory": "10Gi", "requests.cpu": "5", pods: "5" } };
    const found = problemsOf({ autoscaling, taskManager, namespace: small });
    assert.match(found[0], /limits\.memory.*needs 11840Mi/);
    assert.match(found[1], /requests\.cpu.*needs 5500m/);
    assert.match(found[2], /pods.*needs 6/);
    const enough = { quota: { "limits.memory": "11840Mi", "requests.cpu": "5500m", pods: "6" } };
    assert.deepEqual(problemsOf({ autoscaling, taskManager, namespace: enough }), []);
  });

  it("refuses a quota of what Kubernetes does not count, and reads amounts as Kubernetes does", () => {
    assert.deepEqual(problemsOf({ namespace: { quota: { "limit.memory": "64Gi" } } }), [
      'namespace.quota["limit.memory"]: a quota in Kubernetes has no resource of this name; write "limits.memory", or a count with a group, such as "count/jobs.batch"',
    ]);
    const quota = {
      "limits.memory": "0.5Ti",
      "gold.storageclass.storage.k8s.io/requests.storage": "1Ti",
      "requests.nvidia.com/gpu": "4",
      "count/jobs.batch": "20",
      "hugepages-2Mi": "1Gi",
    };
    assert.deepEqual(problemsOf({ namespace: { quota } }), []);
    assert.match(problemsOf({ namespace: { quota: { "limits.memory": "64000m" } } })[0], /quantity of bytes/);
  });

  it("refuses a limit range whose bounds are not in order, or above what its containers request", () => {
    const range = {
      min: { memory: "2Gi", cpu: "4" },
      default: { memory: "1Gi" },
      max: { memory: "3Gi", cpu: "2" },
    };
    const found = problemsOf({ namespace: { limitRange: range } });
    assert.deepEqual(
      found.map((problem) => problem.replace(/:.*; /, ": ")),
      [
        "namespace.limitRange.min.cpu: write 2 or less, or raise max",
        "namespace.limitRange.min.memory: write 1Gi or less, or raise default",
        "namespace.limitRange.min.memory: write 1600Mi or less, or raise the request of jobManager",
        "namespace.limitRange.min.cpu: write 500m or less, or raise the request of jobManager",
        "namespace.limitRange.min.memory: write 1728Mi or less, or raise the request of taskManager",
        "namespace.limitRange.min.cpu: write 500m or less, or raise the request of taskManager",
      ],
    );
  });

  it("refuses a limit range under the limits of its own containers", () => {
    const found = problemsOf({ namespace: { limitRange: { max: { memory: "1Gi", cpu: "500m" } } } });
    assert.equal(found.length, 4);
    assert.match(found[0], /memory.*jobManager has a limit of 1600Mi.*write 1600Mi or more/);
  });

  it("refuses amounts that Kubernetes cannot read, in milli-bytes too", () => {
    const quota = { "requests.memory": "1600m", "requests.cpu": "many", pods: "-1" };
    const limitRange = { default: { gpu: "1" } };
    const found = problemsOf({ namespace: { quota, limitRange } }).join("\n");
    assert.match(found, /requests\.memory.*not a quantity of bytes/);
    assert.match(found, /requests\.cpu.*not a quantity of CPU/);
    assert.match(found, /pods.*not a number of objects/);
    assert.match(found, /gpu.*only cpu, memory and ephemeral-storage/);
  });

  it("needs neither", () => {
    const { namespace } = modelOf();
    assert.deepEqual(namespace, { name: "orders", create: true, protect: true, retain: false });
  });
});
