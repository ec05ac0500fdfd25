import assert from "node:assert/strict";
import type { autoscaling } from "@pulumi/kubernetes/types/input";
import type { FlinkClusterArgs } from "../../components/args/cluster";
import type { AutoscalingModel } from "../../components/args/model";
import { normaliseCluster } from "../../components/args/normalise";
import { defaultParallelism } from "../../components/args/scaling";
import { autoscaler, scaledObject } from "../../components/kubernetes/scaling";
import { deploymentsOf, modelOf } from "./kubernetes/arguments";

function check(args: Record<string, unknown>) {
  const given = { flinkVersion: "2.2.1", checkpointing: { interval: "1 min" }, ...args };
  const { warnings, ...rest } = normaliseCluster("orders", given as unknown as FlinkClusterArgs);
  // Where checkpoints are is another argument's business.
  return { ...rest, warnings: warnings.filter(({ path }) => path !== "checkpointing.interval") };
}

const paths = (list: { path: string }[]) => list.map(({ path }) => path);

function scalingOf(args: Record<string, unknown>): AutoscalingModel {
  const { model, problems } = check(args);
  assert.ok(model, JSON.stringify(problems));
  assert.ok(!("replicas" in model.scaling));
  return model.scaling;
}

/** The plain form of what is typed for Outputs too. */
interface Rules {
  stabilizationWindowSeconds: number;
  policies: { type: string; value: number; periodSeconds: number }[];
}
function rulesOf(args: Record<string, unknown>): { scaleUp: Rules; scaleDown: Rules } {
  return scalingOf(args).behavior as unknown as { scaleUp: Rules; scaleDown: Rules };
}

const lag: autoscaling.v2.MetricSpec = {
  type: "External",
  external: { metric: { name: "kafka_lag" }, target: { type: "AverageValue", averageValue: "1000" } },
};
const kafka = { type: "kafka", metadata: { topic: "orders", lagThreshold: "1000" } };

