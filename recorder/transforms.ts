import * as grpc from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import {
  type Callback,
  CallbackInvokeRequest,
  type CallbackInvokeResponse,
} from "@pulumi/pulumi/proto/callback_pb";
import {
  type RegisterResourceRequest,
  TransformRequest,
  TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";

/**
 * Runs the program's `transforms`: functions in the program's process, behind a server that the SDK starts
 * there. The order is the engine's: those of the resource, then of its parents from the inside out, then of
 * the stack.
 */
export class Transforms {
  private readonly clients = new Map<string, CallbacksClient>();
  private readonly ofResource = new Map<string, { callbacks: Callback[]; parent: string }>();
  private readonly ofStack: Callback[] = [];

  addStackTransform(callback: Callback): void {
    this.ofStack.push(callback);
  }

  /** Applies every transform to the request in place. */
  async apply(request: RegisterResourceRequest, urn: string): Promise<void> {
    const own = { callbacks: request.getTransformsList(), parent: request.getParent() };
    this.ofResource.set(urn, own);
    const callbacks = [...own.callbacks];
    for (let parent = this.ofResource.get(own.parent); parent; parent = this.ofResource.get(parent.parent)) {
      callbacks.push(...parent.callbacks);
    }
    for (const callback of [...callbacks, ...this.ofStack]) {
      await this.call(callback, request);
    }
  }

  private async call(callback: Callback, request: RegisterResourceRequest): Promise<void> {
    const question = new TransformRequest();
    question.setType(request.getType());
    question.setName(request.getName());
    question.setCustom(request.getCustom());
    question.setParent(request.getParent());
    question.setProperties(request.getObject());
    question.setOptions(optionsOf(request));
    const invocation = new CallbackInvokeRequest();
    invocation.setToken(callback.getToken());
    invocation.setRequest(question.serializeBinary());
    const reply = await new Promise<CallbackInvokeResponse>((resolve, reject) => {
      this.client(callback.getTarget()).invoke(invocation, (error, response) =>
        error ? reject(new Error(`a transform failed: ${error.details}`)) : resolve(response),
      );
    });
    const answer = TransformResponse.deserializeBinary(reply.getResponse_asU8());
    request.setObject(answer.getProperties() ?? request.getObject());
    const options = answer.getOptions();
    if (options) {
      writeOptions(request, options);
    }
  }

  private client(target: string): CallbacksClient {
    let client = this.clients.get(target);
    if (!client) {
      client = new CallbacksClient(target, grpc.credentials.createInsecure(), {
        "grpc.max_receive_message_length": 400 * 1024 * 1024,
      });
      this.clients.set(target, client);
    }
    return client;
  }

  close(): void {
    for (const client of this.clients.values()) {
      client.close();
    }
  }
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  if (request.hasProtect()) {
    options.setProtect(request.getProtect()!);
  }
  if (request.hasRetainondelete()) {
    options.setRetainOnDelete(request.getRetainondelete()!);
  }
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setVersion(request.getVersion());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  options.setDeletedWith(request.getDeletedwith());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setHooks(request.getHooks());
  options.setImport(request.getImportid());
  options.setReplaceWithList(request.getReplaceWithList());
  for (const [name, reference] of request.getProvidersMap().entries()) {
    options.getProvidersMap().set(name, reference);
  }
  return options;
}

function writeOptions(request: RegisterResourceRequest, options: TransformResourceOptions): void {
  request.setDependenciesList(options.getDependsOnList());
  if (options.hasProtect()) {
    request.setProtect(options.getProtect()!);
  }
  if (options.hasRetainOnDelete()) {
    request.setRetainondelete(options.getRetainOnDelete()!);
  }
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setProvider(options.getProvider());
  request.setCustomtimeouts(options.getCustomTimeouts());
  request.setDeletedwith(options.getDeletedWith());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setHooks(options.getHooks());
  request.setImportid(options.getImport());
  request.setReplaceWithList(options.getReplaceWithList());
}
