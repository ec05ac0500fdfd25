import type { Note } from "./events";
import type { Read } from "./host";
import { isKubernetes, kindOf } from "./objects";
import { KUBERNETES_PROVIDER } from "./providers";
import { hasPlaceholder, isRandom } from "./random";
import type { Registration } from "./registration";
import { STACK_REFERENCE, stackReferenceNote } from "./stack-outputs";

/** The skipped part of a registration, or `undefined` if it is complete. */
export function noteOn(registration: Registration): Omit<Note, "urn"> | undefined {
  const { type, custom, remote } = registration;
  if (remote) {
    const message =
      "remote components run in a plugin that only the engine starts: what they make is not seen";
    return { message, incomplete: true };
  }
  if (!custom) return undefined;
  if (type.startsWith("pulumi:providers:")) {
    const known = type === KUBERNETES_PROVIDER || type === "pulumi:providers:random";
    return known ? undefined : otherProvider(type.slice("pulumi:providers:".length));
  }
  if (isRandom(type)) {
    if (hasPlaceholder(registration)) return undefined;
    const placeholders = "RandomPassword, RandomString, RandomBytes, RandomId, RandomUuid and RandomInteger";
    return {
      message: `only ${placeholders} without a seed have a placeholder: other random values are not known`,
    };
  }
  if (isKubernetes(type)) {
    // An object that is retained needs no undo.
    return takesOver(registration) ? undefined : kubernetesNote(type, registration.inputs.kind);
  }
  if (type.startsWith("pulumi-nodejs:dynamic")) {
    return {
      message:
        "dynamic resources are run by the engine: they are left alone, and what they give is not known",
    };
  }
  return otherProvider(type.split(":")[0]!);
}

/** Options that need the engine's state. They do not change the object itself. */
export function noteOnOptions({ options }: Registration): Omit<Note, "urn"> | undefined {
  const { unsupported } = options;
  return unsupported.length === 0
    ? undefined
    : { message: `the option ${unsupported.join(", ")} has an effect only with the engine` };
}

/**
 * Whether it changes an existing object and leaves it there: a Patch class of the SDK with retainOnDelete.
 */
function takesOver({ type, inputs, options }: Registration): boolean {
  const { kind } = kindOf(type);
  return isKubernetes(type) && `${String(inputs.kind)}Patch` === kind && options.retainOnDelete;
}

function kubernetesNote(type: string, kindInput: unknown): Omit<Note, "urn"> | undefined {
  const { apiVersion, kind } = kindOf(type);
  if (/^(helm\.sh|kustomize|yaml)(\/|$)/.test(apiVersion) || kind === "") {
    const message =
      "charts and YAML files are rendered by the engine's Kubernetes plugin: their objects are not seen";
    return { message, incomplete: true };
  }
  // Inputs of the SDK's Patch and List classes have the original kind, so only the token shows the class.
  if (kind.endsWith("Patch") && kindInput !== kind) {
    const message = "patches of objects of somebody else are applied by the engine, and are not seen";
    return { message, incomplete: true };
  }
  return undefined;
}

/** Problems that exist with and without an engine. */
export function refusal({ type, inputs }: Registration): string | undefined {
  const isList =
    isKubernetes(type) && kindOf(type).kind.endsWith("List") && inputs.kind === kindOf(type).kind;
  return isList ? `${type} is a list. Register its items one by one.` : undefined;
}

export function noteOnRead({ type, id }: Read): Omit<Note, "urn"> | undefined {
  if (type === STACK_REFERENCE) return { message: stackReferenceNote(id) };
  if (isKubernetes(type)) return kubernetesNote(type, kindOf(type).kind);
  return { message: "what a program reads of other providers is known only to the engine" };
}

/** Why the result of a provider's function is unknown. */
export function noteOnCall(token: string): string {
  return `the function ${token} is a call to a provider's plugin, and there is none without the engine: what it gives is not known`;
}

function otherProvider(name: string): Omit<Note, "urn"> {
  return {
    message: `resources of the provider ${name} are left alone: what they give is known only to the engine`,
  };
}
