import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { stringify } from "yaml";
import { rules as flink } from "../../policies/flink/rules";
import { rules as kubernetes } from "../../policies/kubernetes/rules";
import type { TestResource } from "../../policies/testing";
import { projectDir } from "../support/project";
import { findings } from "./support/own-stacks";

const rules = [...kubernetes, ...flink].filter(({ level }) => level !== "disabled");

/** What the manifests of Flink's documentation ("Standalone, Kubernetes") come to: objects of the same kinds with the same settings, in our words. */
const options = {
  "jobmanager.rpc.address": "flink-jobmanager",
  "taskmanager.numberOfTaskSlots": 2,
  "blob.server.port": 6124,
  "jobmanager.rpc.port": 6123,
  "taskmanager.rpc.port": 6122,
  "jobmanager.memory.process.size": "1600m",
  "taskmanager.memory.process.size": "1728m",
  "parallelism.default": 2,
};

function resource(type: string, name: string, props: object): TestResource {
  return { type, name, urn: `urn:${type}::${name}`, props: { metadata: { name }, ...props }, opts: {} };
}

function configuration(more: object = {}): TestResource {
  return resource("kubernetes:core/v1:ConfigMap", "flink-config", {
    data: {
      "config.yaml": stringify({ ...options, ...more }),
      "log4j-console.properties": "rootLogger.level = INFO",
    },
  });
}

interface Process {
  role: "jobmanager" | "taskmanager";
  args: string[];
  pod?: object;
  mounts?: object[];
  volumes?: object[];
  env?: object[];
}

function template({ role, args, pod = {}, mounts = [], volumes = [], env }: Process): object {
  const ports = role === "jobmanager" ? { rpc: 6123, "blob-server": 6124, webui: 8081 } : { rpc: 6122 };
  const container = {
    name: role,
    image: "apache/flink:2.2.1-scala_2.12",
    args,
    ...(env ? { env } : {}),
    ports: Object.entries(ports).map(([name, containerPort]) => ({ name, containerPort })),
    livenessProbe: { tcpSocket: { port: ports.rpc }, initialDelaySeconds: 30, periodSeconds: 60 },
    volumeMounts: [{ name: "flink-config-volume", mountPath: "/opt/flink/conf" }, ...mounts],
    securityContext: { runAsUser: 9999 },
  };
  const items = ["config.yaml", "log4j-console.properties"].map((key) => ({ key, path: key }));
  return {
    metadata: { labels: { app: "flink", component: role } },
    spec: {
      containers: [container],
      volumes: [{ name: "flink-config-volume", configMap: { name: "flink-config", items } }, ...volumes],
      ...pod,
    },
  };
}

function deployment(process: Process, replicas: number): TestResource {
  return resource("kubernetes:apps/v1:Deployment", `flink-${process.role}`, {
    spec: {
      replicas,
      selector: { matchLabels: { app: "flink", component: process.role } },
      template: template(process),
    },
  });
}

const service = resource("kubernetes:core/v1:Service", "flink-jobmanager", {
  spec: {
    type: "ClusterIP",
    ports: [6123, 6124, 8081].map((port) => ({ name: `p${port}`, port })),
    selector: { app: "flink", component: "jobmanager" },
  },
});
const podIp = [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }];
const artifacts = {
  mounts: [{ name: "job-artifacts-volume", mountPath: "/opt/flink/usrlib" }],
  volumes: [{ name: "job-artifacts-volume", hostPath: { path: "/host/path/to/job/artifacts" } }],
};

const documented: Record<string, TestResource[]> = {
  "session cluster": [
    configuration(),
    service,
    deployment({ role: "jobmanager", args: ["jobmanager"] }, 1),
    deployment({ role: "taskmanager", args: ["taskmanager"] }, 2),
  ],
  "session cluster with high availability": [
    configuration({
      "kubernetes.cluster-id": "orders",
      "high-availability.type": "kubernetes",
      "high-availability.storageDir": "hdfs:///flink/recovery",
    }),
    deployment(
      {
        role: "jobmanager",
        args: ["jobmanager", "$(POD_IP)"],
        env: podIp,
        pod: { serviceAccountName: "flink" },
      },
      1,
    ),
    deployment({ role: "taskmanager", args: ["taskmanager"], pod: { serviceAccountName: "flink" } }, 2),
  ],
  application: [
    configuration(),
    service,
    resource("kubernetes:batch/v1:Job", "flink-jobmanager", {
      spec: {
        template: template({
          role: "jobmanager",
          args: ["standalone-job", "--job-classname", "com.job.ClassName"],
          pod: { restartPolicy: "OnFailure" },
          ...artifacts,
        }),
      },
    }),
    deployment({ role: "taskmanager", args: ["taskmanager"], ...artifacts }, 2),
  ],
};

/** The rules in the table of docs/policies.md, by the manifests that they find something in. */
function explained(): Record<string, string[]> {
  const page = readFileSync(path.join(projectDir, "docs/policies.md"), "utf8");
  const rows = page
    .slice(page.indexOf("## The manifests of Flink's documentation"))
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => cells[1]?.startsWith("[`"));
  return Object.fromEntries(
    Object.keys(documented).map((name) => [
      name,
      rows
        .filter(
          (cells) =>
            ["all", name].includes(cells[2]!) ||
            (cells[2] === "without high availability" && !name.includes("availability")),
        )
        .map((cells) => cells[1]!.split("`")[1]!),
    ]),
  );
}

describe("both packs and the manifests of Flink's documentation", () => {
  for (const [name, tests] of Object.entries(documented)) {
    it(`find what docs/policies.md explains, and nothing else: ${name}`, () => {
      const found = findings(rules, tests).map((finding) => finding.split(":")[0]!);
      assert.deepEqual([...new Set(found)].sort(), explained()[name]!.sort());
    });
  }
});
