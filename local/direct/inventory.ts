import { createHash } from "node:crypto";
import { isObject, type Json, type JsonObject, omit } from "../json";
import type { Cluster, KubernetesObject, Reference } from "../kubernetes";
import { identity } from "../record/objects";
import type { ProviderSettings } from "../record/providers";
import { FIELD_MANAGER } from "./apply";
import { canonical } from "./live";

/** What is remembered of an applied object: enough to delete it in the right order when the program no longer has it, or no longer compiles. */
export interface Entry extends Reference {
  urn: string;
  /** The object's own identity on the cluster: an object of the same name with another one is somebody else's. Absent until it has been applied. */
  uid?: string;
  /** URNs of what it depended on: it is deleted before them. */
  dependencies: string[];
  protect?: true;
  retainOnDelete?: true;
  deletedWith?: string;
  /** Milliseconds that deletion may take. */
  deleteTimeout?: number;
  /** URN of an explicit provider, whose settings are in the stack's Secret. */
  provider?: string;
}

/**
 * The namespace of the inventory unless told otherwise. `default` is there on every cluster and belongs to no stack, so the inventory does not vanish with a namespace that it
 * lists, and `down` finds it without running the program.
 */
export const INVENTORY_NAMESPACE = "default";

const LABELS = { "app.kubernetes.io/managed-by": FIELD_MANAGER, "flink-kubernetes/inventory": "true" };

/** One ConfigMap and one Secret of the same name hold all that this path remembers of a stack. */
export function inventoryName(project: string, stack: string): string {
  const plain = `flink-kubernetes-${project}-${stack}`;
  const name = plain.toLowerCase().replace(/[^a-z0-9.-]/g, "-");
  return name === plain && name.length <= 200 && /[a-z0-9]$/.test(name)
    ? name
    : `${name.slice(0, 200)}-${createHash("sha256").update(plain).digest("hex").slice(0, 8)}`;
}

/** A ConfigMap or Secret that is changed key by key with merge patches, so that writes from side by side do not meet. */
class Store {
  readonly values = new Map<string, Json>();
  private exists = false;
  private creation?: Promise<void>;

  constructor(
    private readonly cluster: Cluster,
    private readonly reference: Reference,
    private readonly about: string,
  ) {}

  async load(signal: AbortSignal): Promise<void> {
    const live = await this.cluster.get(this.reference, signal);
    this.exists = live !== undefined;
    for (const [key, value] of Object.entries(isObject(live?.data) ? live.data : {})) {
      const text =
        this.reference.kind === "Secret"
          ? Buffer.from(String(value), "base64").toString("utf8")
          : String(value);
      this.values.set(key, JSON.parse(text) as Json);
    }
  }

  async set(key: string, value: Json, signal: AbortSignal): Promise<void> {
    const known = this.values.get(key);
    if (known !== undefined && canonical(known) === canonical(value)) {
      return;
    }
    await this.create(signal);
    await this.write(key, JSON.stringify(value), signal);
    this.values.set(key, value);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    if (this.values.has(key)) {
      await this.write(key, null, signal);
      this.values.delete(key);
    }
  }

  async destroy(signal: AbortSignal): Promise<void> {
    if (this.exists) {
      await this.cluster
        .request("DELETE", await this.cluster.path(this.reference, signal), { signal })
        .catch(ignoreMissing);
      this.exists = false;
    }
  }

  private create(signal: AbortSignal): Promise<void> {
    this.creation ??= this.exists ? Promise.resolve() : this.apply(signal);
    return this.creation;
  }

  private async apply(signal: AbortSignal): Promise<void> {
    const { apiVersion, kind, name, namespace } = this.reference;
    const metadata = {
      name,
      namespace: namespace!,
      labels: LABELS,
      annotations: { "flink-kubernetes/about": this.about },
    };
    const object: KubernetesObject = { apiVersion, kind, metadata };
    await this.cluster.request("PATCH", await this.cluster.path(this.reference, signal), {
      query: { fieldManager: `${FIELD_MANAGER}-inventory`, force: "true" },
      contentType: "application/apply-patch+yaml",
      body: object,
      signal,
    });
    this.exists = true;
  }

