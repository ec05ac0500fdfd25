import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { FlinkApplication } from "../../components/application";
import type { FlinkApplicationArgs } from "../../components/args/application";
import { normaliseApplication } from "../../components/args/normalise-application";
import { roleConfigMap } from "../../components/kubernetes/configuration";
import { kinds, mountedConfigMaps, record, type Recorded } from "./kubernetes/recorder";

const needed: FlinkApplicationArgs = {
  flinkVersion: "2.2.1",
  jar: "/opt/flink/usrlib/orders.jar",
  storage: { directory: "s3://state/flink" },
  checkpointing: { interval: "1 min" },
};

function application(args: Partial<FlinkApplicationArgs> = {}) {
  return new FlinkApplication("orders", { ...needed, ...args });
}

function find(recorded: Recorded[], name: string, kind: string): Recorded {
  const found = recorded.find((one) => one.name === name && one.type.endsWith(`:${kind}`));
  assert.ok(found, `${kind} ${name} among ${kinds(recorded).join(", ")}`);
  return found;
}

const nameOf = ({ inputs }: Recorded) => (inputs.metadata as { name: string }).name;

/** Problems of the arguments: where, and why. */
function problems(args: Record<string, unknown>, name = "orders") {
  const all = { ...needed, ...args } as unknown as FlinkApplicationArgs;
  return normaliseApplication(name, all).problems.map(({ path, reason }) => `${path}: ${reason}`);
}

function launcher(args: Partial<FlinkApplicationArgs> = {}): string {
  const { model } = normaliseApplication("orders", { ...needed, ...args });
  return roleConfigMap(model!, "jobmanager").data["launch.sh"];
}

