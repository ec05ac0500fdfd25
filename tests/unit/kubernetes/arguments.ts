import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { ClusterModel } from "../../../components/args/model";
import { normaliseCluster } from "../../../components/args/normalise";
import { roleConfigMap } from "../../../components/kubernetes/configuration";
import { jobManagerDeployment, jobManagerTemplate } from "../../../components/kubernetes/deployments";
import { taskManagerDeployment, taskManagerTemplate } from "../../../components/kubernetes/task-managers";

/** State in an S3-compatible store. */
export const storage = {
  directory: "s3://bucket/orders",
  s3: {
    endpoint: "http://s3:9000",
    accessKey: { name: "s3", key: "access" },
    secretKey: { name: "s3", key: "secret" },
  },
};

/** The model of arguments that are right. */
export function modelOf(args: Partial<FlinkClusterArgs> = {}, name = "orders"): ClusterModel {
  const { model, problems } = normaliseCluster(name, { flinkVersion: "2.2.1", ...args });
  assert.ok(model, JSON.stringify(problems));
  return model;
}

/** Both Deployments as the component makes them, without the hash of the Secret. */
export function deploymentsOf(model: ClusterModel) {
  const jobManager = jobManagerTemplate(model, roleConfigMap(model, "jobmanager").metadata.name);
  const taskManager = taskManagerTemplate(model, roleConfigMap(model, "taskmanager").metadata.name);
  return [
    { role: model.jobManager, deployment: jobManagerDeployment(model, jobManager, "0a1b2c3d") },
    { role: model.taskManager, deployment: taskManagerDeployment(model, taskManager) },
  ] as const;
}

/** Names of clusters that Kubernetes and Flink take. */
export const clusterNames = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,22}$/);

const memory = fc.integer({ min: 1000, max: 20_000 }).map((megabytes) => `${megabytes}m`);
const cpu = fc.record(
  {
    request: fc.integer({ min: 1, max: 500 }).map((m) => `${m}m`),
    limit: fc.constantFrom("1", "0.75", "2500m"),
  },
  { requiredKeys: [] },
);
const labels = fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fc.stringMatching(/^[a-z0-9]{0,10}$/), {
  maxKeys: 3,
});
const env = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,10}$/), fc.string({ maxLength: 10 }), { maxKeys: 3 })
  .map((values) => Object.entries(values).map(([name, value]) => ({ name, value })));
const pod = { memory, cpu, podLabels: labels, podAnnotations: labels, env };

/** Arguments that are right, in many combinations. */
export const clusterArguments: fc.Arbitrary<FlinkClusterArgs> = fc
  .record(
    {
      flinkVersion: fc.constantFrom("1.20.4", "2.0.2", "2.2.1", "2.3.0"),
      namespace: fc.record(
        { name: fc.constantFrom("team-a", "data"), create: fc.boolean() },
        { requiredKeys: [] },
      ),
      image: fc.constant("registry.example.com/flink:1"),
      imagePullSecrets: fc.array(fc.constantFrom("a", "b")),
      jobManager: fc.record(pod, { requiredKeys: [] }),
      taskManager: fc.record({ ...pod, slots: fc.integer({ min: 1, max: 16 }) }, { requiredKeys: [] }),
      autoscaling: fc.record({
        minReplicas: fc.integer({ min: 1, max: 3 }),
        maxReplicas: fc.integer({ min: 3, max: 9 }),
      }),
      network: fc.record(
        { egress: fc.array(fc.constant({ cidr: "10.0.0.0/8", ports: [443] })) },
        { requiredKeys: [] },
      ),
      config: fc.dictionary(
        fc.constantFrom("s3.endpoint", "s3.secret-key", "pipeline.name"),
        fc.constant("x"),
      ),
    },
    { requiredKeys: ["flinkVersion"] },
  )
  .map((args) => args as FlinkClusterArgs);
