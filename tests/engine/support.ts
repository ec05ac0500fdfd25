import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import { Cluster, type KubernetesObject } from "../../local/kubernetes";
import type { Result } from "../../local/direct";
import { type Engine, engineDown, engineUp, findEngine } from "../../local/engine";
import { readStack } from "../../local/stack";
import { configOf } from "../cluster/support";

export const projectDir = path.dirname(path.dirname(__dirname));

/** The engine and the cluster to test against; without them the whole suite is skipped, saying why. */
export async function engineOrSkip(suite: Mocha.Context): Promise<{ engine: Engine; kubeconfig: string }> {
  const kubeconfig = process.env.FLINK_KUBERNETES_TEST_KUBECONFIG;
  if (!kubeconfig) return skip(suite, "FLINK_KUBERNETES_TEST_KUBECONFIG is not set; npm test sets it");
  const engine = await findEngine();
  if ("missing" in engine) return skip(suite, `no Pulumi engine: ${engine.missing}`);
  return { engine, kubeconfig };
}

function skip(suite: Mocha.Context, reason: string): never {
  console.log(`    skipped: ${reason}`);
  return suite.skip();
}

/** A cache folder of the test's own, so that it never meets the state of `npm start`. */
export class TemporaryCache {
  private readonly before = process.env.FLINK_KUBERNETES_CACHE;
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-engine-"));

  constructor() {
    process.env.FLINK_KUBERNETES_CACHE = this.folder;
  }

  remove(): void {
    if (this.before === undefined) delete process.env.FLINK_KUBERNETES_CACHE;
    else process.env.FLINK_KUBERNETES_CACHE = this.before;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Settings = Record<string, unknown> & { namespace: Record<string, unknown> };

/** Configuration of the dev stack, in a namespace of the test's own and with the image that is loaded into the node. */
export function devConfig(namespace: string, change: (cluster: Settings) => void = () => undefined) {
  const { project, config } = readStack(projectDir, "dev");
  const cluster = JSON.parse(config[`${project}:cluster`]!) as Settings;
  cluster.namespace = { ...cluster.namespace, name: namespace };
  cluster.image = process.env.FLINK_KUBERNETES_TEST_IMAGE ?? cluster.image;
  change(cluster);
  return { ...config, [`${project}:cluster`]: JSON.stringify(cluster) };
}

/** Collects what the engine does to each resource, by URN. */
export function recorder() {
  const steps = new Map<string, StepEventMetadata>();
  return {
    steps,
    onEngineEvent(event: EngineEvent): void {
      const step = event.resOutputsEvent?.metadata ?? event.resourcePreEvent?.metadata;
      if (step) steps.set(step.urn, step);
    },
    /** `operation name` of everything that is not left as it is. */
    changes(): string[] {
      return [...steps.values()]
        .filter(({ op }) => !["same", "read", "refresh"].includes(op))
        .map(({ op, urn }) => `${op} ${urn.split("::").slice(2).join("::")}`)
        .sort();
    },
  };
}

/** One stack of a program, brought up by the engine: in the place of a TestStack, which is brought up without. */
export class EngineStack {
  private cache: TemporaryCache | undefined;
  /** What the latest update changed. */
  changes: string[] = [];

  constructor(
    private readonly found: { engine: Engine; kubeconfig: string },
    private readonly namespace: string,
    private readonly program: string,
  ) {}

  private options(values: Record<string, unknown>) {
    const config = configOf(values);
    const { signal } = new AbortController();
    return { ...this.found, projectDir: this.program, stack: this.namespace, config, signal };
  }

  async up(values: Record<string, unknown>): Promise<Result> {
    // Not before: images are built for the usual cache folder, and found in it.
    this.cache ??= new TemporaryCache();
    const { changes, onEngineEvent } = recorder();
    try {
      return await engineUp({ ...this.options(values), onEngineEvent });
    } finally {
      this.changes = changes();
    }
  }

  async down(): Promise<void> {
    await engineDown(this.options({}));
  }

  /** When it is down: forgets its state. */
  forget(): void {
    this.cache?.remove();
  }
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
    const found: KubernetesObject[] = [own];
    for (const [apiVersion, kind] of KINDS) {
      const items = await cluster.list(apiVersion, kind, namespace, "", signal);
      found.push(...items.map((item) => ({ ...item, apiVersion, kind })));
    }
    return found.filter(
      ({ kind, metadata: { name } }) =>
        !(kind === "ConfigMap" && name === "kube-root-ca.crt") &&
        !(kind === "ServiceAccount" && name === "default"),
    );
  } finally {
    cluster.close();
  }
}