describe("autoscaling", () => {
  it("scales the TaskManagers between its bounds by CPU, and begins with the minimum", () => {
    const model = modelOf({ autoscaling: { minReplicas: 2, maxReplicas: 5, cpuUtilization: 60 } });
    const scaling = model.scaling as AutoscalingModel;
    const { spec } = autoscaler(model, scaling);
    const [, taskManager] = deploymentsOf(model);
    assert.deepEqual(spec.scaleTargetRef, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: taskManager.deployment.metadata.name,
    });
    assert.deepEqual([spec.minReplicas, spec.maxReplicas], [2, 5]);
    assert.deepEqual(spec.metrics, [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
      },
    ]);
    assert.equal(taskManager.deployment.spec.replicas, 2);
  });

  it("by other metrics in place of CPU, or besides", () => {
    const only = scalingOf({ autoscaling: { maxReplicas: 3, metrics: [lag] } });
    assert.deepEqual(only.metrics, [lag]);
    const both = scalingOf({ autoscaling: { maxReplicas: 3, cpuUtilization: 70, metrics: [lag] } });
    assert.deepEqual(
      both.metrics.map(({ type }) => type),
      ["Resource", "External"],
    );
    const none = scalingOf({ autoscaling: { maxReplicas: 3, metrics: [] } });
    assert.deepEqual(
      none.metrics.map(({ type }) => type),
      ["Resource"],
    );
  });

  it("goes up no faster than the scheduler of the version rescales, down no faster than a job recovers", () => {
    const autoscaling = { maxReplicas: 5 };
    const one = rulesOf({ flinkVersion: "1.20.4", autoscaling });
    assert.equal(one.scaleUp.stabilizationWindowSeconds, 60);
    const two = rulesOf({ autoscaling });
    assert.equal(two.scaleUp.stabilizationWindowSeconds, 90); // 30 s cooldown, 60 s stabilization
    assert.equal(two.scaleDown.stabilizationWindowSeconds, 300);
    assert.ok(two.scaleDown.policies.every(({ periodSeconds }) => periodSeconds === 120)); // interval and restart
    const rare = rulesOf({ autoscaling, checkpointing: { interval: "5 min" } });
    assert.ok(rare.scaleDown.policies.every(({ periodSeconds }) => periodSeconds === 360));
    const hourly = rulesOf({ autoscaling, checkpointing: { interval: "1 h" } });
    assert.ok(hourly.scaleDown.policies.every(({ periodSeconds }) => periodSeconds === 1800)); // Kubernetes' most
    const slow = { "jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling": "5 min" };
    const configured = rulesOf({ autoscaling, config: slow });
    assert.equal(configured.scaleUp.stabilizationWindowSeconds, 360);
    assert.ok(configured.scaleUp.policies.every(({ periodSeconds }) => periodSeconds === 360));
  });

  it("takes windows and whole directions as they are given", () => {
    const scaleDown = { selectPolicy: "Disabled" };
    const given = { maxReplicas: 5, scaleUpStabilizationSeconds: 120, behavior: { scaleDown } };
    const rules = rulesOf({ autoscaling: given });
    assert.equal(rules.scaleUp.stabilizationWindowSeconds, 120);
    assert.deepEqual(rules.scaleDown, scaleDown);
  });

  it("is KEDA's business with keda: its triggers, our bounds and behaviour, never to zero", () => {
    const triggers = [{ ...kafka, authenticationRef: { name: "kafka" } }];
    const fallback = { failureThreshold: 3, replicas: 4 };
    const model = modelOf({
      autoscaling: { minReplicas: 2, maxReplicas: 8, keda: { triggers, pollingInterval: 15, fallback } },
    });
    const scaling = model.scaling as AutoscalingModel;
    const { spec, apiVersion, kind } = scaledObject(model, scaling, scaling.keda!);
    assert.deepEqual([apiVersion, kind], ["keda.sh/v1alpha1", "ScaledObject"]);
    assert.deepEqual(spec, {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders-taskmanager" },
      minReplicaCount: 2,
      maxReplicaCount: 8,
      pollingInterval: 15,
      fallback,
      advanced: { horizontalPodAutoscalerConfig: { behavior: scaling.behavior } },
      triggers,
    });
    assert.ok(!("idleReplicaCount" in spec));
    assert.deepEqual(scaling.metrics, []);
  });

  it("scales a StatefulSet where TaskManagers keep volumes", () => {
    const taskManager = { localRecovery: { size: "1Gi" } };
    const model = modelOf({ taskManager, autoscaling: { maxReplicas: 8 } });
    assert.equal(
      autoscaler(model, model.scaling as AutoscalingModel).spec.scaleTargetRef.kind,
      "StatefulSet",
    );
    const keda = modelOf({ taskManager, autoscaling: { maxReplicas: 8, keda: { triggers: [kafka] } } });
    const scaling = keda.scaling as AutoscalingModel;
    assert.equal(scaledObject(keda, scaling, scaling.keda!).spec.scaleTargetRef.kind, "StatefulSet");
  });

  it("gives jobs all slots that there can be, as far as one job can use them", () => {
    const autoscaling = { maxReplicas: 10 };
    const taskManager = { slots: 4 };
    assert.equal(defaultParallelism(modelOf({ autoscaling, taskManager })), 40);
    const config = { "pipeline.max-parallelism": "24" };
    assert.equal(defaultParallelism(modelOf({ autoscaling, taskManager, config })), 24);
  });

  const mistakes: [what: string, args: Record<string, unknown>, path: string, fix: RegExp][] = [
    [
      "a metric that Kubernetes does not take",
      { autoscaling: { maxReplicas: 3, metrics: [lag, { type: "External" }] } },
      "autoscaling.metrics[1].external",
      /external/,
    ],
    [
      "a behaviour that Kubernetes refuses",
      { autoscaling: { maxReplicas: 3, behavior: { scaleUp: { stabilizationWindowSecond: 3 } } } },
      "autoscaling.behavior.scaleUp.stabilizationWindowSecond",
      /stabilizationWindowSeconds/,
    ],
    [
      "a window said twice",
      { autoscaling: { maxReplicas: 3, scaleDownStabilizationSeconds: 60, behavior: { scaleDown: {} } } },
      "autoscaling.scaleDownStabilizationSeconds",
      /behavior\.scaleDown\.stabilizationWindowSeconds/,
    ],
    [
      "a clock of KEDA's that never strikes",
      {
        autoscaling: {
          maxReplicas: 3,
          keda: {
            triggers: [
              { type: "cron", metadata: { timezone: "Etc/UTC", start: "0 25 * * *", end: "0 3 * * *" } },
            ],
          },
        },
      },
      "autoscaling.keda.triggers[0].metadata.start",
      /three o'clock/,
    ],
    [
      "two autoscalers",
      { autoscaling: { maxReplicas: 3, cpuUtilization: 60, keda: { triggers: [kafka] } } },
      "autoscaling.cpuUtilization",
      /value: "60"/,
    ],
    [
      "KEDA without triggers",
      { autoscaling: { maxReplicas: 3, keda: {} } },
      "autoscaling.keda.triggers",
      /least one/,
    ],
    [
      "a trigger without a kind",
      { autoscaling: { maxReplicas: 3, keda: { triggers: [{ metadata: { a: "b" } }] } } },
      "autoscaling.keda.triggers[0].type",
      /kafka/,
    ],
    [
      "a trigger that knows nothing",
      { autoscaling: { maxReplicas: 3, keda: { triggers: [{ type: "kafka" }] } } },
      "autoscaling.keda.triggers[0].metadata",
      /documentation|page/,
    ],
    [
      "a misspelt key of a trigger",
      { autoscaling: { maxReplicas: 3, keda: { triggers: [{ ...kafka, authRef: { name: "x" } }] } } },
      "autoscaling.keda.triggers[0].authRef",
      /authenticationRef|use one of/,
    ],
    [
      "a metric type that does not go with the trigger",
      { autoscaling: { maxReplicas: 3, keda: { triggers: [{ ...kafka, metricType: "Utilization" }] } } },
      "autoscaling.keda.triggers[0].metricType",
      /AverageValue or Value/,
    ],
    [
      "triggers of one name",
      {
        autoscaling: {
          maxReplicas: 3,
          keda: {
            triggers: [
              { ...kafka, name: "a" },
              { ...kafka, name: "a" },
            ],
          },
        },
      },
      "autoscaling.keda.triggers[1].name",
      /another name/,
    ],
    [
      "a fallback out of bounds",
      {
        autoscaling: {
          maxReplicas: 3,
          keda: { triggers: [kafka], fallback: { failureThreshold: 2, replicas: 0 } },
        },
      },
      "autoscaling.keda.fallback.replicas",
      /from 1 to 3/,
    ],
    [
      "a fallback that never comes",
      {
        autoscaling: {
          maxReplicas: 3,
          keda: {
            triggers: [{ type: "cpu", metricType: "Utilization", metadata: { value: "60" } }],
            fallback: { failureThreshold: 2, replicas: 2 },
          },
        },
      },
      "autoscaling.keda.fallback",
      /another kind/,
    ],
    [
      "no restart after a TaskManager went",
      { autoscaling: { maxReplicas: 3 }, config: { "restart-strategy.type": "none" } },
      'config["restart-strategy.type"]',
      /exponential-delay/,
    ],
  ];
  for (const [what, args, path, fix] of mistakes) {
    it(`refuses ${what}`, () => {
      const { problems } = check(args);
      assert.deepEqual(paths(problems), [path], JSON.stringify(problems));
      assert.match(problems[0]!.fix, fix);
    });
  }

  const doubtful: [what: string, args: Record<string, unknown>, path: string][] = [
    [
      "slots that no job can use",
      {
        autoscaling: { maxReplicas: 10 },
        taskManager: { slots: 4 },
        config: { "pipeline.max-parallelism": "24" },
      },
      "autoscaling.maxReplicas",
    ],
    [
      "slots of a fixed number that no job can use",
      { taskManager: { replicas: 3 }, config: { "pipeline.max-parallelism": "2" } },
      "taskManager.replicas",
    ],
    ["no TaskManagers", { taskManager: { replicas: 0 } }, "taskManager.replicas"],
    [
      "nothing between minimum and maximum",
      { autoscaling: { minReplicas: 3, maxReplicas: 3 } },
      "autoscaling.maxReplicas",
    ],
    [
      "a window shorter than the scheduler's own",
      { autoscaling: { maxReplicas: 3, scaleUpStabilizationSeconds: 10 } },
      "autoscaling.scaleUpStabilizationSeconds",
    ],
    [
      "a CPU use that is never reached",
      { autoscaling: { maxReplicas: 3, cpuUtilization: 95 }, taskManager: { cpu: { request: "1" } } },
      "autoscaling.cpuUtilization",
    ],
    [
      "restarts that are counted for ever",
      { autoscaling: { maxReplicas: 3 }, config: { "restart-strategy.type": "fixed-delay" } },
      'config["restart-strategy.type"]',
    ],
  ];
  for (const [what, args, path] of doubtful) {
    it(`warns of ${what}`, () => {
      const { warnings } = check(args);
      assert.deepEqual(paths(warnings), [path], JSON.stringify(warnings));
    });
  }

  it("has nothing to say about what is usual", () => {
    const usual = [
      { autoscaling: { minReplicas: 1, maxReplicas: 30 }, config: { "pipeline.max-parallelism": "120" } },
      { autoscaling: { maxReplicas: 4, keda: { triggers: [kafka] } } },
      { taskManager: { replicas: 4, slots: 2 } },
      {},
    ];
    for (const args of usual) assert.deepEqual(check(args).warnings, []);
  });
});