  private async write(key: string, text: string | null, signal: AbortSignal): Promise<void> {
    const secret = this.reference.kind === "Secret" && text !== null;
    const value = secret ? Buffer.from(text, "utf8").toString("base64") : text;
    await this.cluster.request("PATCH", await this.cluster.path(this.reference, signal), {
      query: { fieldManager: `${FIELD_MANAGER}-inventory` },
      contentType: "application/merge-patch+json",
      body: { data: { [key]: value } },
      signal,
    });
  }
}

/**
 * What a stack has on the cluster. An object is written here before it is applied and taken out after it has gone, so that a crash at any point leaves nothing
 * that nobody knows of.
 */
export class Inventory {
  private readonly objects: Store;
  private readonly secrets: Store;
  readonly name: string;

  private constructor(cluster: Cluster, project: string, stack: string, namespace: string) {
    this.name = inventoryName(project, stack);
    const where = { apiVersion: "v1", namespace, name: this.name };
    const about = `What the stack ${stack} of the project ${project} has applied. Without it, its objects have to be found and deleted by hand.`;
    this.objects = new Store(cluster, { ...where, kind: "ConfigMap" }, about);
    this.secrets = new Store(cluster, { ...where, kind: "Secret" }, about);
  }

  static async load(
    cluster: Cluster,
    project: string,
    stack: string,
    namespace: string,
    signal: AbortSignal,
  ): Promise<Inventory> {
    const inventory = new Inventory(cluster, project, stack, namespace);
    await Promise.all([inventory.objects.load(signal), inventory.secrets.load(signal)]);
    return inventory;
  }

  entries(): Entry[] {
    return [...this.objects.values.values()] as unknown as Entry[];
  }

  owns(reference: Reference): boolean {
    const wanted = identity(reference);
    return this.entries().some((entry) => identity(entry) === wanted);
  }

  /** Without a uid an entry announces what is about to be applied; a uid that is known already is kept. */
  add(entry: Entry, signal: AbortSignal): Promise<void> {
    const known = this.objects.values.get(keyOf(entry));
    const uid = entry.uid ?? (isObject(known) ? known.uid : undefined);
    return this.objects.set(keyOf(entry), { ...entry, ...(uid ? { uid } : {}) } as JsonObject, signal);
  }

  remove(entry: Entry, signal: AbortSignal): Promise<void> {
    return this.objects.remove(keyOf(entry), signal);
  }

  /** A value that must outlive the run and stay secret: a generated random value, or an explicit provider's connection. */
  secret(kind: "random" | "provider", urn: string): JsonObject | undefined {
    const value = this.secrets.values.get(secretKey(kind, urn));
    return isObject(value) ? value : undefined;
  }

  keepSecret(
    kind: "random" | "provider",
    urn: string,
    value: JsonObject,
    signal: AbortSignal,
  ): Promise<void> {
    return this.secrets.set(secretKey(kind, urn), { ...value, urn }, signal);
  }

  /** Forgets the secrets of everything but these URNs. */
  async forgetSecrets(except: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    for (const [key, value] of [...this.secrets.values]) {
      if (!(isObject(value) && typeof value.urn === "string" && except.has(value.urn))) {
        await this.secrets.remove(key, signal);
      }
    }
  }

  providers(): Map<string, ProviderSettings> {
    const found = new Map<string, ProviderSettings>();
    for (const entry of this.entries()) {
      const settings = entry.provider === undefined ? undefined : this.secret("provider", entry.provider);
      if (settings) {
        found.set(entry.provider!, omit(settings, "urn") as ProviderSettings);
      }
    }
    return found;
  }

  async destroy(signal: AbortSignal): Promise<void> {
    await this.secrets.destroy(signal);
    await this.objects.destroy(signal);
  }
}

/** The object is part of the key: when a resource gets another object, the old one must stay known until it has been deleted. */
function keyOf(entry: Entry): string {
  return createHash("sha256")
    .update(`${entry.urn}\n${identity(entry)}`)
    .digest("hex")
    .slice(0, 40);
}

function secretKey(kind: string, urn: string): string {
  return `${kind}.${createHash("sha256").update(urn).digest("hex").slice(0, 40)}`;
}

function ignoreMissing(error: unknown): void {
  if ((error as { status?: number }).status !== 404) {
    throw error;
  }
}