describe("FlinkApplication", function () {
  this.timeout(60_000);

  it("makes every ConfigMap that its pods are to have", async () => {
    const { recorded } = await record(() => application({ savepoints: { schedule: "0 3 * * *" } }));
    const maps = recorded.filter(({ type }) => type.endsWith(":ConfigMap"));
    const made = maps.map(({ inputs }) => (inputs.metadata as { name: string }).name);
    const named = mountedConfigMaps(recorded);
    const workloads = recorded.filter(({ type }) => /:(Deployment|Job|CronJob)$/.test(type));
    assert.ok(named.length >= workloads.length, "each has one");
    assert.deepEqual(
      named.filter((name) => !made.includes(name)),
      [],
    );
  });

  describe("whose pods end some time after the job", () => {
    const differing = async (args: Partial<FlinkApplicationArgs>, more: Partial<FlinkApplicationArgs>) => {
      const objects = async (given: Partial<FlinkApplicationArgs>) =>
        new Map(
          (await record(() => application(given))).recorded.map((one) => [`${one.type} ${one.name}`, one]),
        );
      const [before, after] = [await objects(args), await objects({ ...args, ...more })];
      assert.deepEqual([...before.keys()].map(withoutHash), [...after.keys()].map(withoutHash));
      const changed = [...after].filter(
        ([key, one]) => JSON.stringify(one.inputs) !== JSON.stringify(before.get(key)?.inputs),
      );
      return changed.map(([, one]) => one);
    };
    const withoutHash = (key: string) => key.replace(/-[0-9a-f]{8}$/, "-*");

    it("has nothing of it in the pods of Flink, nor in its revision", async () => {
      const changed = await differing({}, { ttlSecondsAfterFinished: 3600 });
      assert.deepEqual(kinds(changed), [
        "ConfigMap orders-program-*",
        "Deployment orders-guard",
        "Deployment orders-jobmanager",
        "Job orders-prepare",
        "Job orders-start",
        "Role orders-guard",
      ]);
      const { metadata } = find(changed, "orders-jobmanager", "Deployment").inputs as {
        metadata: { annotations: object };
      };
      assert.partialDeepStrictEqual(metadata.annotations, { "pulumi.com/patchForce": "true" });
    });

    for (const [what, args, workload] of [
      ["a Deployment", {}, "deployments/orders-taskmanager"],
      [
        "a StatefulSet",
        { taskManager: { localRecovery: { size: "1Gi" } } },
        "statefulsets/orders-taskmanager",
      ],
    ] as const) {
      it(`lets the guard, and nobody else, say how many pods there are: TaskManagers in ${what}`, async () => {
        const { recorded } = await record(() => application({ ...args, ttlSecondsAfterFinished: 3600 }));
        const spec = find(recorded, "orders-guard", "Deployment").inputs.spec as {
          template: {
            spec: { containers: { command: string[]; env: { name: string; value?: string }[] }[] };
          };
        };
        const [{ command, env }] = spec.template.spec.containers as [
          (typeof spec.template.spec.containers)[0],
        ];
        assert.match(command.at(-1)!, /\/ttl\.sh$/);
        const value = (name: string) => env.find((one) => one.name === name)?.value;
        assert.deepEqual([value("TTL_SECONDS"), value("TASKMANAGER_WORKLOAD")], ["3600", workload]);
        const scaling = recorded
          .filter(({ type }) => type.endsWith(":Role"))
          .flatMap(({ name, inputs }) =>
            (inputs.rules as { resources: string[]; resourceNames: string[]; verbs: string[] }[])
              .filter(({ resources }) => resources.some((resource) => resource.endsWith("/scale")))
              .map(({ resources, resourceNames, verbs }) => [name, ...resources, ...resourceNames, ...verbs]),
          );
        const [kind, name] = workload.split("/") as [string, string];
        assert.deepEqual(scaling, [
          ["orders-guard", "deployments/scale", "orders-jobmanager", "get", "patch"],
          ["orders-guard", `${kind}/scale`, name, "get", "patch"],
        ]);
      });
    }

    it("is not missed by the alert for JobManagers", async () => {
      const alerts = async (args: Partial<FlinkApplicationArgs>) => {
        const { recorded } = await record(() =>
          application({ monitoring: { prometheus: {}, alerts: {} }, ...args }),
        );
        return JSON.stringify(recorded.find(({ type }) => type.endsWith(":PrometheusRule"))!.inputs);
      };
      assert.match(await alerts({}), /FlinkJobManagerMissing/);
      assert.doesNotMatch(await alerts({ ttlSecondsAfterFinished: 60 }), /FlinkJobManagerMissing/);
    });
  });

  it("makes a cluster's objects, and those of a job", async () => {
    const { recorded } = await record(() => application());
    assert.deepEqual(kinds(recorded), [
      "ConfigMap orders-jobmanager-conf-*",
      "ConfigMap orders-ledger",
      "ConfigMap orders-program-*",
      "ConfigMap orders-taskmanager-conf-*",
      "Deployment orders-guard",
      "Deployment orders-jobmanager",
      "Deployment orders-taskmanager",
      "FlinkApplication orders",
      "Job orders-prepare",
      "Job orders-start",
      "Namespace orders-namespace",
      "NetworkPolicy orders-guard-network",
      "NetworkPolicy orders-jobmanager-network",
      "NetworkPolicy orders-submitter-network",
      "NetworkPolicy orders-taskmanager-network",
      "PodDisruptionBudget orders-jobmanager",
      "PodDisruptionBudget orders-taskmanager",
      "Role orders-guard",
      "Role orders-jobmanager-ledger",
      "Role orders-submitter",
      "RoleBinding orders-guard",
      "RoleBinding orders-jobmanager-ledger",
      "RoleBinding orders-submitter",
      "Service orders-jobmanager",
      "Service orders-rest",
      "ServiceAccount orders-guard",
      "ServiceAccount orders-jobmanager",
      "ServiceAccount orders-submitter",
      "ServiceAccount orders-taskmanager",
    ]);
  });

  it("stops the job before the JobManager changes, follows it after that, and is stopped by its guard before anything else goes", async () => {
    const { recorded } = await record(() => application());
    const needs = (one: Recorded, other: string) =>
      assert.ok(
        one.dependencies.some((urn) => urn.endsWith(other)),
        `${one.name} needs ${other}: ${one.dependencies.join(", ")}`,
      );
    for (const name of ["jobmanager", "taskmanager"]) {
      needs(find(recorded, `orders-${name}`, "Deployment"), "Job::orders-prepare");
      needs(find(recorded, "orders-start", "Job"), `Deployment::orders-${name}`);
    }
    needs(find(recorded, "orders-prepare", "Job"), "ConfigMap::orders-ledger");
    needs(find(recorded, "orders-guard", "Deployment"), "Job::orders-start");
  });

  it("tells the JobManager its revision, by which the Jobs are named; two JobManagers never overlap", async () => {
    const { recorded } = await record(() => application({ highAvailability: {} }));
    const deployment = find(recorded, "orders-jobmanager", "Deployment");
    const spec = deployment.inputs.spec as {
      strategy: { type: string };
      template: { spec: { containers: { env: { name: string; value?: string }[] }[] } };
    };
    assert.equal(spec.strategy.type, "Recreate");
    const { env } = spec.template.spec.containers[0];
    const revision = env.find(({ name }) => name === "FLINK_KUBERNETES_REVISION")!.value!;
    assert.match(revision, /^[0-9a-f]{8}$/);
    assert.equal(nameOf(find(recorded, "orders-prepare", "Job")), `orders--orders-prepare-${revision}`);
    assert.equal(nameOf(find(recorded, "orders-start", "Job")), `orders--orders-start-${revision}`);
  });

  it("leaves its ledger behind where that is wanted and the namespace stays", async () => {
    const namespace = { retain: true };
    const { recorded } = await record(() => application({ retainLedger: true, namespace }));
    assert.equal(find(recorded, "orders-ledger", "ConfigMapPatch").retainOnDelete, true);
    assert.match(problems({ retainLedger: true }).join(), /^retainLedger: the namespace is deleted/);
    assert.deepEqual(problems({ retainLedger: true, namespace: { create: false } }), []);
  });

  it("is another revision with other arguments or another nonce, and not with another upgrade mode", async () => {
    const revision = async (args: Partial<FlinkApplicationArgs>) =>
      nameOf(find((await record(() => application(args))).recorded, "orders-start", "Job"));
    const before = await revision({});
    assert.notEqual(await revision({ arguments: ["--x"] }), before);
    assert.notEqual(await revision({ restoreNonce: "1" }), before);
    assert.notEqual(await revision({ reactive: true }), before);
    assert.equal(await revision({ upgradeMode: "lastState", startTimeout: 60, bounded: true }), before);
    assert.equal(await revision({ initialSavepoint: pulumi.output("s3://other/savepoint") }), before);
  });

  it("starts Flink with what the arguments say", () => {
    const all = launcher({
      entryClass: "com.example.Orders",
      arguments: ["--topic", "it's"],
      reactive: true,
      allowNonRestoredState: true,
      highAvailability: {},
    });
    for (const part of [
      "-D scheduler-mode=reactive",
      "--allowNonRestoredState",
      "--job-classname com.example.Orders",
      "--jars local:///opt/flink/usrlib/orders.jar",
      "-- --topic 'it'\\''s'",
      "-D job-result-store.storage-path=s3://state/flink/ha/results/",
    ]) {
      assert.ok(all.includes(part), part);
    }
    const few = launcher();
    for (const part of ["scheduler-mode", "allowNonRestoredState", "job-classname", "result-store"]) {
      assert.ok(!few.includes(part), part);
    }
  });

  it("takes no jars over the web UI unless somebody wants it to", () => {
    const submit = (config: Record<string, string> = {}) => {
      const { model } = normaliseApplication("orders", { ...needed, config });
      return model!.jobManager.options["web.submit.enable"];
    };
    assert.equal(submit(), "false");
    assert.equal(submit({ "web.submit.enable": "true" }), "true");
    assert.equal(submit({ "web.submit.enable": "false" }), "false");
  });

  it("keeps the JobManager when its job has ended, and its failure too, as each version has it", () => {
    const config = (flinkVersion: string) => {
      const { model } = normaliseApplication("orders", { ...needed, flinkVersion });
      return model!.jobManager.options;
    };
    for (const version of ["1.20.4", "2.2.1", "2.3.0"]) {
      assert.equal(config(version)["execution.shutdown-on-application-finish"], "false", version);
    }
    assert.equal(config("2.2.1")["parallelism.default"], "1");
  });

  describe("refuses", () => {
    const cases: [string, Record<string, unknown>, RegExp][] = [
      [
        "a parallelism in reactive mode",
        { parallelism: 2, reactive: true },
        /^parallelism: in reactive mode/,
      ],
      [
        "reactive mode as an option",
        { config: { "scheduler-mode": "reactive" } },
        /^config\["scheduler-mode"\]: .*reactive/,
      ],
      [
        "another scheduler in reactive mode",
        { reactive: true, config: { "jobmanager.scheduler": "default" } },
        /^config\["jobmanager.scheduler"\]/,
      ],
      [
        "the parallelism as an option",
        { config: { "parallelism.default": "2" } },
        /^config\["parallelism.default"\]/,
      ],
      ["a jar from the network", { jar: "https://example.com/a.jar" }, /^jar: .*its own container/],
      ["a jar that is none", { jar: "orders.jar" }, /^jar: .*absolute path/],
      ["a class that cannot be one", { entryClass: "not a class" }, /^entryClass/],
      [
        "an unknown mode",
        { upgradeMode: "gentle" },
        /^upgradeMode: Flink jobs have no upgrade mode of this name/,
      ],
      ["arguments that are no list", { arguments: "--x" }, /^arguments/],
      ["a time that is too short", { startTimeout: 1 }, /^startTimeout/],
      ["an argument that there is not", { jarr: "/a.jar" }, /^jarr/],
      ["an argument of the cluster that there is not", { taskManager: { slotz: 2 } }, /^taskManager\.slotz/],
      [
        "what prepares a session cluster",
        { prepare: { timeout: 60 } },
        /^prepare: .*an application stops its job/,
      ],
      [
        "a time for finished jobs that is none",
        { ttlSecondsAfterFinished: -1 },
        /^ttlSecondsAfterFinished: .*whole number of seconds/,
      ],
      [
        "a time for finished jobs with nobody who keeps it",
        { ttlSecondsAfterFinished: 60, guard: false },
        /^ttlSecondsAfterFinished: .*guard: false turns it off/,
      ],
      [
        "a time for finished jobs with KEDA, which starts their TaskManagers again",
        {
          ttlSecondsAfterFinished: 60,
          autoscaling: {
            maxReplicas: 3,
            keda: {
              triggers: [
                {
                  type: "cron",
                  metadata: { timezone: "UTC", start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "2" },
                },
              ],
            },
          },
        },
        /^ttlSecondsAfterFinished: KEDA/,
      ],
      [
        "an option that carrying a job sets",
        { config: { "execution.shutdown-on-application-finish": "true" } },
        /shutdown-on-application-finish/,
      ],
    ];
    for (const [what, args, expected] of cases) {
      it(what, () => {
        const found = problems(args);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0]!, expected);
      });
    }

    it("all of it at once", () => {
      const found = problems({
        jar: 5,
        taskManager: { slots: 0 },
        upgradeMode: "x",
        config: { "rest.port": "1" },
      });
      for (const path of ["jar", "taskManager.slots", "upgradeMode", 'config["rest.port"]']) {
        assert.ok(
          found.some((one) => one.startsWith(`${path}:`)),
          `${path} in ${found.join("\n")}`,
        );
      }
    });
  });
});
