import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { StackResourceInput } from "../core/stack";
import { UNKNOWN } from "../core/unknown";

/** A resource of a test, as a program would register it. */
export interface TestResource {
  /** Type token: `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Default: the object's name. */
  name?: string;
  /** Inputs as plain data, with {@link unknown} and {@link secret} values. */
  props: Record<string, unknown>;
  /** Default: from type and name. */
  urn?: string;
  opts?: Partial<ResourceValidationArgs["opts"]>;
  /** URN of the parent. Only stack policies and `opts.parent` see it. */
  parent?: string;
  /** URNs. */
  dependencies?: string[];
  /** URNs by top-level property. */
  propertyDependencies?: Record<string, string[]>;
  provider?: { type: string; props: Record<string, unknown>; urn: string; name: string };
}

/** A value that is known only during the update. */
export const unknown = UNKNOWN;

/** A secret value in the protocol's form. Policies receive it in plain text. */
export function secret(value: unknown): unknown {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** The resource that a program would register for a Kubernetes manifest. */
export function fromManifest(manifest: Record<string, unknown>): TestResource {
  const apiVersion = String(manifest.apiVersion);
  const metadata = manifest.metadata as { name?: string } | undefined;
  const version = apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`;
  return {
    type: `kubernetes:${version}:${String(manifest.kind)}`,
    name: metadata?.name ?? "unnamed",
    props: manifest,
  };
}

export function urnOf(resource: TestResource): string {
  return resource.urn ?? `urn:pulumi:test::test::${resource.type}::${nameOf(resource)}`;
}

export function nameOf(resource: TestResource): string {
  const metadata = resource.props.metadata as { name?: unknown } | undefined;
  const { name = metadata?.name } = resource;
  return typeof name === "string" ? name : "unnamed";
}

/**
 * The resource for the pure functions of `../core`: `new Resource(inputOf(test))`, `new
 * Stack(tests.map(inputOf))`.
 */
export function inputOf(resource: TestResource): StackResourceInput {
  const { type, props, opts, parent, dependencies = [], propertyDependencies = {} } = resource;
  const byUrn = (urns: string[]) => urns.map((urn) => ({ urn }));
  return {
    type,
    props: asReceived(props),
    urn: urnOf(resource),
    name: nameOf(resource),
    opts: { parent, ...opts },
    ...(parent === undefined ? {} : { parent: { urn: parent } }),
    dependencies: byUrn(dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([key, urns]) => [key, byUrn(urns)]),
    ),
  };
}

/** The report of a policy. */
export interface Reported {
  violations: { message: string; urn?: string }[];
  /** Why the policy stopped at an unknown value. The engine turns it into an advisory. */
  undetermined?: string;
  /** Why the policy does not apply. */
  notApplicable?: string;
}

// The functions of the SDK's server for properties, which are not in its types.
interface Deserialise {
  deserializeProperties(struct: Struct, proxySecrets: boolean): Record<string, unknown>;
}
interface Serialise {
  serializeProperties(props: unknown): Promise<Record<string, unknown>>;
}
interface Proxying {
  unknownCheckingProxy<T>(props: T): T;
}

/**
 * Properties as a policy receives them: with plain secrets, and behind the proxy that throws on unknown
 * values.
 */
export function asReceived(props: Record<string, unknown>, forRemediation = false): Record<string, unknown> {
  /* eslint-disable @typescript-eslint/no-require-imports -- parts of the SDK without types; loaded only by tests that need them */
  const { deserializeProperties } = require("@pulumi/policy/deserialize") as Deserialise;
  const { unknownCheckingProxy } = require("@pulumi/policy/proxy") as Proxying;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const struct = Struct.fromJavaScript(props as Parameters<typeof Struct.fromJavaScript>[0]);
  return unknownCheckingProxy(deserializeProperties(struct, forRemediation));
}

class NotApplicable extends Error {}

interface Settings {
  /** Configuration of the policy. */
  config?: Record<string, unknown>;
  stackTags?: ReadonlyMap<string, string>;
}

/** Runs a resource policy on a resource as the engine does. */
export async function validateResource(
  policy: ResourceValidationPolicy,
  resource: TestResource,
  settings: Settings = {},
): Promise<Reported> {
  const validations = [policy.validateResource ?? []].flat();
  const reported: Reported = { violations: [] };
  for (const validate of validations) {
    await recorded(reported, () =>
      validate(resourceArgs(resource, settings, false), (message, urn) => {
        reported.violations.push({ message, urn });
      }),
    );
  }
  return reported;
}

/**
 * Runs a remediation. Returns the new properties for the engine, with secrets in the protocol's form;
 * undefined: unchanged.
 */
export async function remediateResource(
  policy: ResourceValidationPolicy,
  resource: TestResource,
  settings: Settings = {},
): Promise<{ props?: Record<string, unknown>; undetermined?: string }> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- part of the SDK without types
  const { serializeProperties } = require("@pulumi/policy/deserialize") as Serialise;
  const reported: Reported = { violations: [] };
  let changed: unknown;
  await recorded(reported, async () => {
    changed = await policy.remediateResource?.(resourceArgs(resource, settings, true));
  });
  return {
    ...(changed ? { props: await serializeProperties(changed) } : {}),
    ...(reported.undetermined === undefined ? {} : { undetermined: reported.undetermined }),
  };
}

/** Runs a stack policy: parents and dependencies given by URN become references to the resources. */
export async function validateStack(
  policy: StackValidationPolicy,
  resources: readonly TestResource[],
  settings: Settings = {},
): Promise<Reported> {
  const all = resources.map((resource): PolicyResource => {
    const { getConfig, notApplicable, stackTags, ...rest } = resourceArgs(resource, settings, false);
    void [getConfig, notApplicable, stackTags];
    return { ...rest, dependencies: [], propertyDependencies: {} };
  });
  const byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  const find = (urns: readonly string[] = []) =>
    urns.map((urn) => byUrn.get(urn)).filter((found) => found !== undefined);
  resources.forEach((resource, index) => {
    const parent = byUrn.get(resource.parent ?? "");
    if (parent) all[index]!.parent = parent;
    all[index]!.dependencies = find(resource.dependencies);
    all[index]!.propertyDependencies = Object.fromEntries(
      Object.entries(resource.propertyDependencies ?? {}).map(([key, urns]) => [key, find(urns)]),
    );
  });
  const reported: Reported = { violations: [] };
  await recorded(reported, () =>
    policy.validateStack(
      {
        resources: all,
        stackTags: settings.stackTags ?? new Map(),
        getConfig: <T extends object>() => (settings.config ?? {}) as T,
        notApplicable: refuse,
      },
      (message, urn) => {
        reported.violations.push({ message, urn });
      },
    ),
  );
  return reported;
}

function resourceArgs(
  resource: TestResource,
  { config = {}, stackTags = new Map() }: Settings,
  forRemediation: boolean,
): ResourceValidationArgs {
  const { type, opts, provider, parent } = resource;
  const props = asReceived(resource.props, forRemediation);
  const isType = (resourceClass: unknown) =>
    type === (resourceClass as { __pulumiType?: string }).__pulumiType;
  return {
    type,
    props,
    urn: urnOf(resource),
    name: nameOf(resource),
    opts: {
      protect: false,
      ignoreChanges: [],
      aliases: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
      additionalSecretOutputs: [],
      ...(parent === undefined ? {} : { parent }),
      ...opts,
    },
    ...(provider ? { provider: { ...provider, props: asReceived(provider.props) } } : {}),
    stackTags,
    isType,
    asType: ((resourceClass: unknown) => (isType(resourceClass) ? props : undefined)) as never,
    getConfig: <T extends object>() => config as T,
    notApplicable: refuse,
  };
}

function refuse(reason?: string): never {
  throw new NotApplicable(reason ?? "");
}

async function recorded(reported: Reported, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof NotApplicable) reported.notApplicable = error.message;
    else if (error instanceof Error && "unknownTypeSentinel" in error) {
      reported.undetermined = error.message;
    } else throw error;
  }
}
