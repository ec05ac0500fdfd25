import type { sendUnaryData, Server, ServerUnaryCall, ServiceDefinition } from "@grpc/grpc-js";
import { PolicyPack } from "@pulumi/policy";
import type * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { createRequire } from "node:module";
import path from "node:path";
import {
  type Analysis,
  Analyzer,
  type PackDefinition,
  type PolicyConfig,
  type PolicySettings,
} from "./analyzer";
import { NOT_APPLICABLE, packArgs } from "./pack";
import type { ResourceInput } from "./resource";
import type { Rule } from "./rule";
import type { StackResourceInput } from "./stack";
import { messagesOf, partsOf, type ReaderClass, structOf } from "./wire";

/**
 * Starts a pack: its `index.ts` calls `servePack(pack)`, and Pulumi or `RunningPack` sends requests.
 *
 * `@pulumi/policy` serves the pack, with its metadata and configuration. Only the calls with resources are
 * answered here, because the SDK reads the whole resource again for each of the pack's hundred policies.
 */
export function servePack(definition: PackDefinition): void {
  const analyzer = new Analyzer(definition);
  const answers = new Answers(definition);
  withHandlers(
    ({ configure, remediate, ...others }) => ({
      ...others,
      configure: (call, done) => {
        analyzer.configure(configOf(call.request as proto.ConfigureAnalyzerRequest));
        configure!(call, done);
      },
      analyze: answered((request) => answers.response(analyzer.analyze(inputOf(request, AnalyzeRequest)))),
      analyzeStack: answered((request) => {
        const inputs = messagesOf(BinaryReader, request).map(stackInputOf);
        return answers.response(analyzer.analyzeStack(inputs));
      }),
      remediate: (call, done) => {
        if (!analyzer.canRemediate) return done(null, answers.noRemediation());
        const request = AnalyzeRequest.deserializeBinary(call.request as Uint8Array);
        return remediate!(Object.assign(call, { request }), done);
      },
    }),
    () =>
      new PolicyPack(
        definition.name,
        packArgs(definition, () => analyzer.settings),
      ),
  );
}

