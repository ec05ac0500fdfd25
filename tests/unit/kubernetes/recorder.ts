import * as pulumi from "@pulumi/pulumi";

/** One registration, as the program sent it to the engine. */
export interface Recorded {
  type: string;
  name: string;
  parent: string;
  dependencies: string[];
  ignoreChanges: string[];
  /** What the resource was called before, as the program says it; what is left out is as it is now. */
  aliases: Alias[];
  provider: string;
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  /** How long its creation and its deletion may take, as the program wrote it. */
  createTimeout: string;
  deleteTimeout: string;
  /** As on the wire: secrets wrapped, unknowns marked. */
  inputs: Record<string, unknown>;
}

export interface Alias {
  urn?: string;
  name?: string;
  type?: string;
  parent?: string;
}

export interface Options {
  preview?: boolean;
  /** Types whose outputs the preview does not know. */
  unknown?: string[];
}

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProvider(): string;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getAliasesList(): AliasMessage[];
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getCustomtimeouts(): { getCreate(): string; getDelete(): string } | undefined;
  getObject(): { toJavaScript(): Record<string, unknown> };
}

interface AliasMessage {
  getUrn(): string;
  getSpec(): { getName(): string; getType(): string; getParenturn(): string } | undefined;
}

function aliasOf(alias: AliasMessage): Alias {
  const spec = alias.getSpec();
  return { urn: alias.getUrn(), name: spec?.getName(), type: spec?.getType(), parent: spec?.getParenturn() };
}

/** The name of a resource, with a mark in place of the hash where it is named by its content. */
export function openName(name: string): string {
  return name.replace(/-[0-9a-f]{8}$/, "-*");
}

/** What was registered, a line each. */
export function kinds(recorded: readonly Recorded[]): string[] {
  return recorded.map((one) => `${one.type.split(":").at(-1)} ${openName(one.name)}`).sort();
}

/** Names of the ConfigMaps that pods are to have as volumes. */
export function mountedConfigMaps(recorded: readonly Recorded[]): string[] {
  const inputs = JSON.stringify(recorded.map((one) => one.inputs));
  return [...inputs.matchAll(/"configMap":\{[^}]*?"name":"([^"]+)"/g)].map(([, name]) => name!);
}

type Callback = (error: unknown, response: unknown) => void;

/** Runs a program against the SDK's mocks and returns what it registered, once everything has been registered. */
export async function record<T>(
  program: () => T,
  options: Options = {},
): Promise<{ result: T; recorded: Recorded[] }> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, type, inputs }) => {
        const state = type.startsWith("random:") ? { ...inputs, result: `generated-for-${name}` } : inputs;
        const known = !options.unknown?.includes(type);
        return known ? { id: `${name}-id`, state } : { id: undefined, state: {} };
      },
      call: ({ inputs }) => inputs as object,
    },
    "project",
    "stack",
    options.preview ?? false,
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, callback: Callback): unknown;
  };
  const recorded: Recorded[] = [];
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    recorded.push({
      type: request.getType(),
      name: request.getName(),
      parent: request.getParent(),
      provider: request.getProvider(),
      dependencies: request.getDependenciesList(),
      ignoreChanges: request.getIgnorechangesList(),
      aliases: request.getAliasesList().map(aliasOf),
      protect: request.getProtect(),
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      createTimeout: request.getCustomtimeouts()?.getCreate() ?? "",
      deleteTimeout: request.getCustomtimeouts()?.getDelete() ?? "",
      inputs: request.getObject().toJavaScript(),
    });
    return register(request, callback);
  };
  const result = program();
  await pulumi.runtime.disconnect();
  return { result, recorded };
}

/** How the SDK marks a secret on the wire. */
export const secretMark = "4dabf18193072939515e22adb298388d";

/** How the SDK marks an unknown value on the wire. */
export const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The value of an output, or undefined when it is not known in a preview. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  return (output as unknown as { promise(): Promise<T | undefined> }).promise();
}
