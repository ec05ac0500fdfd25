import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient, AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { BinaryWriter } from "google-protobuf";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { writeStructAt } from "../core/wire";
import { nameOf, type TestResource, urnOf } from "./harness";

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";

/**
 * Configuration of a pack as for `--policy-pack-config FILE`: for each policy a level, or options and a
 * level.
 */
export type PackConfig = Record<string, Level | (Record<string, unknown> & { enforcementLevel?: Level })>;

export interface PackInfo {
  name: string;
  displayName: string;
  version: string;
  policies: PolicyInfo[];
}

export interface PolicyInfo {
  name: string;
  description: string;
  level: Level;
  /** `low`, `medium`, `high` or `critical`; undefined if the policy has none. */
  severity: string | undefined;
  /** Tags for choosing it. */
  tags: string[];
  /** Its compliance framework. */
  framework: { name: string; version: string; reference: string; specification: string } | undefined;
  /** The instruction after a violation. */
  remediationSteps: string;
  /** The address of its page. */
  url: string | undefined;
  isStackPolicy: boolean;
  options: Record<string, { default?: unknown }>;
}

export interface Diagnostic {
  policy: string;
  level: Level;
  message: string;
  description: string;
  /** `low`, `medium`, `high` or `critical`; undefined if the policy has none. */
  severity: string | undefined;
  /** Empty: the resource of the request, or the stack itself. */
  urn: string;
}

export interface Analysis {
  diagnostics: Diagnostic[];
  /** Policies that did not apply, with their reasons. */
  notApplicable: Record<string, string>;
}

const levels: Record<number, Level> = {
  [proto.EnforcementLevel.ADVISORY]: "advisory",
  [proto.EnforcementLevel.MANDATORY]: "mandatory",
  [proto.EnforcementLevel.DISABLED]: "disabled",
  [proto.EnforcementLevel.REMEDIATE]: "remediate",
};
const severities = [undefined, "low", "medium", "high", "critical"];
const levelNumbers = Object.fromEntries(
  Object.entries(levels).map(([number, level]) => [level, Number(number)]),
) as Record<Level, 0 | 1 | 2 | 3>;

/** As in the engine: large stacks fit into one message. */
const LIMITS = {
  "grpc.max_receive_message_length": 400 * 1024 * 1024,
  "grpc.max_send_message_length": 400 * 1024 * 1024,
};
const START = 60_000;

export interface PackOptions {
  project?: string;
  stack?: string;
  /** Whether requests say that it is a preview. Default: true. */
  dryRun?: boolean;
  signal?: AbortSignal;
}