type Handler = (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => void;
type Handlers = Readonly<Record<string, Handler>>;

// The SDK's modules and its copies of libraries, because it refuses messages of another copy.
const sdk = createRequire(require.resolve("@pulumi/policy"));
const { deserializeProperties } = sdk("./deserialize") as {
  deserializeProperties(struct: { toJavaScript(): object }, proxySecrets: boolean): Record<string, unknown>;
};
const { convertEnforcementLevel, makeAnalyzeResponse, makeRemediateResponse } = sdk("./protoutil") as {
  convertEnforcementLevel(level: number): PolicySettings["level"];
  makeAnalyzeResponse(diagnostics: object[], notApplicable: object[]): proto.AnalyzeResponse;
  makeRemediateResponse(remediations: object[], notApplicable: undefined): proto.RemediateResponse;
};
const { AnalyzeRequest, AnalyzerResource, PolicyNotApplicable } = sdk(
  "@pulumi/pulumi/proto/analyzer_pb",
) as typeof proto;
const { BinaryReader } = sdk("google-protobuf") as { BinaryReader: ReaderClass };

/** Calls whose requests stay bytes, so that only the necessary parts are read. */
const READ_HERE = ["analyze", "analyzeStack", "remediate"];

/**
 * The SDK creates its server without access to the handlers, so they are replaced when they are added to it.
 */
function withHandlers(change: (handlers: Handlers) => Handlers, start: () => void): void {
  const { prototype } = (sdk("@grpc/grpc-js") as { Server: { prototype: Server } }).Server;
  const { addService } = prototype;
  prototype.addService = function (this: Server, service, handlers) {
    const requestDeserialize = (bytes: Buffer) => bytes;
    const methods = Object.entries(service).map(([name, method]) => [
      name,
      READ_HERE.includes(name) ? { ...method, requestDeserialize } : method,
    ]);
    const changed = change(handlers as unknown as Handlers);
    addService.call(this, Object.fromEntries(methods) as ServiceDefinition, changed as never);
  };
  try {
    start();
  } finally {
    prototype.addService = addService;
  }
}

function answered(answer: (request: Uint8Array) => unknown): Handler {
  return (call, done) => {
    let response: unknown;
    try {
      response = answer(call.request as Uint8Array);
    } catch (error) {
      // As in the SDK: only the message reaches the engine, so it contains the trace.
      done(new Error(error instanceof Error ? error.stack : String(error)));
      return;
    }
    done(null, response);
  };
}

/** Responses in the SDK's form. */
class Answers {
  private readonly version: string;
  private readonly notApplicable = new Map<Rule, proto.PolicyNotApplicable>();

  constructor(private readonly definition: PackDefinition) {
    // The SDK reads this place, too.
    const manifest = path.join(process.cwd(), "package.json");
    this.version = (createRequire(manifest)(manifest) as { version: string }).version;
    for (const rule of definition.rules) {
      const message = new PolicyNotApplicable();
      message.setPolicyName(rule.name);
      message.setReason(NOT_APPLICABLE[rule.kind]);
      this.notApplicable.set(rule, message);
    }
  }

  response({ findings, notApplicable }: Analysis): proto.AnalyzeResponse {
    const { name } = this.definition;
    const diagnostics = findings.map(
      ({ policy, level, severity, description, text, urn, isUndetermined }) => ({
        policyName: policy,
        policyPackName: name,
        policyPackVersion: this.version,
        description,
        message: isUndetermined
          ? `can't run policy '${policy}' from policy pack '${name}@v${this.version}' during preview: ${text}`
          : `${description}\n${text}`,
        enforcementLevel: level,
        severity,
        urn: isUndetermined ? undefined : urn,
      }),
    );
    return makeAnalyzeResponse(
      diagnostics,
      notApplicable.map((rule) => this.notApplicable.get(rule)!),
    );
  }

  noRemediation(): proto.RemediateResponse {
    return makeRemediateResponse([], undefined);
  }
}

function configOf(request: proto.ConfigureAnalyzerRequest): PolicyConfig {
  const config: Record<string, PolicySettings> = {};
  request.getPolicyconfigMap().forEach((given, policy) => {
    config[policy] = {
      level: convertEnforcementLevel(given.getEnforcementlevel()),
      options: given.getProperties()?.toJavaScript() ?? {},
    };
  });
  return config;
}

function inputOf<Message extends proto.AnalyzeRequest | proto.AnalyzerResource>(
  bytes: Uint8Array,
  { deserializeBinary }: { deserializeBinary(bytes: Uint8Array): Message },
): ResourceInput & { message: Message } {
  const { properties, rest } = partsOf(BinaryReader, bytes);
  const message = deserializeBinary(rest);
  const options = message.getOptions();
  if (!options) throw new Error("A more recent version of the Pulumi CLI is required.");
  return {
    message,
    type: message.getType(),
    urn: message.getUrn(),
    name: message.getName(),
    // Lazily: some resources are large, and no rule applies to them.
    get props() {
      return deserializeProperties({ toJavaScript: () => structOf(BinaryReader, properties) }, false);
    },
    opts: {
      protect: options.getProtect(),
      ignoreChanges: options.getIgnorechangesList(),
      ...(options.getParent() === "" ? {} : { parent: options.getParent() }),
    },
  };
}

function stackInputOf(bytes: Uint8Array): StackResourceInput {
  const input = inputOf(bytes, AnalyzerResource);
  const { message } = input;
  const byUrn = (urns: readonly string[]) => urns.map((urn) => ({ urn }));
  const propertyDependencies: Record<string, { urn: string }[]> = {};
  message.getPropertydependenciesMap().forEach((dependencies, property) => {
    propertyDependencies[property] = byUrn(dependencies.getUrnsList());
  });
  // A spread would read the properties.
  return Object.assign(input, {
    parent: message.getParent() === "" ? undefined : { urn: message.getParent() },
    dependencies: byUrn(message.getDependenciesList()),
    propertyDependencies,
  });
}
