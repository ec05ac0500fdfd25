import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import { normaliseCluster } from "../../components/args/normalise";
import { roleConfigMap } from "../../components/kubernetes/configuration";
import {
  taskManagerService,
  taskManagerStatefulSet,
  taskManagerTemplate,
} from "../../components/kubernetes/task-managers";
import { selectorLabels } from "../../components/names";
import { modelOf } from "./kubernetes/arguments";
import { record, type Recorded } from "./kubernetes/recorder";
import { FlinkCluster } from "../../components/index";

function problemsOf(taskManager: object, config?: object) {
  const args = { flinkVersion: "2.2.1", taskManager, ...(config ? { config } : {}) };
  return normaliseCluster("orders", args as unknown as FlinkClusterArgs).problems;
}

function podOf(taskManager: FlinkClusterArgs["taskManager"], more: Partial<FlinkClusterArgs> = {}) {
  return taskManagerTemplate(modelOf({ taskManager, ...more }), "conf").spec;
}

function statefulSetOf(name = "orders", storageClass?: string) {
  const localRecovery = { size: "20Gi", ...(storageClass ? { storageClass } : {}) };
  const model = modelOf({ taskManager: { localRecovery } }, name);
  return taskManagerStatefulSet(model, model.taskManagers.localRecovery!, taskManagerTemplate(model, "conf"));
}

describe("TaskManagers that are to stop", () => {
  it("first ask for a checkpoint, and get the time for it besides that of stopping", () => {
    const { containers, terminationGracePeriodSeconds } = podOf({});
    assert.deepEqual(containers[0].lifecycle?.preStop.exec.command, [
      "/bin/bash",
      "/opt/flink-kubernetes/conf/pre-stop.sh",
      "20",
      "orders-jobmanager.orders.svc",
      "8081",
    ]);
    assert.equal(terminationGracePeriodSeconds, 50);
    const longer = podOf({ scaleDownCheckpointSeconds: 90 });
    assert.equal(longer.containers[0].lifecycle?.preStop.exec.command[2], "90");
    assert.equal(longer.terminationGracePeriodSeconds, 120);
  });

  it("have the program for it beside the launcher", () => {
    const model = modelOf();
    const files = Object.keys(roleConfigMap(model, "taskmanager").data);
    for (const file of ["pre-stop.sh", "common.sh", "flink.sh", "json.awk"]) assert.ok(files.includes(file));
    assert.ok(!Object.keys(roleConfigMap(model, "jobmanager").data).includes("pre-stop.sh"));
  });

  it("find what they verify the REST API with, where it has TLS", () => {
    const spec = podOf({}, { tls: { rest: { certManager: {} } } });
    const folder = spec.containers[0].lifecycle?.preStop.exec.command[5];
    assert.ok(spec.containers[0].volumeMounts.some(({ mountPath }) => mountPath === folder));
  });

  it("just stop when told so", () => {
    const { containers, terminationGracePeriodSeconds } = podOf({ scaleDownCheckpointSeconds: 0 });
    assert.equal(containers[0].lifecycle, undefined);
    assert.equal(terminationGracePeriodSeconds, 30);
    const model = modelOf({ taskManager: { scaleDownCheckpointSeconds: 0 } });
    assert.ok(!("pre-stop.sh" in roleConfigMap(model, "taskmanager").data));
  });
});

