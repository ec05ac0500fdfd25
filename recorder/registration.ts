import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { JsonObject } from "./json";

/** One `registerResource` call of the program, as plain data. */
export interface Registration {
  urn: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  name: string;
  custom: boolean;
  remote: boolean;
  /** URN of the parent; empty for the stack itself. */
  parent: string;
  /** URN of an explicit provider; empty for the default one. */
  provider: string;
  /** Inputs with secrets and outputs resolved, unknowns marked. */
  inputs: JsonObject;
  /** Top-level inputs that contain a secret. */
  secretKeys: string[];
  /** Their paths in the inputs. Absent: no secrets. */
  secretPaths?: string[];
  /** The inputs for display, with each secret value masked. Absent: no secrets. */
  shown?: JsonObject;
  /** URNs of the dependencies: explicit ones and those of properties. */
  dependencies: string[];
  options: Options;
}

export interface Options {
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  /** Top-level outputs that are always secret. */
  additionalSecretOutputs: string[];
  /** Names of options that need the engine's state. */
  unsupported: string[];
}

const STACK = "pulumi:pulumi:Stack";

/** The engine's rule: types of the parents joined by `$`, without the stack's. */
export function urnOf(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const chain = parentType === "" || parentType === STACK ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${chain}::${name}`;
}

/** `<urn>::<id>` names a provider on the wire. */
export function providerUrn(reference: string): string {
  return reference.split("::").slice(0, 4).join("::");
}

export function optionsOf(request: RegisterResourceRequest): Options {
  const hooks = request.getHooks()?.toObject();
  const unsupported = [
    ...(Object.values(hooks ?? {}).some((list) => list.length > 0) ? ["hooks"] : []),
    ...(request.getReplaceonchangesList().length > 0 ? ["replaceOnChanges"] : []),
    ...(request.getReplacementTrigger() ? ["replacementTrigger"] : []),
    ...(request.getReplaceWithList().length > 0 ? ["replaceWith"] : []),
  ];
  return {
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    unsupported,
  };
}
