import type { FlinkClusterArgs } from "../../components/args/cluster";

/** Of a small container beside Flink. */
const resources = () => ({
  requests: { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" },
  limits: { cpu: "1", memory: "64Mi", "ephemeral-storage": "64Mi" },
});

/** A cluster with everything that the component can make, as a platform team would have it. */
export function productionArgs(): FlinkClusterArgs {
  return {
    flinkVersion: "2.2.1",
    namespace: { quota: { "limits.memory": "400Gi", pods: "100" }, limitRange: { max: { memory: "32Gi" } } },
    image: "registry.example.com/orders/flink:2.2.1-7",
    imagePullPolicy: "IfNotPresent",
    imagePullSecrets: ["registry"],
    jobManager: {
      replicas: 2,
      memory: "4g",
      cpu: { request: "1", limit: "2" },
      ephemeralStorage: "4Gi",
      podLabels: { team: "orders" },
      env: [{ name: "REGION", value: "eu" }],
      priorityClassName: "high",
    },
    taskManager: {
      memory: "8g",
      slots: 4,
      cpu: { request: "2", limit: "4" },
      env: [{ name: "REGION", value: "eu" }],
      envFrom: [{ configMapRef: { name: "settings" } }],
      volumes: [{ name: "models", configMap: { name: "models" } }],
      volumeMounts: [{ name: "models", mountPath: "/models" }],
      initContainers: [
        {
          name: "fetch",
          image: "registry.example.com/fetch:1.4.2",
          command: ["fetch"],
          resources: resources(),
        },
      ],
      sidecars: [{ name: "proxy", image: "registry.example.com/proxy:1.4.2", resources: resources() }],
      extraJars: ["/models/udf.jar"],
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "batch", operator: "Exists" }],
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "ScheduleAnyway" },
      ],
      serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/flink" } },
      podPatch: { spec: { hostAliases: [{ ip: "10.0.0.1", hostnames: ["db"] }] } },
    },
    autoscaling: { minReplicas: 3, maxReplicas: 12, cpuUtilization: 70 },
    storage: {
      directory: "s3://state/orders",
      s3: {
        endpoint: "https://objects.example.com",
        accessKey: { name: "objects", key: "access-key" },
        secretKey: { name: "objects", key: "secret-key" },
      },
    },
    checkpointing: { interval: "30 s", stateBackend: "rocksdb", retained: 3 },
    highAvailability: {},
    tls: { internal: { certManager: {} }, rest: { certManager: {} } },
    exposure: {
      host: "flink.example.com",
      ingress: {
        className: "nginx",
        tlsSecret: "flink-example-com",
        annotations: {
          "nginx.ingress.kubernetes.io/auth-url": "https://login.example.com/auth",
          "nginx.ingress.kubernetes.io/backend-protocol": "HTTPS",
        },
      },
      controller: { namespaceLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } },
    },
    monitoring: {
      prometheus: {},
      podMonitor: {},
      alerts: { alertLabels: { team: "orders" } },
      dashboard: {},
      logs: "json",
    },
    config: {
      "pipeline.max-parallelism": "720",
      "table.exec.state.ttl": "1 d",
      "web.cancel.enable": "false",
      "web.access-control-allow-origin": "https://flink.example.com",
    },
    configFrom: { "fs.s3a.encryption.key": { name: "objects", key: "encryption" } },
    network: {
      prometheus: { namespaceLabels: { "kubernetes.io/metadata.name": "monitoring" } },
      egress: [{ cidr: "10.20.0.0/16", ports: [443] }],
    },
  };
}
