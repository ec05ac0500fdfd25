import { readFileSync } from "node:fs";
import path from "node:path";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { parse } from "yaml";
import { type Engine, findEngine } from "../../local/engine";
import { Cluster, type KubernetesObject } from "../../operations/kubernetes";
import type { RunEvent } from "../../recorder";
import { readStack } from "../../cli/stack";
import { buildContext } from "./build";
import { projectDir } from "./project";

let found: Promise<Engine> | undefined;

/** The engine of this machine, looked for once. `npm test` has built it before, so nothing is fetched here. */
export function testEngine(): Promise<Engine> {
  return (found ??= findEngine(buildContext, { fetchWithin: 0 }));
}

/** A program of tests/fixtures/engine. */
export const engineFixture = (name: string): string =>
  path.join(projectDir, "tests", "fixtures", "engine", name);

/** A stack's configuration as Pulumi.<stack>.yaml has it: keys with the program's project, every value a text. */
export function configOf(program: string, values: Record<string, unknown>): Record<string, string> {
  const { name } = parse(readFileSync(path.join(program, "Pulumi.yaml"), "utf8")) as { name: string };
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      `${name}:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

type Settings = Record<string, unknown> & { namespace: Record<string, unknown> };

/** What the dev stack's configuration says, in a namespace of the test's own and with the image that is loaded into the node. */
export function devValues(namespace: string, change: (cluster: Settings) => void = () => undefined) {
  const { project, config } = readStack(projectDir, "dev");
  const cluster = JSON.parse(config[`${project}:cluster`]!) as Settings;
  const jobs = JSON.parse(config[`${project}:jobs`]!) as Record<string, unknown>[];
  cluster.namespace = { ...cluster.namespace, name: namespace, protect: false };
  cluster.image = process.env.FLINK_KUBERNETES_TEST_IMAGE ?? cluster.image;
  change(cluster);
  return { cluster, jobs };
}

/** Steps that leave everything as it is. */
const IDLE = ["same", "read", "refresh", "read-replacement"];

/** Collects what the latest operation of the engine did to each resource, in order. */
export function recorder() {
  let steps: StepEventMetadata[] = [];
  return {
    steps: () => steps,
    onEvent(event: RunEvent): void {
      // An update is previewed first.
      if (event.type === "phase") steps = [];
    },
    onEngineEvent(event: EngineEvent): void {
      const step = event.resOutputsEvent?.metadata;
      if (step) steps.push(step);
    },
    /** `operation Kind name` of everything that is not left as it is. */
    changes: () => steps.filter(({ op }) => !IDLE.includes(op)).map(describeStep),
  };
}

/** `operation Kind name`, with the name that it has in the program. */
export function describeStep({ op, type, urn }: StepEventMetadata): string {
  return `${op} ${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;
}

/** Inputs without empty maps, lists and texts: the Kubernetes provider drops them. */
export function withoutEmpty(inputs: unknown): unknown {
  const isEmpty = (value: unknown) =>
    value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return JSON.parse(JSON.stringify(inputs), (_key, value: unknown) => (isEmpty(value) ? undefined : value));
}

const KINDS: [apiVersion: string, kind: string][] = [
  ["v1", "ServiceAccount"],
  ["v1", "ConfigMap"],
  ["v1", "Secret"],
  ["v1", "Service"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["batch/v1", "Job"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["policy/v1", "PodDisruptionBudget"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
];

/** Everything that a program can have made in a namespace, and the namespace, without what Kubernetes puts into every namespace. */
export async function objectsIn(kubeconfig: string, namespace: string): Promise<KubernetesObject[]> {
  const cluster = new Cluster({ kubeconfig });
  const { signal } = new AbortController();
  try {
    const own = await cluster.get({ apiVersion: "v1", kind: "Namespace", name: namespace }, signal);
    if (!own) return [];
    const objects: KubernetesObject[] = [own];
    for (const [apiVersion, kind] of KINDS) {
      const items = await cluster.list(apiVersion, kind, namespace, "", signal);
      objects.push(...items.map((item) => ({ ...item, apiVersion, kind })));
    }
    return objects.filter(
      ({ kind, metadata: { name } }) =>
        !(kind === "ConfigMap" && name === "kube-root-ca.crt") &&
        !(kind === "ServiceAccount" && name === "default"),
    );
  } finally {
    cluster.close();
  }
}
