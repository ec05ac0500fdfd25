import type { Fixtures } from "../../core/fixtures";
import { application, config, flinkDeployment, jobManager, object } from "../manifests";

const account = { pod: { serviceAccountName: "flink" } };
const rbac = "rbac.authorization.k8s.io/v1";
const binding = (kind = "RoleBinding") =>
  object(rbac, kind, {
    roleRef: { kind: "Role", name: "flink" },
    subjects: [{ kind: "ServiceAccount", name: "flink" }],
  });
const role = (resources: string[], verbs: string[]) =>
  object(rbac, "Role", { rules: [{ apiGroups: [""], resources, verbs }] }, { name: "flink" });
const release = (values: Record<string, unknown>) =>
  object("helm.sh/v3", "Release", { chart: "flink-kubernetes-operator", version: "1.13.0", values });

export const fixtures: Readonly<Record<string, Fixtures>> = {
  "flink-job-artifact": {
    fails: [
      { manifests: [flinkDeployment({ job: { jarURI: "http://repo.example/job.jar" } })] },
      { manifests: [flinkDeployment({ job: { jarURI: "/tmp/job.jar" } })] },
    ],
    passes: [{ manifests: [flinkDeployment({ job: { jarURI: "local:///opt/flink/usrlib/job.jar" } })] }],
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
      { manifests: [flinkDeployment({ serviceAccount: "flink" }), binding(), role(["*"], ["get"])] },
    ],
    passes: [
      {
        manifests: [jobManager(account), binding(), role(["configmaps"], ["get", "list", "watch", "update"])],
      },
      { manifests: [jobManager(), binding(), role(["*"], ["*"])] },
    ],
  },
  "flink-operator-release": {
    fails: [
      { manifests: [release({})] },
      { manifests: [release({ watchNamespaces: ["shop"], webhook: { create: false } })] },
      { manifests: [release({ watchNamespaces: ["shop"], replicas: 2 })] },
    ],
    passes: [{ manifests: [release({ watchNamespaces: ["shop"] })] }],
  },
};