/** A running policy pack, with the engine's protocol. */
export class RunningPack {
  /** Whether a policy may have remediations: this request costs as much as a check of the resource. */
  private mayRemediate = true;

  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
    /** The pack's metadata. */
    readonly info: PackInfo,
    private readonly initial: Record<string, Given>,
  ) {}

  /**
   * Starts a pack's folder, with PulumiPolicy.yaml, in its own process, as the engine's language host does.
   */
  static async start(folder: string, options: PackOptions = {}): Promise<RunningPack> {
    const directory = path.resolve(folder);
    const require = createRequire(path.join(directory, "package.json"));
    const child = spawn(
      process.execPath,
      [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:0", mainOf(directory)],
      {
        cwd: directory,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          PULUMI_CONFIG: "{}",
          PULUMI_PROJECT: options.project ?? "test",
          PULUMI_STACK: options.stack ?? "test",
          PULUMI_DRY_RUN: String(options.dryRun ?? true),
          PULUMI_NODEJS_PROJECT: options.project ?? "test",
          PULUMI_NODEJS_STACK: options.stack ?? "test",
          PULUMI_NODEJS_DRY_RUN: String(options.dryRun ?? true),
        },
      },
    );
    try {
      const port = await portOf(child, directory, options.signal);
      const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), LIMITS);
      const info = await call<proto.AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done));
      return new RunningPack(child, client, infoOf(info), initialOf(info));
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** Process id, for measurements. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Sends the configuration as the engine does: with the schemas' defaults, and `all` as the default level.
   */
  async configure(config: PackConfig = {}): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    const map = request.getPolicyconfigMap();
    const all = splitConfig(config.all);
    this.mayRemediate = false;
    for (const policy of this.info.policies) {
      const own = splitConfig(config[policy.name]);
      const initial = this.initial[policy.name];
      const defaults = Object.fromEntries(
        Object.entries(policy.options)
          .filter(([, option]) => option.default !== undefined)
          .map(([name, option]) => [name, option.default]),
      );
      const message = new proto.PolicyConfig();
      const level = own.level ?? all.level ?? initial?.level ?? policy.level;
      message.setEnforcementlevel(levelNumbers[level]);
      this.mayRemediate ||= level === "remediate";
      const properties = { ...defaults, ...initial?.properties, ...own.properties };
      message.setProperties(structOf(properties));
      map.set(policy.name, message);
    }
    await call<Empty>((done) => this.client.configure(request, done));
  }

  /**
   * Whether a name in a configuration is a policy: the engine accepts any name, and unknown ones have no
   * effect.
   */
  unknownPolicies(config: PackConfig): string[] {
    const known = new Set(["all", ...this.info.policies.map(({ name }) => name)]);
    return Object.keys(config).filter((name) => !known.has(name));
  }

  /** The pack's findings for one resource, before it is created or updated. */
  async analyze(resource: TestResource): Promise<Analysis> {
    const response = await this.ask<proto.AnalyzeResponse>("analyze", requestBytes(resource));
    return analysisOf(response, urnOf(resource));
  }

  /** Properties after the remediations of all policies with the level `remediate`; undefined: unchanged. */
  async remediate(resource: TestResource): Promise<Record<string, unknown> | undefined> {
    if (!this.mayRemediate) return undefined;
    const response = await this.ask<proto.RemediateResponse>("remediate", requestBytes(resource));
    const last = response
      .getRemediationsList()
      .filter((remediation) => remediation.getProperties())
      .at(-1);
    return last?.getProperties()?.toJavaScript();
  }

  /** The pack's findings for a whole stack, after it has been planned or applied. */
  async analyzeStack(resources: readonly TestResource[]): Promise<Analysis> {
    const writer = new BinaryWriter();
    for (const resource of resources) {
      const message = new proto.AnalyzerResource();
      message.setParent(resource.parent ?? "");
      message.setDependenciesList(resource.dependencies ?? []);
      const map = message.getPropertydependenciesMap();
      for (const [key, urns] of Object.entries(resource.propertyDependencies ?? {})) {
        const dependencies = new proto.AnalyzerPropertyDependencies();
        dependencies.setUrnsList(urns);
        map.set(key, dependencies);
      }
      writer.writeBytes(1, bytesOf(message, resource));
    }
    const request = Buffer.from(writer.getResultBuffer());
    return analysisOf(await this.ask<proto.AnalyzeResponse>("analyzeStack", request), "");
  }

  /** Writes large properties directly into the request: see {@link writeStructAt}. */
  private ask<T>(method: "analyze" | "analyzeStack" | "remediate", request: Buffer): Promise<T> {
    const { path: name, responseDeserialize } = AnalyzerService[method];
    return call<T>((done) =>
      this.client.makeUnaryRequest(
        name,
        (bytes: Buffer) => bytes,
        responseDeserialize as (bytes: Buffer) => T,
        request,
        done as grpc.requestCallback<T>,
      ),
    );
  }

  /** All requests of the engine in an update: for each resource, then for the stack. */
  async analyzeAll(resources: readonly TestResource[]): Promise<Diagnostic[]> {
    const diagnostics: Diagnostic[] = [];
    for (const resource of resources) {
      const remediated = await this.remediate(resource);
      const checked = remediated ? { ...resource, props: remediated } : resource;
      diagnostics.push(...(await this.analyze(checked)).diagnostics);
    }
    diagnostics.push(...(await this.analyzeStack(resources)).diagnostics);
    return diagnostics;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.client.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await ended;
  }
}

function mainOf(directory: string): string {
  const file = path.join(directory, "PulumiPolicy.yaml");
  if (!existsSync(file)) throw new Error(`${directory} is not a policy pack: it has no PulumiPolicy.yaml`);
  const main = /^main:\s*(\S+)\s*$/m.exec(readFileSync(file, "utf8"))?.[1];
  return main === undefined ? directory : path.join(directory, main);
}

