/**
 * Helpers for the manifests of fixtures: a standalone cluster as in Flink's documentation, without its
 * mistakes.
 */
type Fields = Record<string, unknown>;

const image = "flink:2.2.1-java17";

interface Given {
  /** Merged into the container. */
  container?: Fields;
  /** Merged into the pod's spec. */
  pod?: Fields;
  /** Merged into the Deployment's spec. */
  spec?: Fields;
  metadata?: Fields;
  annotations?: Fields;
  labels?: Fields;
}

function workload(role: string, { container, pod, spec, metadata, annotations, labels }: Given): Fields {
  const all = { app: "flink", component: role, ...labels };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `flink-${role}`, namespace: "shop", ...metadata },
    spec: {
      selector: { matchLabels: all },
      template: {
        metadata: { labels: all, ...(annotations ? { annotations } : {}) },
        spec: {
          containers: [{ name: role, image, args: [role], ...container }],
          volumes: [{ name: "conf", configMap: { name: "flink-config" } }],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

export function jobManager(given: Given = {}): Fields {
  return workload("jobmanager", given);
}

/** A JobManager in application mode. */
export function application(given: Given = {}): Fields {
  const { container, ...rest } = given;
  return workload("jobmanager", {
    ...rest,
    container: { args: ["standalone-job", "--job-classname", "shop.Orders"], ...container },
  });
}

export function taskManager(given: Given = {}): Fields {
  return workload("taskmanager", given);
}

/** The ConfigMap that both mount. */
export function config(options: Record<string, string | number | boolean>, name = "flink-config"): Fields {
  const text = Object.entries(options).map(([key, value]) => `${key}: ${value}\n`);
  return object("v1", "ConfigMap", { data: { "config.yaml": text.join("") } }, { name });
}

export function object(apiVersion: string, kind: string, fields: Fields, metadata: Fields = {}): Fields {
  return { apiVersion, kind, metadata: { name: "web", namespace: "shop", ...metadata }, ...fields };
}

/** A custom resource of the Flink operator. */
export function flinkDeployment(spec: Fields, metadata: Fields = {}): Fields {
  return object(
    "flink.apache.org/v1beta1",
    "FlinkDeployment",
    { spec: { image, flinkVersion: "v2_2", ...spec } },
    { name: "orders", ...metadata },
  );
}

/** A Service in front of the JobManager. */
export function restService(spec: Fields = {}): Fields {
  return object(
    "v1",
    "Service",
    {
      spec: {
        selector: { app: "flink", component: "jobmanager" },
        ports: [{ name: "rest", port: 8081 }],
        ...spec,
      },
    },
    { name: "flink-rest" },
  );
}

export function ingress(annotations: Fields = {}, service = "flink-rest", port = 8081): Fields {
  const backend = { service: { name: service, port: { number: port } } };
  return object(
    "networking.k8s.io/v1",
    "Ingress",
    { spec: { rules: [{ host: "flink.example", http: { paths: [{ path: "/", backend }] } }] } },
    { name: "flink", annotations },
  );
}

export function resources(memory: unknown, cpu: unknown = 1, request: unknown = memory): Fields {
  return { requests: { cpu, memory: request }, limits: { memory } };
}
