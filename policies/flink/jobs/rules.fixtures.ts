import type { Fixtures } from "../../core/fixtures";
import { application, config, flinkDeployment, jobManager, object } from "../manifests";

const fetching = (script: string) => ({
  initContainers: [
    { name: "fetch", image: "registry.example/tools:1.4", command: ["/bin/sh", "-c", script] },
  ],
});
const account = { pod: { serviceAccountName: "flink" } };
const rbac = "rbac.authorization.k8s.io/v1";
const serviceAccount = object("v1", "ServiceAccount", {}, { name: "flink" });
const highly = config({
  "high-availability.type": "kubernetes",
  "high-availability.storageDir": "s3://bucket/ha",
  "kubernetes.cluster-id": "orders",
});
const binding = (kind = "RoleBinding") =>
  object(rbac, kind, {
    roleRef: { kind: "Role", name: "flink" },
    subjects: [{ kind: "ServiceAccount", name: "flink" }],
  });
const role = (resources: string[], verbs: string[]) =>
  object(rbac, "Role", { rules: [{ apiGroups: [""], resources, verbs }] }, { name: "flink" });
const bounded = { resources: { requests: { cpu: "200m", memory: "1Gi" }, limits: { memory: "1Gi" } } };
const release = (values: Record<string, unknown>) =>
  object("helm.sh/v3", "Release", { chart: "flink-kubernetes-operator", version: "1.13.0", values });

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-job-artifact": {
    fails: [
      { manifests: [flinkDeployment({ job: { jarURI: "http://repo.example/job.jar" } })] },
      { manifests: [flinkDeployment({ job: { jarURI: "/tmp/job.jar" } })] },
      {
        about: "as an argument",
        manifests: [
          application({
            container: {
              args: ["standalone-job", "--jars", "local:///a.jar", "http://repo.example/job.jar"],
            },
          }),
        ],
        at: ["spec.template.spec.containers[0].args[3]"],
      },
      {
        about: "as an option",
        manifests: [
          config({ "user.artifacts.artifact-list": "s3://bucket/a.jar;http://repo.example/b.jar" }),
        ],
      },
      { about: "Flink is let to", manifests: [config({ "user.artifacts.raw-http-enabled": "true" })] },
      {
        about: "an init container fetches it",
        manifests: [
          application({ pod: fetching("wget -O /jobs/job.jar http://repo.example/job-1.2.0.jar") }),
        ],
        at: ["spec.template.spec.initContainers[0].command[2]"],
      },
      {
        manifests: [
          object("flink.apache.org/v1beta1", "FlinkBlueGreenDeployment", {
            spec: { template: { spec: { job: { jarURI: "http://repo.example/job.jar" } } } },
          }),
        ],
      },
    ],
    passes: [
      { manifests: [flinkDeployment({ job: { jarURI: "local:///opt/flink/usrlib/job.jar" } })] },
      {
        manifests: [
          application({
            container: {
              args: [
                "standalone-job",
                "--jars",
                "https://repo.example/job-1.2.0.jar",
                "--",
                "http://shop/a.jar",
              ],
            },
            pod: fetching("wget https://repo.example/job-1.2.0.jar"),
          }),
        ],
      },
      { manifests: [config({ "pipeline.jars": "file:///opt/flink/usrlib/a.jar,/opt/b.jar" })] },
    ],
  },
  "flink-pinned-artifact": {
    fails: [
      { manifests: [flinkDeployment({ job: { jarURI: "https://repo.example/orders-latest.jar" } })] },
      {
        about: "as an argument",
        manifests: [
          application({
            container: { args: ["standalone-job", "--jars", "s3://jobs/orders-1.2.0-SNAPSHOT.jar"] },
          }),
        ],
      },
      {
        about: "an init container that looks at nothing",
        manifests: [application({ pod: fetching("wget https://repo.example/job-1.2.0.jar") })],
      },
      {
        about: "words of one's own",
        manifests: [flinkDeployment({ job: { jarURI: "https://repo.example/canary/orders.jar" } })],
        config: { moving: ["canary"] },
      },
    ],
    passes: [
      { manifests: [flinkDeployment({ job: { jarURI: "https://repo.example/orders-1.2.0.jar" } })] },
      { manifests: [flinkDeployment({ job: { jarURI: "local:///opt/flink/usrlib/orders-latest.jar" } })] },
      {
        about: "a name that only holds such a word",
        manifests: [flinkDeployment({ job: { jarURI: "https://main.example/domain/headers-1.2.0.jar" } })],
      },
      {
        manifests: [
          application({
            pod: fetching(
              "wget https://repo.example/job-1.2.0.jar && echo '5f2c  job-1.2.0.jar' | sha256sum -c -",
            ),
          }),
        ],
      },
    ],
  },
  "flink-kafka-transactions": {
    fails: [
      {
        manifests: [
          application({
            container: { args: ["standalone-job", "--", "--transaction.timeout.ms", "60000"] },
          }),
          config({ "execution.checkpointing.interval": "5min" }),
        ],
        at: ["spec.template.spec.containers[0].args[2]"],
      },
      {
        about: "as one argument of a custom resource",
        manifests: [
          flinkDeployment({
            job: { upgradeMode: "savepoint", args: ["--kafka.transaction.timeout.ms=60000"] },
            flinkConfiguration: { "execution.checkpointing.interval": "1min" },
          }),
        ],
        at: ["spec.job.args[0]"],
      },
    ],
    passes: [
      {
        manifests: [
          application({
            container: { args: ["standalone-job", "--", "--transaction.timeout.ms", "900000"] },
          }),
          config({ "execution.checkpointing.interval": "5min" }),
        ],
      },
      {
        about: "a job that says nothing of it",
        manifests: [application(), config({ "execution.checkpointing.interval": "5min" })],
      },
    ],
  },
  "flink-session-cluster": {
    fails: [{ manifests: [jobManager(), config({})] }, { manifests: [flinkDeployment({})] }],
    passes: [
      { manifests: [application()] },
      { manifests: [flinkDeployment({ job: { parallelism: 1 } })] },
      {
        about: "the JobManager of a FlinkApplication, whose launcher carries the job",
        manifests: [
          jobManager({ container: { env: [{ name: "FLINK_KUBERNETES_REVISION", value: "17c1e8a2" }] } }),
          config({}),
        ],
      },
    ],
  },
  "flink-custom-resource": {
    fails: [
      { manifests: [flinkDeployment({}, { name: "a".repeat(46) })] },
      { manifests: [flinkDeployment({ flinkConfiguration: { "kubernetes.cluster-id": "orders" } })] },
      { manifests: [flinkDeployment({ job: { parallelism: 0 } })] },
      { manifests: [flinkDeployment({ taskManager: { resource: { cpu: 1 } } })] },
    ],
    passes: [
      {
        manifests: [
          flinkDeployment({ job: { parallelism: 2 }, taskManager: { resource: { memory: "2048m" } } }),
        ],
      },
    ],
  },
  "flink-ha-rights": {
    fails: [
      { manifests: [jobManager(account), binding(), role(["configmaps"], ["*"])] },
      { manifests: [jobManager(account), binding(), role(["configmaps", "secrets"], ["get"])] },
      { manifests: [jobManager(account), binding("ClusterRoleBinding")] },
      {
        about: "by the field's old name",
        manifests: [jobManager({ pod: { serviceAccount: "flink" } }), binding("ClusterRoleBinding")],
      },
      { manifests: [flinkDeployment({ serviceAccount: "flink" }), binding(), role(["*"], ["get"])] },
      {
        about: "more than ConfigMaps",
        manifests: [jobManager(account), highly, binding(), role(["configmaps", "pods"], ["get"])],
        at: ["rules[0].resources"],
      },
      {
        about: "more than Flink's own integration needs",
        manifests: [
          flinkDeployment({ serviceAccount: "flink" }),
          binding(),
          role(["pods", "configmaps", "nodes"], ["get"]),
        ],
      },
      {
        about: "rights that nothing uses, without high availability",
        manifests: [jobManager(account), config({}), binding(), role(["configmaps"], ["get"])],
      },
      {
        about: "an account that may not do what high availability needs",
        manifests: [jobManager(account), highly, serviceAccount],
        at: ["spec.template.spec.serviceAccountName"],
      },
      {
        about: "a Role for something else",
        manifests: [
          jobManager(account),
          highly,
          serviceAccount,
          binding(),
          object(
            rbac,
            "Role",
            { rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: ["a"], verbs: ["get"] }] },
            { name: "flink" },
          ),
        ],
        at: ["spec.template.spec.serviceAccountName"],
      },
    ],
    passes: [
      {
        manifests: [
          jobManager(account),
          highly,
          binding(),
          role(["configmaps"], ["get", "list", "watch", "update"]),
          serviceAccount,
        ],
      },
      {
        about: "the account is made elsewhere, and so are its rights",
        manifests: [jobManager(account), highly],
      },
      {
        about: "rights to objects that are named",
        manifests: [
          jobManager(account),
          config({}),
          binding(),
          object(
            rbac,
            "Role",
            { rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: ["a"], verbs: ["get"] }] },
            { name: "flink" },
          ),
        ],
      },
      {
        about: "what a job uses",
        manifests: [jobManager(account), highly, binding(), role(["configmaps", "leases"], ["get"])],
        config: { resources: ["leases"] },
      },
      {
        about: "an account of another namespace",
        manifests: [
          jobManager(account),
          highly,
          object(rbac, "RoleBinding", {
            roleRef: { kind: "Role", name: "flink" },
            subjects: [{ kind: "ServiceAccount", name: "flink", namespace: "billing" }],
          }),
          role(["pods"], ["get"]),
        ],
      },
      {
        about: "Flink's own integration with Kubernetes",
        manifests: [
          flinkDeployment({ serviceAccount: "flink" }),
          binding(),
          role(["pods", "configmaps", "services", "deployments"], ["get", "create", "delete"]),
        ],
      },
      { manifests: [jobManager(), binding(), role(["*"], ["*"])] },
    ],
  },
  "flink-operator-release": {
    fails: [
      { manifests: [release({ operatorPod: bounded })] },
      {
        manifests: [release({ watchNamespaces: ["shop"], webhook: { create: false }, operatorPod: bounded })],
      },
      { manifests: [release({ watchNamespaces: ["shop"], replicas: 2, operatorPod: bounded })] },
      {
        about: "without a limit",
        manifests: [release({ watchNamespaces: ["shop"] })],
        at: ["values.operatorPod.resources.limits.memory"],
      },
    ],
    passes: [{ manifests: [release({ watchNamespaces: ["shop"], operatorPod: bounded })] }],
  },
};
