import { stringify } from "yaml";
import { findRelease } from "../../components/flink/versions";

/** What both sides of the comparison have in common. */
export const shape = {
  flinkVersion: "2.2.1",
  jobManager: { memory: "1600m", cpu: { request: "500m", limit: "1" } },
  taskManager: { memory: "1728m", cpu: { request: "500m", limit: "1" }, slots: 1, replicas: 1 },
  jar: "/opt/flink/usrlib/hello-world.jar",
  entryClass: "flink.kubernetes.examples.HelloWorld",
};

const labels = (component: string): Record<string, string> => ({
  "app.kubernetes.io/name": "flink",
  "app.kubernetes.io/instance": "bench",
  "app.kubernetes.io/component": component,
});

/**
 * The same cluster and job the way Flink's documentation does it: plain YAML, everything applied at once, the official
 * scripts, and a Job that runs `flink run`. Hardened like ours, since writable files on emptyDirs cost time as well.
 */
export function referenceYaml(namespace: string, image: string): string {
  const config = {
    "env.java.opts.all": findRelease(shape.flinkVersion)!.jvmOptions.join(" "),
    "jobmanager.rpc.address": "bench-jobmanager",
    "blob.server.port": "6124",
    "taskmanager.rpc.port": "6122",
    "jobmanager.memory.process.size": shape.jobManager.memory,
    "taskmanager.memory.process.size": shape.taskManager.memory,
    "taskmanager.numberOfTaskSlots": shape.taskManager.slots,
    "jobmanager.scheduler": "adaptive",
    "rest.address": "bench-jobmanager",
    "rest.bind-address": "0.0.0.0",
    "jobmanager.bind-host": "0.0.0.0",
    "taskmanager.bind-host": "0.0.0.0",
  };
  const log4j = [
    "rootLogger.level = INFO",
    "rootLogger.appenderRef.console.ref = Console",
    "appender.console.name = Console",
    "appender.console.type = CONSOLE",
    "appender.console.layout.type = PatternLayout",
    "appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n",
    "",
  ].join("\n");
  const objects: object[] = [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "bench-conf", namespace },
      data: {
        "config.yaml": stringify(config),
        "log4j-console.properties": log4j,
        "log4j-cli.properties": log4j,
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "bench-jobmanager", namespace },
      spec: {
        selector: labels("jobmanager"),
        ports: [6123, 6124, 8081].map((port) => ({ name: `p${port}`, port })),
      },
    },
    deployment("jobmanager", ["/opt/flink/bin/jobmanager.sh", "start-foreground"], shape.jobManager, 6123),
    deployment("taskmanager", ["/opt/flink/bin/taskmanager.sh", "start-foreground"], shape.taskManager, 6122),
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "bench-submit", namespace },
      spec: {
        backoffLimit: 6,
        template: {
          metadata: { labels: labels("submitter") },
          spec: pod(
            "submit",
            ["/opt/flink/bin/flink", "run", "-d", "-p", "1", "-c", shape.entryClass, shape.jar],
            { memory: "1Gi", cpu: shape.jobManager.cpu },
            { restartPolicy: "OnFailure" },
          ),
        },
      },
    },
  ];
  return objects.map((object) => stringify(object)).join("---\n");

  function deployment(role: string, command: string[], size: Size, port: number): object {
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: `bench-${role}`, namespace, labels: labels(role) },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels(role) },
        template: {
          metadata: { labels: labels(role) },
          spec: pod(
            role,
            command,
            size,
            {},
            { tcpSocket: { port }, initialDelaySeconds: 30, periodSeconds: 60 },
          ),
        },
      },
    };
  }

  function pod(name: string, command: string[], size: Size, more: object, livenessProbe?: object): object {
    const memory = size.memory.replace(/m$/, "Mi");
    return {
      automountServiceAccountToken: false,
      securityContext: {
        runAsUser: 9999,
        runAsGroup: 9999,
        fsGroup: 9999,
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name,
          image,
          command,
          env: [{ name: "FLINK_CONF_DIR", value: "/conf" }],
          livenessProbe,
          resources: {
            requests: { cpu: size.cpu.request, memory },
            limits: { cpu: size.cpu.limit, memory },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          volumeMounts: [
            { name: "conf", mountPath: "/conf" },
            { name: "tmp", mountPath: "/tmp" },
            { name: "log", mountPath: "/opt/flink/log" },
          ],
        },
      ],
      volumes: [
        { name: "conf", configMap: { name: "bench-conf" } },
        { name: "tmp", emptyDir: {} },
        { name: "log", emptyDir: {} },
      ],
      ...more,
    };
  }
}

interface Size {
  memory: string;
  cpu: { request: string; limit: string };
}
