import type { Note } from "./events";
import type { Read } from "./host";
import { isKubernetes, kindOf } from "./objects";
import { KUBERNETES_PROVIDER } from "./providers";
import { hasPlaceholder, isRandom } from "./random";
import type { Registration } from "./registration";
import { STACK_REFERENCE, stackReferenceNote } from "./stack-outputs";

/** What is left alone of a registration, or `undefined` when all that becomes of it is known. */
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
    // What stays behind needs nobody to undo it.
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

/** Options that only the engine's state could honour. The object itself is what the program says. */
export function noteOnOptions({ options }: Registration): Omit<Note, "urn"> | undefined {
  const { unsupported } = options;
  return unsupported.length === 0
    ? undefined
    : { message: `the option ${unsupported.join(", ")} has an effect only with the engine` };
}

/** Whether it is applied to an object that may be there already, and that is left there: one of the SDK's own Patch classes with retainOnDelete. */
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
  // The SDK's own Patch and List classes say the kind that they stand for, so the token alone tells them apart from kinds of a CRD.
  if (kind.endsWith("Patch") && kindInput !== kind) {
    const message = "patches of objects of somebody else are applied by the engine, and are not seen";
    return { message, incomplete: true };
  }
  return undefined;
}

/** What is wrong with it, with or without an engine. */
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

/** Why a function of a provider gives nothing that is known. */
export function noteOnCall(token: string): string {
  return `the function ${token} is a call to a provider's plugin, and there is none without the engine: what it gives is not known`;
}

function otherProvider(name: string): Omit<Note, "urn"> {
  return {
    message: `resources of the provider ${name} are left alone: what they give is known only to the engine`,
  };
}
