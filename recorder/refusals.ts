import type { Read } from "./host";
import { isKubernetes, kindOf } from "./objects";
import { KUBERNETES_PROVIDER } from "./providers";
import { hasPlaceholder, isRandom } from "./random";
import type { Registration } from "./registration";
import { STACK_REFERENCE, stackReferenceRefusal } from "./stack-outputs";

const ENGINE = "Use pulumi preview and pulumi up for this stack, or leave it out.";

/** Why it is not known without the engine what becomes of a registration, or `undefined` when it is. */
export function refusal(registration: Registration): string | undefined {
  const { type, custom, remote, options } = registration;
  if (options.unsupported.length > 0) {
    return `the option ${options.unsupported.join(", ")} needs the engine's state. ${ENGINE}`;
  }
  if (remote) {
    return `the remote component ${type} runs in a plugin that only the engine starts. ${ENGINE}`;
  }
  if (!custom) {
    return undefined;
  }
  if (type.startsWith("pulumi:providers:")) {
    const known = type === KUBERNETES_PROVIDER || type === "pulumi:providers:random";
    return known ? undefined : otherProvider(type.slice("pulumi:providers:".length));
  }
  if (isRandom(type)) {
    return hasPlaceholder(registration)
      ? undefined
      : `${type} has no placeholder: only RandomPassword, RandomString, RandomBytes, RandomId, RandomUuid and RandomInteger without a seed have. ${ENGINE}`;
  }
  if (isKubernetes(type)) {
    // What stays behind needs nobody to undo it.
    return takesOver(registration) ? undefined : kubernetesRefusal(type, registration.inputs.kind);
  }
  if (type.startsWith("pulumi-nodejs:dynamic")) {
    return `a dynamic resource is run by the engine's own provider. ${ENGINE}`;
  }
  return otherProvider(type.split(":")[0]!);
}

/** Whether it is applied to an object that may be there already, and that is left there: one of the SDK's own Patch classes with retainOnDelete. */
function takesOver({ type, inputs, options }: Registration): boolean {
  const { kind } = kindOf(type);
  return isKubernetes(type) && `${String(inputs.kind)}Patch` === kind && options.retainOnDelete;
}

function kubernetesRefusal(type: string, kindInput: unknown): string | undefined {
  const { apiVersion, kind } = kindOf(type);
  if (/^(helm\.sh|kustomize|yaml)(\/|$)/.test(apiVersion) || kind === "") {
    return `${type} is rendered by the Kubernetes plugin of the engine. ${ENGINE}`;
  }
  // The SDK's own Patch and List classes say the kind that they stand for, so the token alone tells them apart from kinds of a CRD.
  if (kind.endsWith("Patch") && kindInput !== kind) {
    return `${type} changes an object of somebody else, which only the engine's state could undo. ${ENGINE}`;
  }
  if (kind.endsWith("List") && kindInput === kind) {
    return `${type} is a list. Register its items one by one.`;
  }
  return undefined;
}

export function readRefusal({ type, id }: Read): string | undefined {
  if (type === STACK_REFERENCE) return stackReferenceRefusal(id);
  return isKubernetes(type)
    ? kubernetesRefusal(type, kindOf(type).kind)
    : `${type} cannot be read without its provider's plugin.`;
}

export function invokeRefusal(token: string): string {
  return `the function ${token} is a call to a provider plugin, and there is none without the engine. ${ENGINE}`;
}

function otherProvider(name: string): string {
  return `the provider "${name}" is a plugin that only the engine starts; here there are kubernetes and random. ${ENGINE}`;
}
