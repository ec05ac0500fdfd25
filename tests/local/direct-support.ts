import { randomBytes } from "node:crypto";
import path from "node:path";
import type { Context } from "mocha";
import { type DirectOptions, down } from "../../local/direct";
import type { JsonObject } from "../../local/json";
import { Cluster, type KubernetesObject, type Reference } from "../../local/kubernetes";
import type { StackError, RunEvent, Runner } from "../../local/record";
import type { Answer } from "../../local/record/host";
import { type Options, type Registration, urnOf } from "../../local/record/registration";

export const root = path.resolve(__dirname, "../..");
export const signal = new AbortController().signal;

/** The kubeconfig of the cluster to test against; without one the test is skipped, saying so. */
export function testCluster(context: Context): string {
  const kubeconfig = process.env.FLINK_KUBERNETES_TEST_KUBECONFIG;
  if (!kubeconfig) {
    console.log("      skipped: FLINK_KUBERNETES_TEST_KUBECONFIG names no cluster to test against");
    return context.skip();
  }
  return kubeconfig;
}

/** A project of its own for every test, so that none meets the inventory of another. */
export function options(
  main: string | undefined,
  config: Record<string, string> = {},
): DirectOptions & { events: RunEvent[] } {
  const events: RunEvent[] = [];
  return {
    projectDir: root,
    ...(main ? { main: `tests/fixtures/direct/${main}` } : {}),
    project: "direct",
    stack: `t${randomBytes(4).toString("hex")}`,
    config,
    secretConfigKeys: [],
    onEvent: (event) => events.push(event),
    events,
  };
}

type Step = Partial<Omit<Registration, "options">> & {
  type: string;
  name: string;
  options?: Partial<Options>;
};

/** What the program of a test gets: registrations as the SDK would send them, without the seconds that starting a program costs. */
export interface Program {
  register(step: Step): Promise<Answer & { urn: string }>;
  object(kind: string, inputs: JsonObject, step?: Partial<Step>): Promise<Answer & { urn: string }>;
  get(type: string, name: string, id: string): Promise<Answer>;
  dryRun: boolean;
}

const GROUPS: Record<string, string> = {
  Deployment: "apps/v1",
  Job: "batch/v1",
  CustomResourceDefinition: "apiextensions.k8s.io/v1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
};

export function running(
  options: { stack: string; project: string },
  program: (program: Program) => Promise<void>,
): Runner {
  return async (pass, dryRun, { gate, signal: stopped }) => {
    await Promise.race([gate, new Promise((resolve) => stopped.addEventListener("abort", resolve))]);
    if (gate && stopped.aborted) {
      return { outputs: {}, secretOutputs: [], errors: [] };
    }
    async function register(step: Step): Promise<Answer & { urn: string }> {
      const urn = urnOf(options.stack, options.project, "", step.type, step.name);
      const answer = await pass.register({
        urn,
        custom: true,
        remote: false,
        parent: "",
        provider: "",
        inputs: {},
        secretKeys: [],
        secretPaths: [],
        dependencies: [],
        ...step,
        options: {
          protect: false,
          retainOnDelete: false,
          ignoreChanges: [],
          additionalSecretOutputs: [],
          timeouts: {},
          deletedWith: "",
          importId: "",
          unsupported: [],
          ...step.options,
        },
      });
      return { ...answer, urn };
    }
    try {
      await program({
        dryRun,
        register,
        object: (kind, inputs, step) => {
          const group = GROUPS[kind] ?? "v1";
          const type = `kubernetes:${group === "v1" ? "core/v1" : group}:${kind}`;
          const metadata = inputs.metadata as { name: string };
          return register({
            type,
            name: metadata.name,
            inputs: { apiVersion: group, kind, ...inputs },
            ...step,
          });
        },
        get: (type, name, id) =>
          pass.read({
            urn: urnOf(options.stack, options.project, "", type, name),
            type,
            name,
            id,
            provider: "",
            dependencies: [],
          }),
      });
    } catch (error) {
      if ((error as Error).message !== "stopped") {
        throw error;
      }
    }
    return { outputs: {}, secretOutputs: [], errors: [] };
  };
}

/** Namespaces and stacks of one test, taken away after it. */
export class Scratch {
  readonly cluster: Cluster;
  private readonly stacks: DirectOptions[] = [];
  private readonly namespaces: string[] = [];

  constructor(readonly kubeconfig: string) {
    this.cluster = new Cluster({ kubeconfig });
  }

  stack(main?: string, config: Record<string, string> = {}): ReturnType<typeof options> {
    const stack = { ...options(main, config), kubeconfig: this.kubeconfig };
    this.stacks.push(stack);
    return stack;
  }

  name(): string {
    return `direct-${randomBytes(4).toString("hex")}`;
  }

  async namespace(): Promise<string> {
    const name = this.name();
    await this.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    this.namespaces.push(name);
    return name;
  }

  async create(object: KubernetesObject): Promise<void> {
    await this.patch(object, object, "application/apply-patch+yaml");
  }

  /** Somebody else changes an object. */
  async patch(
    reference: KubernetesObject | Reference,
    body: unknown,
    contentType: string,
    subresource = "",
  ): Promise<void> {
    const { apiVersion, kind } = reference;
    const { name, namespace } =
      "metadata" in reference
        ? (reference.metadata as { name: string; namespace?: string })
        : (reference as Reference);
    const target = await this.cluster.path(
      { apiVersion, kind, name, ...(namespace ? { namespace } : {}) },
      signal,
    );
    const query = { fieldManager: "somebody-else" };
    await this.cluster.request("PATCH", target + subresource, { query, body, contentType, signal });
  }

  get(kind: string, namespace: string | undefined, name: string): Promise<KubernetesObject | undefined> {
    return this.cluster.get(
      { apiVersion: GROUPS[kind] ?? "v1", kind, name, ...(namespace ? { namespace } : {}) },
      signal,
    );
  }

  async delete(reference: Reference): Promise<void> {
    await this.cluster.request("DELETE", await this.cluster.path(reference, signal), { signal });
  }

  async cleanUp(): Promise<void> {
    for (const stack of this.stacks) {
      await down(stack);
    }
    for (const name of this.namespaces) {
      await this.delete({ apiVersion: "v1", kind: "Namespace", name });
    }
    this.cluster.close();
  }
}

export function ends(events: RunEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === "resource" && event.status === "done" ? [`${event.op} ${event.kind} ${event.name}`] : [],
  );
}

export async function failure(work: Promise<unknown>): Promise<StackError> {
  try {
    await work;
  } catch (error) {
    return error as StackError;
  }
  throw new Error("it should have failed");
}
