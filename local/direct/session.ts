import { setMaxListeners } from "node:events";
import type { Pack } from "../policies/packs";
import { DirectError, type EventHandler, messageOf } from "../record/events";
import { Inventory, INVENTORY_NAMESPACE } from "./inventory";
import type { ProgramOptions } from "../record/program";
import type { OtherStacks } from "../record/stack-outputs";
import { Providers, providerSettings, type ProviderSettings } from "../record/providers";

/** Everything a run needs to be told. */
export interface DirectOptions extends ProgramOptions {
  /** Path(s) of kubeconfig files, or a kubeconfig's text. Default: configuration `kubernetes:kubeconfig`, then what kubectl would use. */
  kubeconfig?: string;
  /** Context of the kubeconfig. Default: configuration `kubernetes:context`, then the current one. */
  context?: string;
  /** Namespace of the inventory; it must exist. Default: `default`. Changing it makes the next run forget what the stack has. */
  inventoryNamespace?: string;
  /** Outputs of other stacks, for the program's StackReferences. Default: none, and each is refused. */
  otherStacks?: OtherStacks;
  /** Policy packs that look at everything in pass 1; a mandatory finding stops the run. */
  packs?: readonly Pack[];
  /** Hears what happens while it happens. */
  onEvent?: EventHandler;
  /** Interrupts the run, which then fails with a message that says what is left. */
  signal?: AbortSignal;
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
    return { options, providers, inventory, signal, onEvent };
  } catch (error) {
    providers.close();
    throw new DirectError(signal.aborted ? "Interrupted before anything was changed." : messageOf(error));
  }
}

/** A signal that any number of requests may listen to; node warns of a leak from the eleventh on. */
export function shared(...signals: (AbortSignal | undefined)[]): AbortSignal {
  const any = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  setMaxListeners(0, any);
  return any;
}

export function defaultSettings(options: DirectOptions): ProviderSettings {
  const configured = Object.entries(options.config)
    .filter(([key]) => key.startsWith("kubernetes:"))
    .map(([key, value]) => [key.slice("kubernetes:".length), value] as const);
  const settings = providerSettings(Object.fromEntries(configured));
  if ("refused" in settings) {
    throw new DirectError(`Stack configuration kubernetes:*: ${settings.refused}`);
  }
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
export function programOptions(options: DirectOptions): ProgramOptions {
  const isPath = options.kubeconfig !== undefined && !options.kubeconfig.includes("\n");
  return { ...options, env: { ...(isPath ? { KUBECONFIG: options.kubeconfig! } : {}), ...options.env } };
}
