import { type JsonObject, omit } from "../json";
import { Cluster, type Connection } from "../kubernetes";
import { type ProviderSettings, providerSettings } from "../record/providers";
import type { Registration } from "../record/registration";
import { hasUnknown } from "../record/values";

/** Which cluster objects of a provider go to, and in which namespace if they name none. */
export interface Target {
  cluster: Cluster;
  namespace: string;
  /** Objects that exist already and belong to nobody are taken over. */
  upsert: boolean;
}

/** The clusters of one run: the default one, and those of the program's explicit providers by URN. */
export class Providers {
  private readonly explicit = new Map<string, ProviderSettings | "unknown">();
  private readonly clusters = new Map<string, Cluster>();

  constructor(
    /** The default provider: command line, then `kubernetes:*` configuration. */
    private readonly defaults: ProviderSettings,
    /** What an explicit provider that names no cluster falls back to: the command line. */
    private readonly ambient: Connection,
    private readonly onWarning: (message: string) => void,
  ) {}

  /** Takes a registered provider in; the answer is why not, if so. */
  add(registration: Registration): string | undefined {
    const inputs = omit(registration.inputs, "version", "pluginDownloadURL") as JsonObject;
    if (hasUnknown(inputs)) {
      this.explicit.set(registration.urn, "unknown");
      return undefined;
    }
    const settings = providerSettings(inputs);
    if ("refused" in settings) {
      return settings.refused;
    }
    this.explicit.set(registration.urn, settings);
    return undefined;
  }

  /** Makes a provider known that an earlier run has left in the inventory. */
  restore(urn: string, settings: ProviderSettings): void {
    if (!this.explicit.has(urn)) {
      this.explicit.set(urn, settings);
    }
  }

  settings(urn: string): ProviderSettings | undefined {
    const settings = this.explicit.get(urn);
    return settings === "unknown" ? undefined : settings;
  }

  /** `undefined` when the provider's inputs are not known in this pass. */
  target(urn: string): Target | undefined {
    const settings = urn === "" ? this.defaults : this.explicit.get(urn);
    if (settings === undefined || settings === "unknown") {
      return undefined;
    }
    const { kubeconfig = this.ambient.kubeconfig, cluster, namespace, upsert = false } = settings;
    // A kubeconfig of its own brings its own current context.
    const context =
      settings.context ?? (settings.kubeconfig === undefined ? this.ambient.context : undefined);
    const connected = this.connect({ kubeconfig, context, cluster });
    return { cluster: connected, namespace: namespace ?? connected.namespace ?? "default", upsert };
  }

  default(): Target {
    return this.target("")!;
  }

  private connect(connection: Connection): Cluster {
    const key = JSON.stringify([connection.kubeconfig, connection.context, connection.cluster]);
    let cluster = this.clusters.get(key);
    if (!cluster) {
      cluster = new Cluster(connection);
      cluster.onWarning = this.onWarning;
      this.clusters.set(key, cluster);
    }
    return cluster;
  }

  close(): void {
    for (const cluster of this.clusters.values()) {
      cluster.close();
    }
  }
}