/** The first line of a pack's output is its port. */
function portOf(child: ChildProcess, directory: string, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const errors: string[] = [];
    const fail = (why: string) => {
      reject(new Error([`The policy pack ${directory} did not start: ${why}`, ...errors].join("\n")));
    };
    const timer = setTimeout(() => fail(`no answer within ${START / 1000} s`), START);
    const settle = (done: () => void) => {
      clearTimeout(timer);
      done();
    };
    createInterface({ input: child.stderr! }).on("line", (line) => errors.push(line));
    createInterface({ input: child.stdout! }).once("line", (line) =>
      settle(() => {
        if (/^\d+$/.test(line)) resolve(Number(line));
        else fail(`its first line is not a port: ${line}`);
      }),
    );
    child.once("error", (error) => settle(() => fail(error.message)));
    child.once("close", (code) => settle(() => fail(`exit code ${code ?? "unknown"}`)));
    signal?.addEventListener("abort", () => settle(() => fail("interrupted")), { once: true });
  });
}

function call<T>(send: (done: (error: grpc.ServiceError | null, value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, value) => {
      if (error) reject(new Error(error.details || error.message));
      else resolve(value);
    });
  });
}

interface Given {
  level?: Level;
  properties: Record<string, unknown>;
}

function splitConfig(given: PackConfig[string] | undefined): Given {
  if (given === undefined) return { properties: {} };
  if (typeof given === "string") return { level: given, properties: {} };
  const { enforcementLevel, ...properties } = given;
  return { ...(enforcementLevel === undefined ? {} : { level: enforcementLevel }), properties };
}

function structOf(value: Record<string, unknown>): Struct {
  return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function requestBytes(resource: TestResource): Buffer {
  return Buffer.from(bytesOf(new proto.AnalyzeRequest(), resource));
}

/** The message with the engine's data about a resource. */
function bytesOf(message: proto.AnalyzeRequest | proto.AnalyzerResource, resource: TestResource): Uint8Array {
  message.setType(resource.type);
  message.setUrn(urnOf(resource));
  message.setName(nameOf(resource));
  const options = new proto.AnalyzerResourceOptions();
  options.setProtect(resource.opts?.protect ?? false);
  options.setIgnorechangesList(resource.opts?.ignoreChanges ?? []);
  options.setParent(resource.opts?.parent ?? resource.parent ?? "");
  message.setOptions(options);
  if (resource.provider) {
    const provider = new proto.AnalyzerProviderResource();
    provider.setType(resource.provider.type);
    provider.setUrn(resource.provider.urn);
    provider.setName(resource.provider.name);
    provider.setProperties(structOf(resource.provider.props));
    message.setProvider(provider);
  }
  const properties = new BinaryWriter();
  writeStructAt(2, resource.props, properties);
  return Buffer.concat([message.serializeBinary(), properties.getResultBuffer()]);
}

function analysisOf(response: proto.AnalyzeResponse, urn: string): Analysis {
  return {
    diagnostics: response.getDiagnosticsList().map((diagnostic) => ({
      policy: diagnostic.getPolicyname(),
      level: levels[diagnostic.getEnforcementlevel()]!,
      message: withoutDescription(diagnostic.getMessage(), diagnostic.getDescription()),
      description: diagnostic.getDescription(),
      severity: severities[diagnostic.getSeverity()],
      urn: diagnostic.getUrn() || urn,
    })),
    notApplicable: Object.fromEntries(
      response.getNotApplicableList().map((entry) => [entry.getPolicyName(), entry.getReason()]),
    ),
  };
}

/** The SDK writes the policy's description above every message. */
function withoutDescription(message: string, description: string): string {
  return message.startsWith(`${description}\n`) ? message.slice(description.length + 1) : message;
}

function infoOf(info: proto.AnalyzerInfo): PackInfo {
  return {
    name: info.getName(),
    displayName: info.getDisplayname() || info.getName(),
    version: info.getVersion(),
    policies: info.getPoliciesList().map((policy) => ({
      name: policy.getName(),
      description: policy.getDescription(),
      level: levels[policy.getEnforcementlevel()]!,
      severity: severities[policy.getSeverity()],
      tags: policy.getTagsList(),
      framework: policy.getFramework()?.toObject(),
      remediationSteps: policy.getRemediationSteps(),
      url: policy.getUrl() || undefined,
      isStackPolicy: policy.getPolicyType() === proto.PolicyType.POLICY_TYPE_STACK,
      options: (policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {}) as PolicyInfo["options"],
    })),
  };
}

function initialOf(info: proto.AnalyzerInfo): Record<string, Given> {
  const entries: [string, Given][] = [];
  info.getInitialconfigMap().forEach((config, name) => {
    entries.push([
      name,
      {
        level: levels[config.getEnforcementlevel()],
        properties: (config.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>,
      },
    ]);
  });
  return Object.fromEntries(entries);
}