describe("volumes of TaskManagers", () => {
  const volume = (spec: ReturnType<typeof podOf>, name: string) =>
    spec.volumes.find((each) => each.name === name);

  it("temporary files are on the node's disk, bounded by what is reserved there", () => {
    const spec = podOf({ ephemeralStorage: "3Gi" });
    assert.deepEqual(volume(spec, "tmp"), { name: "tmp", emptyDir: { sizeLimit: "3Gi" } });
  });

  it("or on a volume of their own, of a size and a class", () => {
    const spec = podOf({ ephemeralVolume: { size: "50Gi", storageClass: "fast" } });
    assert.deepEqual(volume(spec, "tmp"), {
      name: "tmp",
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: "fast",
            resources: { requests: { storage: "50Gi" } },
          },
        },
      },
    });
    assert.ok(
      spec.containers[0].volumeMounts.some(({ name, mountPath }) => name === "tmp" && mountPath === "/tmp"),
    );
  });

  for (const flinkVersion of ["1.20.4", "2.2.1"]) {
    it(`local recovery of Flink ${flinkVersion}: both halves of it in both roles, working files on the volume`, () => {
      const model = modelOf({ flinkVersion, taskManager: { localRecovery: { size: "20Gi" } } });
      for (const { options } of [model.jobManager, model.taskManager]) {
        assert.equal(options["execution.state-recovery.from-local"], "true");
        assert.equal(options["execution.checkpointing.local-backup.enabled"], "true");
      }
      const { spec } = taskManagerTemplate(model, "conf");
      const folder = model.taskManager.options["process.taskmanager.working-dir"];
      const mount = spec.containers[0].volumeMounts.find(({ mountPath }) => mountPath === folder);
      const [claim] = statefulSetOf().spec.volumeClaimTemplates;
      assert.equal(mount?.name, claim!.metadata.name);
      // The name that a TaskManager has for Flink is that of its pod, which comes back with the same volume.
      assert.match(
        roleConfigMap(model, "taskmanager").data["launch.sh"],
        /taskmanager\.resource-id=\$POD_NAME/,
      );
    });
  }

  it("the StatefulSet starts all at once and keeps no volume longer than its TaskManager", () => {
    const { spec, metadata } = statefulSetOf("orders", "fast");
    assert.equal(spec.podManagementPolicy, "Parallel");
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, {
      whenDeleted: "Delete",
      whenScaled: "Delete",
    });
    assert.deepEqual(spec.volumeClaimTemplates[0]!.spec, {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "fast",
      resources: { requests: { storage: "20Gi" } },
    });
    assert.equal(metadata.annotations["pulumi.com/patchForce"], "true");
    const model = modelOf({ taskManager: { localRecovery: { size: "1Gi" } } });
    const service = taskManagerService(model);
    assert.equal(spec.serviceName, service.metadata.name);
    assert.deepEqual(service.spec.selector, spec.selector.matchLabels);
    assert.deepEqual(spec.selector.matchLabels, selectorLabels("orders", "taskmanager"));
  });

  it("its name leaves room for the hash in a label of its pods, whatever the cluster's", () => {
    for (const length of [3, 40, 41, 45]) {
      assert.ok(statefulSetOf("x".repeat(length)).metadata.name.length <= 52);
    }
  });

  const mistakes: [what: string, taskManager: object, path: string, fix: RegExp][] = [
    ["no size", { localRecovery: {} }, "taskManager.localRecovery.size", /20Gi/],
    ["a wrong unit", { ephemeralVolume: { size: "20GB" } }, "taskManager.ephemeralVolume.size", /20Gi/],
    [
      "a class that cannot be",
      { ephemeralVolume: { size: "2Gi", storageClass: "Fast SSD" } },
      "taskManager.ephemeralVolume.storageClass",
      /kubectl get storageclass/,
    ],
    [
      "time of a checkpoint below nothing",
      { scaleDownCheckpointSeconds: -1 },
      "taskManager.scaleDownCheckpointSeconds",
      /0 to 3600/,
    ],
  ];
  for (const [what, taskManager, path, fix] of mistakes) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf(taskManager);
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      );
      assert.match(problems[0]!.fix, fix);
    });
  }

  it("refuses the options that local recovery sets", () => {
    const problems = problemsOf(
      { localRecovery: { size: "1Gi" } },
      { "state.backend.local-recovery": "false", "process.taskmanager.working-dir": "/tmp" },
    );
    assert.deepEqual(
      problems.map(({ fix }) => fix),
      ["set taskManager.localRecovery instead", "set taskManager.localRecovery instead"],
    );
  });

  it("takes a patch of a pod that has such a volume", () => {
    const podPatch = { spec: { schedulerName: "volcano" } };
    assert.deepEqual(problemsOf({ localRecovery: { size: "1Gi" }, podPatch }), []);
  });
});

describe("TaskManagers of a FlinkCluster", () => {
  const namespace = { name: "prod" };
  const registered = async (args: Partial<FlinkClusterArgs>) => {
    const { recorded } = await record(
      () => new FlinkCluster("orders", { flinkVersion: "2.2.1", namespace, ...args }),
    );
    return recorded;
  };
  const workload = (recorded: Recorded[]) =>
    recorded.find(
      ({ type, name }) => /:(Deployment|StatefulSet)$/.test(type) && name === "orders-taskmanager",
    )!;
  const replicasOf = ({ inputs }: Recorded) => (inputs.spec as { replicas: number }).replicas;

  it("a number that is given is set; else it is only what a new cluster begins with", async () => {
    const fixed = workload(await registered({ taskManager: { replicas: 3 } }));
    assert.deepEqual([replicasOf(fixed), fixed.ignoreChanges], [3, []]);
    const open = workload(await registered({}));
    assert.deepEqual([replicasOf(open), open.ignoreChanges], [1, ["spec.replicas"]]);
    const scaled = workload(await registered({ autoscaling: { minReplicas: 2, maxReplicas: 4 } }));
    assert.deepEqual([replicasOf(scaled), scaled.ignoreChanges], [2, ["spec.replicas"]]);
  });

  it("with KEDA there is a ScaledObject and no other autoscaler, after the TaskManagers", async () => {
    const keda = { triggers: [{ type: "cron", metadata: { timezone: "UTC" } }] };
    const recorded = await registered({ autoscaling: { maxReplicas: 4, keda } });
    assert.ok(!recorded.some(({ type }) => type.endsWith("HorizontalPodAutoscaler")));
    const scaled = recorded.find(({ type }) => type === "kubernetes:keda.sh/v1alpha1:ScaledObject")!;
    assert.ok(scaled.dependencies.some((urn) => urn.endsWith("Deployment::orders-taskmanager")));
  });

  it("with local recovery they are a StatefulSet, after the Service that it names", async () => {
    const recorded = await registered({ taskManager: { localRecovery: { size: "1Gi" } } });
    const set = workload(recorded);
    assert.match(set.type, /StatefulSet$/);
    assert.ok(set.dependencies.some((urn) => urn.endsWith("Service::orders-taskmanager")));
    assert.equal(recorded.filter(({ type }) => type.endsWith(":Deployment")).length, 1);
  });
});
