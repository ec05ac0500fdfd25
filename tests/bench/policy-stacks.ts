import * as flink from "../../policies/flink/manifests";
import { container, deployment } from "../../policies/kubernetes/manifests";
import { fromManifest, type TestResource } from "../../policies/testing";

type Manifest = Record<string, unknown>;

/** Stacks of about so many resources, of what each pack is about, as in real ones. */
export const stacks: Readonly<Record<string, (count: number) => TestResource[]>> = {
  kubernetes: (count) => repeated(count, web),
  flink: (count) => repeated(count, cluster),
};

function repeated(count: number, group: (name: string) => Manifest[]): TestResource[] {
  const found: TestResource[] = [];
  for (let index = 0; found.length < count; index++) {
    found.push(...group(`shop-${index}`).map(fromManifest));
  }
  return found.slice(0, count);
}

/** A Deployment with its Service, policy and budget. */
function web(name: string): Manifest[] {
  const labels = { app: name };
  const metadata = { name, namespace: "shop", labels };
  const resources = { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } };
  const selector = { matchLabels: labels };
  return [
    { ...deployment({ containers: [container({ resources })] }, { replicas: 2 }, labels), metadata },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: selector, ingress: [] },
    },
    { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec: { maxUnavailable: 1, selector } },
  ];
}

/** An application with high availability and what belongs to it, all in one namespace. */
function cluster(name: string): Manifest[] {
  const labels = { app: name };
  const configured = `${name}-config`;
  const given = (role: string) => ({
    labels,
    metadata: { name: `${name}-${role}` },
    container: { resources: flink.resources("2Gi") },
    pod: {
      serviceAccountName: name,
      volumes: [{ name: "conf", configMap: { name: configured } }],
    },
  });
  const selector = (component: string) => ({ matchLabels: { ...labels, component } });
  const object = (apiVersion: string, kind: string, fields: Manifest, own = name) =>
    flink.object(apiVersion, kind, fields, { name: own });
  const rbac = "rbac.authorization.k8s.io/v1";
  const from = [{ podSelector: { matchLabels: labels } }];
  const perRole = ["jobmanager", "taskmanager"].flatMap((role) => [
    object(
      "networking.k8s.io/v1",
      "NetworkPolicy",
      { spec: { podSelector: selector(role), ingress: [{ from }] } },
      `${name}-${role}`,
    ),
    object(
      "policy/v1",
      "PodDisruptionBudget",
      { spec: { maxUnavailable: 1, selector: selector(role) } },
      `${name}-${role}`,
    ),
  ]);
  return [
    flink.config(
      {
        "jobmanager.rpc.address": `${name}-jobmanager`,
        "jobmanager.memory.process.size": "2g",
        "taskmanager.memory.process.size": "2g",
        "taskmanager.rpc.port": 6122,
        "jobmanager.scheduler": "adaptive",
        "high-availability.type": "kubernetes",
        "high-availability.storageDir": "s3://bucket/ha",
        "kubernetes.cluster-id": name,
        "execution.checkpointing.interval": "1min",
        "execution.checkpointing.dir": "s3://bucket/checkpoints",
      },
      configured,
    ),
    flink.application(given("jobmanager")),
    flink.taskManager(given("taskmanager")),
    object(
      "v1",
      "Service",
      { spec: { selector: selector("jobmanager").matchLabels, ports: [{ name: "rest", port: 8081 }] } },
      `${name}-jobmanager`,
    ),
    ...perRole,
    object("autoscaling/v2", "HorizontalPodAutoscaler", {
      spec: { maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: `${name}-taskmanager` } },
    }),
    object("v1", "ServiceAccount", {}),
    object(rbac, "Role", {
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch", "update"] }],
    }),
    object(rbac, "RoleBinding", {
      roleRef: { kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name }],
    }),
  ];
}
