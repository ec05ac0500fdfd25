import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  GetRootResourceResponse,
  type LogRequest,
  RequirePulumiVersionResponse,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import {
  DeploymentInfo,
  ReadResourceResponse,
  type ReadResourceRequest,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterPackageResponse,
  RegisterResourceResponse,
  ResourceInvokeResponse,
  type ResourceInvokeRequest,
  ResourceMonitorFeature,
  SupportsFeatureResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { EventHandler } from "./events";
import { optionsOf, providerUrn, type Registration, urnOf } from "./registration";
import { Transforms } from "./transforms";
import { type Outputs, type OtherStacks, STACK_REFERENCE, stackReferenceAnswer } from "./stack-outputs";
import type { JsonObject } from "./json";
import { isKubernetes } from "./objects";
import { decode, markSecrets } from "./values";

/** The answer to the program about a resource. */
export interface Answer {
  /** Absent: unknown. */
  id?: string;
  outputs: JsonObject;
  /** Top-level outputs that are secret. */
  secretKeys?: string[];
}

/** A `Resource.get` of the program. */
export interface Read {
  urn: string;
  type: string;
  name: string;
  /** The unknown marker if the id depends on an unknown value. */
  id: string;
  provider: string;
  /** URNs that the id depends on, and those in the program's options. */
  dependencies: string[];
}

/** Answers the program instead of the engine. It gets each registration after its dependencies. */
export interface Responder {
  register(registration: Registration): Promise<Answer>;
  read(read: Read): Promise<Answer>;
  /** Notes a function call on a provider, which does not exist here. Throws if the result must be known. */
  invoke(token: string, urn: string, canBeUnknown: boolean): void;
}

export interface Host {
  address: string;
  /** Exports of the program's module. */
  outputs: () => Outputs;
  /** Errors in the program's log. */
  errors: () => { message: string; urn?: string }[];
  close(): void;
}

/**
 * Supported protocol features. Resource hooks are accepted here, and refused later with the resource's URN.
 */
const FEATURES = {
  secrets: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_SECRETS,
  resourceReferences: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
  outputValues: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
  aliasSpecs: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
  deletedWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
  replaceWith: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
  transforms: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
  resourceHooks: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
  errorHooks: ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
};

/** The SDK's own limit: jars in ConfigMaps and long configurations fit. */
const LARGE = { "grpc.max_receive_message_length": 400 * 1024 * 1024 };
const SEVERITIES = ["debug", "info", "warning", "error"] as const;

/**
 * Serves the two protocols between `@pulumi/pulumi` and its engine, ResourceMonitor and Engine, on a free
 * port of the loopback interface.
 */
export async function serve(
  stack: { project: string; stack: string; otherStacks?: OtherStacks },
  responder: Responder,
  onEvent: EventHandler,
): Promise<Host> {
  const transforms = new Transforms();
  const done = new Map<string, Promise<Answer>>();
  const outputs = new Map<string, Outputs>();
  const errors: { message: string; urn?: string }[] = [];
  let root = "";

  async function registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const urn = urnOf(stack.stack, stack.project, request.getParent(), request.getType(), request.getName());
    if (done.has(urn)) {
      throw new Error(`${urn} is registered twice. Two resources of a program need different names.`);
    }
    const answered = answer(urn, request);
    answered.catch(() => undefined); // dependents await it again; the program gets the error below
    done.set(urn, answered);
    const { id, outputs: properties, secretKeys } = await answered;
    const response = new RegisterResourceResponse();
    response.setUrn(urn);
    response.setId(id ?? "");
    response.setObject(Struct.fromJavaScript(markSecrets(properties, secretKeys ?? [])));
    return response;
  }

  async function answer(urn: string, request: RegisterResourceRequest): Promise<Answer> {
    await transforms.apply(request, urn);
    const { value, secretKeys, secretPaths, shown } = decode(
      (request.getObject()?.toJavaScript() ?? {}) as JsonObject,
      { assets: !isKubernetes(request.getType()) },
    );
    const registration: Registration = {
      urn,
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      remote: request.getRemote(),
      parent: request.getParent(),
      provider: providerUrn(request.getProvider()),
      inputs: value,
      secretKeys,
      shown,
      secretPaths,
      dependencies: request.getDependenciesList().filter((dependency) => dependency !== urn),
      options: optionsOf(request),
    };
    // The SDK waits for known dependencies; a transform may have added more.
    await Promise.all(registration.dependencies.map((dependency) => done.get(dependency)));
    return responder.register(registration);
  }

  async function readResource(request: ReadResourceRequest): Promise<ReadResourceResponse> {
    const urn = urnOf(stack.stack, stack.project, request.getParent(), request.getType(), request.getName());
    const read: Read = {
      urn,
      type: request.getType(),
      name: request.getName(),
      id: request.getId(),
      provider: providerUrn(request.getProvider()),
      dependencies: request.getDependenciesList(),
    };
    const { outputs: properties, secretKeys } = otherStack(read) ?? (await responder.read(read));
    const secrets = [...(secretKeys ?? []), ...request.getAdditionalsecretoutputsList()];
    const response = new ReadResourceResponse();
    response.setUrn(urn);
    response.setProperties(Struct.fromJavaScript(markSecrets(properties, secrets)));
    return response;
  }

  function otherStack({ type, id }: Read): Answer | undefined {
    const found = type === STACK_REFERENCE ? stack.otherStacks?.get(id) : undefined;
    return found && stackReferenceAnswer(id, found);
  }

  /** The SDK resolves a resource reference by asking for the earlier answer. */
  async function invoke(request: ResourceInvokeRequest): Promise<ResourceInvokeResponse> {
    const args = (request.getArgs()?.toJavaScript() ?? {}) as JsonObject;
    const known = request.getTok() === "pulumi:pulumi:getResource" ? done.get(String(args.urn)) : undefined;
    const response = new ResourceInvokeResponse();
    if (!known) {
      // Older SDKs do not have the field.
      const mark = (response as { setUnknown?: (unknown: boolean) => void }).setUnknown;
      responder.invoke(request.getTok(), request.getParent?.() ?? "", mark !== undefined);
      mark?.call(response, true);
      return response;
    }
    const { id, outputs: state } = await known;
    response.setReturn(Struct.fromJavaScript({ urn: args.urn!, id: id ?? "", state }));
    return response;
  }

  function info(): DeploymentInfo {
    const deployment = new DeploymentInfo();
    deployment.setProject(stack.project);
    deployment.setStack(stack.stack);
    deployment.setSupportedfeaturesList(Object.values(FEATURES));
    return deployment;
  }

  const server = new grpc.Server(LARGE);
  server.addService(ResourceMonitorService, {
    getDeploymentInfo: unary(async () => info()),
    supportsFeature: unary(async (request: { getId(): string }) => {
      const response = new SupportsFeatureResponse();
      response.setHassupport(request.getId() in FEATURES);
      return response;
    }),
    registerResource: unary(registerResource),
    readResource: unary(readResource),
    invoke: unary(invoke),
    call: unary(async (request: { getTok(): string }) => responder.invoke(request.getTok(), "", false)),
    existsResource: unary(async (request: { getType(): string }) =>
      responder.invoke(`the existence check of ${request.getType()}`, "", false),
    ),
    registerResourceOutputs: unary(async (request: RegisterResourceOutputsRequest) => {
      const properties = (request.getOutputs()?.toJavaScript() ?? {}) as JsonObject;
      const { value, secretKeys } = decode(properties);
      outputs.set(request.getUrn(), { outputs: value, secretOutputs: secretKeys });
      return new Empty();
    }),
    registerStackTransform: unary(async (callback: Parameters<Transforms["addStackTransform"]>[0]) => {
      transforms.addStackTransform(callback);
      return new Empty();
    }),
    registerStackInvokeTransform: unary(async () => new Empty()),
    registerResourceHook: unary(async () => new Empty()),
    registerErrorHook: unary(async () => new Empty()),
    registerPackage: unary(async (request: { getName(): string }) => {
      const response = new RegisterPackageResponse();
      response.setRef(request.getName());
      return response;
    }),
    signalAndWaitForShutdown: unary(async () => new Empty()),
  });
  server.addService(EngineService, {
    log: unary(async (request: LogRequest) => {
      const severity = SEVERITIES[request.getSeverity()] ?? "info";
      const urn = request.getUrn() || undefined;
      if (severity === "error") {
        errors.push({ message: request.getMessage(), urn });
      } else if (severity !== "debug" && !request.getEphemeral()) {
        onEvent({ type: "log", severity, message: request.getMessage(), urn });
      }
      return new Empty();
    }),
    getRootResource: unary(async () => {
      const response = new GetRootResourceResponse();
      response.setUrn(root);
      return response;
    }),
    setRootResource: unary(async (request: { getUrn(): string }) => {
      root = request.getUrn();
      return new SetRootResourceResponse();
    }),
    startDebugging: unary(async () => new Empty()),
    requirePulumiVersion: unary(async () => new RequirePulumiVersionResponse()),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    outputs: () => outputs.get(root) ?? { outputs: {}, secretOutputs: [] },
    errors: () => errors,
    close: () => {
      transforms.close();
      server.forceShutdown();
    },
  };
}

/** An async function as a gRPC handler. The program gets its exceptions as errors. */
function unary<Request, Response>(handle: (request: Request) => Promise<Response>) {
  return (call: { request: Request }, callback: grpc.sendUnaryData<Response>) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) =>
        callback({
          code: grpc.status.UNKNOWN,
          details: error instanceof Error ? error.message : String(error),
        }),
    );
  };
}
