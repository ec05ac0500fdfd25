import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { FlinkCluster } from "../../components/cluster";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import {
  kinds,
  openName,
  record,
  type Recorded,
  secretMark,
  unknownMark,
  valueOf,
} from "./kubernetes/recorder";

const component = "flink-kubernetes:index:FlinkCluster";

function cluster(args: Partial<FlinkClusterArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  return new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }, opts);
}

function find(recorded: Recorded[], type: string, name: string): Recorded {
  const found = recorded.find((one) => one.type.endsWith(`:${type}`) && openName(one.name) === name);
  assert.ok(found, `${type} ${name} among ${recorded.map((one) => `${one.type} ${one.name}`).join(", ")}`);
  return found;
}

function spec(one: Recorded) {
  return one.inputs.spec as Record<string, unknown> & {
    template: { metadata: { annotations: Record<string, unknown> } };
  };
}

describe("FlinkCluster", function () {
  this.timeout(60_000);

  it("makes these objects; nothing needs rights but the Job that prepares changes", async () => {
    const { recorded } = await record(() => cluster());
    assert.deepEqual(kinds(recorded), [
      "ConfigMap orders-jobmanager-conf-*",
      "ConfigMap orders-prepare-program-*",
      "ConfigMap orders-taskmanager-conf-*",
      "Deployment orders-jobmanager",
      "Deployment orders-taskmanager",
      "FlinkCluster orders",
      "Job orders-prepare",
      "Namespace orders-namespace",
      "NetworkPolicy orders-guard-network",
      "NetworkPolicy orders-jobmanager-network",
      "NetworkPolicy orders-submitter-network",
      "NetworkPolicy orders-taskmanager-network",
      "PodDisruptionBudget orders-jobmanager",
      "PodDisruptionBudget orders-taskmanager",
      "Role orders-prepare",
      "RoleBinding orders-prepare",
      "Service orders-jobmanager",
      "Service orders-rest",
      "ServiceAccount orders-jobmanager",
      "ServiceAccount orders-prepare",
      "ServiceAccount orders-taskmanager",
    ]);
  });

  it("is the parent of every child, and every child's name begins with its name", async () => {
    const { recorded } = await record(() =>
      cluster({ autoscaling: { maxReplicas: 3 }, config: { "s3.secret-key": "x" } }),
    );
    const children = recorded.filter(({ type }) => type !== component);
    assert.ok(children.length >= 16);
    for (const child of children) {
      assert.match(child.parent, new RegExp(`${component}::orders$`));
      assert.match(child.name, /^orders-/);
    }
  });

  it("puts everything into its namespace, after it: by plain name, so that names are known in every preview", async () => {
    const options = { preview: true, unknown: ["kubernetes:core/v1:Namespace"] };
    const { recorded } = await record(() => cluster({ namespace: { name: "prod" } }), options);
    for (const child of recorded.filter(({ type }) => /^kubernetes:(?!core\/v1:Namespace)/.test(type))) {
      const { name, namespace } = child.inputs.metadata as { name: string; namespace: string };
      assert.equal(namespace, "prod", child.name);
      assert.match(name, /^orders/);
      assert.ok(
        child.dependencies.some((urn) => urn.includes("core/v1:Namespace")),
        child.name,
      );
    }
  });

  it("leaves an adopted namespace alone", async () => {
    const { recorded } = await record(() => cluster({ namespace: { name: "team", create: false } }));
    assert.ok(!kinds(recorded).some((kind) => kind.startsWith("Namespace")));
    assert.equal(
      (find(recorded, "Service", "orders-rest").inputs.metadata as { namespace: string }).namespace,
      "team",
    );
  });

  it("has a resource for each content of what its pods are configured with, which a failed change leaves as it was", async () => {
    const urns = async (args: Partial<FlinkClusterArgs>) => {
      const { recorded } = await record(() => cluster(args));
      const maps = recorded.filter(({ type }) => type.endsWith(":ConfigMap"));
      for (const { name, inputs, deleteBeforeReplace } of maps) {
        assert.equal(name, (inputs.metadata as { name: string }).name);
        assert.ok(!deleteBeforeReplace);
      }
      return maps.map(({ name }) => name).sort();
    };
    const [one, other, again] = [
      await urns({}),
      await urns({ config: { "web.timeout": "20 s" } }),
      await urns({}),
    ];
    assert.deepEqual(again, one);
    assert.deepEqual(other.map(openName), one.map(openName));
    assert.deepEqual(other.filter((name) => one.includes(name)).map(openName), ["orders-prepare-program-*"]);
  });

  it("starts pods after all that they need", async () => {
    const { recorded } = await record(() => cluster({ config: { "s3.secret-key": "x" } }));
    for (const role of ["jobmanager", "taskmanager"]) {
      const { dependencies } = find(recorded, "Deployment", `orders-${role}`);
      for (const needed of [
        "Namespace::orders-namespace",
        `ServiceAccount::orders-${role}`,
        `ConfigMap::orders-${role}-conf-*`,
        "Secret::orders-config",
        "Service::orders-jobmanager",
        "NetworkPolicy::orders-jobmanager-network",
        // Not a pod of the changed cluster before the jobs of the old one are stopped.
        "Job::orders-prepare",
      ]) {
        assert.ok(
          dependencies.some((urn) => openName(urn).endsWith(needed)),
          `${role} waits for ${needed}`,
        );
      }
    }
  });

  it("reaches its children with the provider that it is given", async () => {
    const { recorded } = await record(() => {
      const provider = new k8s.Provider("elsewhere", { context: "elsewhere" });
      return cluster({}, { provider });
    });
    for (const child of recorded.filter(({ type }) => type.startsWith("kubernetes:"))) {
      assert.match(child.provider, /::elsewhere::/, child.name);
    }
  });

  describe("who owns the number of TaskManagers", () => {
    it("a fixed number is the program's, and wins over kubectl scale", async () => {
      const { recorded } = await record(() => cluster({ taskManager: { replicas: 2 } }));
      const deployment = find(recorded, "Deployment", "orders-taskmanager");
      assert.equal(spec(deployment).replicas, 2);
      assert.deepEqual(deployment.ignoreChanges, []);
      const { annotations } = deployment.inputs.metadata as { annotations: Record<string, string> };
      assert.equal(annotations["pulumi.com/patchForce"], "true");
      assert.ok(!kinds(recorded).some((kind) => kind.startsWith("HorizontalPodAutoscaler")));
    });

    it("an autoscaler begins with the minimum, and the program ignores what it makes of it", async () => {
      const { recorded } = await record(() => cluster({ autoscaling: { minReplicas: 2, maxReplicas: 6 } }));
      const deployment = find(recorded, "Deployment", "orders-taskmanager");
      assert.equal(spec(deployment).replicas, 2);
      assert.deepEqual(deployment.ignoreChanges, ["spec.replicas"]);
      const { annotations } = deployment.inputs.metadata as { annotations: Record<string, string> };
      assert.equal(annotations["pulumi.com/patchForce"], "true");
      const autoscaler = find(recorded, "HorizontalPodAutoscaler", "orders-taskmanager");
      assert.ok(autoscaler.dependencies.some((urn) => urn.endsWith("Deployment::orders-taskmanager")));
    });
  });

  describe("secret and unknown options", () => {
    const secrets = { "s3.access-key": pulumi.secret("AKIA"), "s3.secret-key": "hunter2" };
    const hash = (recorded: Recorded[], role: string) =>
      spec(find(recorded, "Deployment", `orders-${role}`)).template.metadata.annotations[
        "flink-kubernetes/config-hash"
      ];

    it("are in a Secret, marked as secret, and nowhere else", async () => {
      const { recorded } = await record(() =>
        cluster({ config: { ...secrets, "s3.endpoint": "https://s3" } }),
      );
      const { stringData } = find(recorded, "Secret", "orders-config").inputs as {
        stringData: Record<string, unknown>;
      };
      assert.equal(stringData[secretMark] !== undefined, true);
      assert.match(JSON.stringify(stringData), /s3\.access-key: AKIA.*s3\.secret-key: hunter2/s);
      for (const other of recorded.filter(({ type }) => !type.endsWith(":Secret"))) {
        assert.ok(!/AKIA|hunter2/.test(JSON.stringify(other.inputs)), other.name);
        assert.ok(!JSON.stringify(other.inputs).includes(secretMark), `${other.name} has nothing secret`);
      }
      assert.match(
        JSON.stringify(find(recorded, "ConfigMap", "orders-jobmanager-conf-*").inputs),
        /s3\.endpoint/,
      );
    });

    it("roll both roles when they change, through a salted hash in clear", async () => {
      const one = await record(() => cluster({ config: { "s3.secret-key": "a" } }));
      const other = await record(() => cluster({ config: { "s3.secret-key": "b" } }));
      assert.match(String(hash(one.recorded, "jobmanager")), /^[0-9a-f]{16}$/);
      assert.equal(hash(one.recorded, "jobmanager"), hash(one.recorded, "taskmanager"));
      assert.notEqual(hash(one.recorded, "jobmanager"), hash(other.recorded, "jobmanager"));
      const [before, after] = await Promise.all([
        valueOf(one.result.connection),
        valueOf(other.result.connection),
      ]);
      assert.notEqual(before?.restartHash, after?.restartHash);
    });

    it("unknown in a preview, leave everything known but the hash on the pods", async () => {
      const options = { preview: true, unknown: ["random:index/randomPassword:RandomPassword"] };
      const { recorded, result } = await record(() => cluster({ config: secrets }), options);
      assert.equal(hash(recorded, "jobmanager"), unknownMark);
      const { inputs } = find(recorded, "Deployment", "orders-jobmanager");
      assert.equal(JSON.stringify(inputs).split(unknownMark).length - 1, 1);
      for (const one of recorded) assert.ok(!JSON.stringify(one.inputs.metadata ?? {}).includes(unknownMark));
      assert.match((await valueOf(result.connection))?.restartHash ?? "", /^[0-9a-f]{8}$/);
    });

    it("need no Secret when there are none", async () => {
      const { recorded } = await record(() => cluster({ config: { "s3.endpoint": "https://s3" } }));
      assert.ok(!kinds(recorded).some((kind) => /^(Secret|RandomPassword)/.test(kind)));
    });
  });

  describe("outputs", () => {
    it("the connection is known in a preview and waits for JobManager and TaskManagers", async () => {
      const { result, recorded } = await record(
        () => {
          const made = cluster({ namespace: { name: "prod" }, taskManager: { slots: 4, replicas: 3 } });
          new k8s.core.v1.ConfigMap("after", { data: { host: made.connection.jobManagerHost } });
          return made;
        },
        { preview: true },
      );
      const connection = await valueOf(result.connection);
      assert.deepEqual(
        { ...connection, restartHash: "" },
        {
          clusterName: "orders",
          namespace: "prod",
          restUrl: "http://orders-rest.prod.svc:8081",
          jobManagerHost: "orders-jobmanager.prod.svc",
          restPort: 8081,
          flinkVersion: "2.2.1",
          image: "flink:2.2.1-java17",
          highAvailability: false,
          defaultParallelism: 12,
          restartHash: "",
        },
      );
      const { dependencies } = find(recorded, "ConfigMap", "after");
      for (const role of ["jobmanager", "taskmanager"]) {
        assert.ok(dependencies.some((urn) => urn.endsWith(`Deployment::orders-${role}`)));
      }
    });

    it("the restart hash changes with what restarts the JobManager, and with nothing else", async () => {
      const hashOf = async (args: Partial<FlinkClusterArgs>) =>
        (await valueOf((await record(() => cluster(args))).result.connection))?.restartHash;
      const before = await hashOf({});
      assert.equal(await hashOf({ taskManager: { memory: "4g", slots: 3, replicas: 5 } }), before);
      assert.notEqual(await hashOf({ jobManager: { memory: "2g" } }), before);
      assert.notEqual(await hashOf({ image: "registry.example.com/flink:2" }), before);
      assert.notEqual(await hashOf({ config: { "s3.endpoint": "https://s3" } }), before);
    });

    it("show every part of the memory", async () => {
      const { result } = await record(() => cluster({ taskManager: { memory: "4g" } }));
      const memory = await valueOf(result.taskManagerMemory);
      assert.equal(memory?.processSize, "4096Mi");
      assert.equal(memory?.managed, "1372.16Mi");
      assert.equal((await valueOf(result.jobManagerMemory))?.processSize, "1600Mi");
      // Not whole mebibytes, and yet the same unit as all others.
      for (const size of Object.values(memory ?? {})) assert.match(size, /^\d+(\.\d{1,3})?Mi$/);
    });
  });

  it("shows its arguments with defaults on its own line of a preview, without secrets", async () => {
    const { recorded } = await record(() => cluster({ config: { "s3.secret-key": "hunter2", a: "b" } }));
    const { inputs } = find(recorded, "FlinkCluster", "orders");
    assert.equal(inputs.image, "flink:2.2.1-java17");
    assert.deepEqual(inputs.config, { a: "b" });
    assert.ok(!JSON.stringify(inputs).includes("hunter2"));
  });

  it("two clusters share an adopted namespace", async () => {
    const { recorded } = await record(() => {
      const namespace = { name: "shared", create: false };
      new FlinkCluster("a", { flinkVersion: "2.2.1", namespace });
      new FlinkCluster("b", { flinkVersion: "1.20.4", namespace });
    });
    const names = recorded
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map(({ type, inputs }) => `${type} ${(inputs.metadata as { name: string }).name}`);
    assert.equal(new Set(names).size, names.length);
  });

  it("passes customTimeouts on to its objects, which Pulumi does not do by itself", async () => {
    const { recorded } = await record(() => {
      new FlinkCluster("orders", { flinkVersion: "2.2.1" }, { customTimeouts: { create: "30m" } });
    });
    const workloads = recorded.filter(({ type }) => /:(Deployment|Namespace)$/.test(type));
    assert.ok(workloads.length >= 3);
    for (const { name, createTimeout } of workloads) assert.match(createTimeout, /^(30m|1800s)$/, name);
    // The preparation has a deadline of its own, and its reason must come first.
    const prepare = recorded.find(({ type }) => type.endsWith(":Job"));
    assert.doesNotMatch(prepare?.createTimeout ?? "", /^(30m|1800s)?$/);
  });
});
