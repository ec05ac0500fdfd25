import { setMaxListeners } from "node:events";
import type { Pack } from "../policies/packs";
import { type EventHandler, messageOf, StackError } from "../record/events";
import { configuredSettings, type ProviderSettings } from "../record/providers";
import type { ProgramRun } from "../record/run";
import { Inventory, INVENTORY_NAMESPACE } from "./inventory";
import { Providers } from "./providers";

/** Everything a run needs to be told. */
export interface DirectOptions extends ProgramRun {
  /** Path(s) of kubeconfig files, or a kubeconfig's text. Default: configuration `kubernetes:kubeconfig`, then what kubectl would use. */
  kubeconfig?: string;
  /** Context of the kubeconfig. Default: configuration `kubernetes:context`, then the current one. */
  context?: string;
  /** Namespace of the inventory; it must exist. Default: `default`. Changing it makes the next run forget what the stack has. */
  inventoryNamespace?: string;
  /** Policy packs that look at everything in pass 1; a mandatory finding stops the run. */
  packs?: readonly Pack[];
}

/** What the passes of one run share. */
export interface Session {
  options: DirectOptions;
  providers: Providers;
  inventory: Inventory;
  signal: AbortSignal;
  onEvent: EventHandler;
}

export async function openSession(options: DirectOptions): Promise<Session> {
  const onEvent = options.onEvent ?? (() => undefined);
  const signal = shared(options.signal);
  const warned = new Set<string>();
  const providers = new Providers(
    defaultSettings(options),
    { kubeconfig: options.kubeconfig, context: options.context },
    (message) => {
      if (!warned.has(message)) {
        warned.add(message);
        onEvent({ type: "log", severity: "warning", message });
      }
    },
  );
  try {
    const { cluster } = providers.default();
    const namespace = options.inventoryNamespace ?? INVENTORY_NAMESPACE;
    const inventory = await Inventory.load(cluster, options.project, options.stack, namespace, signal);
    for (const [urn, settings] of inventory.providers()) {
      providers.restore(urn, settings);
    }
    return { options: withKubeconfig(options), providers, inventory, signal, onEvent };
  } catch (error) {
    providers.close();
    throw new StackError(signal.aborted ? "Interrupted before anything was changed." : messageOf(error));
  }
}

/** A signal that any number of requests may listen to; node warns of a leak from the eleventh on. */
export function shared(...signals: (AbortSignal | undefined)[]): AbortSignal {
  const any = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  setMaxListeners(0, any);
  return any;
}

function defaultSettings(options: DirectOptions): ProviderSettings {
  const settings = configuredSettings(options.config);
  const own = options.kubeconfig ?? options.context;
  return {
    ...settings,
    // A cluster named on the command line is not combined with parts of another one from the configuration.
    ...(own === undefined
      ? {}
      : { kubeconfig: options.kubeconfig, context: options.context, cluster: undefined }),
  };
}

/** The program sees the cluster that it is applied to: `new kubernetes.Provider()` copies KUBECONFIG into its inputs. */
function withKubeconfig(options: DirectOptions): DirectOptions {
  const isPath = options.kubeconfig !== undefined && !options.kubeconfig.includes("\n");
  return { ...options, env: { ...(isPath ? { KUBECONFIG: options.kubeconfig! } : {}), ...options.env } };
}
