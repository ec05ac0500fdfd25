import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { KubeConfig, PortForward } from "@kubernetes/client-node";
import { UserError } from "../recorder/errors";
import type { KubernetesObject, Reference } from "../recorder/json";

export type { KubernetesObject, Reference } from "../recorder/json";

/** An error response of the API server. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly details: { name?: string; kind?: string; causes?: { field?: string; message?: string }[] } = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The cluster to use, with kubectl's names and defaults. */
export interface Connection {
  /** Path(s) of kubeconfig files, or a kubeconfig's text. */
  kubeconfig?: string;
  context?: string;
  /** Name of a cluster entry of the kubeconfig, instead of the context's. */
  cluster?: string;
}

/** Timeout of a request without an answer, in milliseconds. */
const REQUEST_TIMEOUT = 30_000;
/** Credentials from a plugin or a file are read again after this time, in milliseconds. */
const CREDENTIALS_AGE = 60_000;
const TRANSIENT = new Set([429, 500, 502, 503, 504]);
const RETRIES = 5;

interface Resource {
  path: string;
  namespaced: boolean;
}

export interface RequestOptions {
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  signal: AbortSignal;
}

/**
 * One API server: discovery, requests and errors. Every request is idempotent, so it retries after transient
 * errors.
 */
export class Cluster {
  /** Namespace of the context. */
  readonly namespace?: string;
  readonly server: string;
  private readonly config: KubeConfig;
  private readonly groups = new Map<string, Promise<Map<string, Resource>>>();
  private options?: { at: number; value: Promise<https.RequestOptions> };
  private agent?: http.Agent;
  private material?: string;
  /** Deprecation and other warnings of the API server, once each. */
  onWarning?: (message: string) => void;

  constructor(connection: Connection) {
    this.config = loadConfig(connection);
    const context = this.config.getContextObject(this.config.getCurrentContext());
    const cluster = this.config.getCurrentCluster();
    if (!cluster) {
      throw new Error(
        "The kubeconfig names no cluster for its current context. Choose a context, or point KUBECONFIG at a kubeconfig that has one.",
      );
    }
    this.server = cluster.server;
    this.namespace = context?.namespace;
  }

  /** API path of a kind. `undefined` if the cluster does not know the kind. */
  async resource(apiVersion: string, kind: string, signal: AbortSignal): Promise<Resource | undefined> {
    const known = this.groups.get(apiVersion);
    const found = (await known)?.get(kind);
    if (found) {
      return found;
    }
    const fresh = this.discover(apiVersion, signal); // a CRD of this run may have appeared since
    fresh.catch(() => this.groups.delete(apiVersion));
    this.groups.set(apiVersion, fresh);
    return (await fresh).get(kind);
  }

  private async discover(apiVersion: string, signal: AbortSignal): Promise<Map<string, Resource>> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = new Map<string, Resource>();
    try {
      const list = (await this.request("GET", base, { signal })) as {
        resources: { name: string; kind: string; namespaced: boolean }[];
      };
      for (const resource of list.resources.filter((entry) => !entry.name.includes("/"))) {
        found.set(resource.kind, { path: `${base}|${resource.name}`, namespaced: resource.namespaced });
      }
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) {
        throw error;
      }
    }
    return found;
  }

  async path(reference: Reference, signal: AbortSignal): Promise<string> {
    const resource = await this.resource(reference.apiVersion, reference.kind, signal);
    if (!resource) {
      throw new ApiError(
        404,
        "NotFound",
        `the cluster has no kind ${reference.kind} in ${reference.apiVersion}. Install its CRD first, or correct apiVersion and kind.`,
      );
    }
    const [base, plural] = resource.path.split("|");
    const namespace = resource.namespaced
      ? `/namespaces/${encodeURIComponent(reference.namespace ?? "default")}`
      : "";
    return `${base}${namespace}/${plural}/${encodeURIComponent(reference.name)}`;
  }

  /** The live object, or `undefined` if it or its kind does not exist. */
  async get(reference: Reference, signal: AbortSignal): Promise<KubernetesObject | undefined> {
    try {
      return (await this.request("GET", await this.path(reference, signal), { signal })) as KubernetesObject;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async list(
    apiVersion: string,
    kind: string,
    namespace: string,
    labels: string,
    signal: AbortSignal,
  ): Promise<KubernetesObject[]> {
    const path = await this.path({ apiVersion, kind, namespace, name: "" }, signal);
    const query = { labelSelector: labels };
    return (
      (await this.request("GET", path.slice(0, -1), { query, signal })) as { items: KubernetesObject[] }
    ).items;
  }

  async request(method: string, path: string, options: RequestOptions): Promise<unknown> {
    const text = await this.answer(method, path, options);
    return text === "" ? {} : JSON.parse(text);
  }

  /** A response other than JSON, such as a log. */
  text(path: string, options: RequestOptions): Promise<string> {
    return this.answer("GET", path, options);
  }

  private async answer(method: string, path: string, options: RequestOptions): Promise<string> {
    const query = new URLSearchParams(options.query).toString();
    const url = new URL(this.server.replace(/\/$/, "") + path + (query ? `?${query}` : ""));
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    for (let attempt = 1; ; attempt++) {
      options.signal.throwIfAborted();
      try {
        return await this.once(method, url, body, options);
      } catch (error) {
        const transient = error instanceof ApiError ? TRANSIENT.has(error.status) : isNetworkError(error);
        if (!transient || attempt === RETRIES || (attempt === 2 && refused(error))) {
          throw error instanceof ApiError || options.signal.aborted ? error : unreachable(this.server, error);
        }
        await sleep(100 * 2 ** attempt, undefined, { signal: options.signal });
      }
    }
  }

  private async once(
    method: string,
    url: URL,
    body: string | undefined,
    options: RequestOptions,
  ): Promise<string> {
    const credentials = await this.credentials();
    const secure = url.protocol === "https:";
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(url, {
        ...credentials,
        method,
        agent: this.agent,
        signal: options.signal,
        timeout: REQUEST_TIMEOUT,
        headers: {
          ...credentials.headers,
          accept: "application/json",
          "user-agent": "flink-kubernetes",
          ...(body === undefined
            ? {}
            : {
                "content-type": options.contentType ?? "application/json",
                "content-length": Buffer.byteLength(body),
              }),
        },
      });
      request.on("timeout", () =>
        request.destroy(
          Object.assign(new Error(`no answer within ${REQUEST_TIMEOUT / 1000} s`), { code: "ETIMEDOUT" }),
        ),
      );
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("error", reject);
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          this.warn(response.headers.warning);
          const text = Buffer.concat(chunks).toString("utf8");
          if ((response.statusCode ?? 500) < 300) {
            resolve(text);
          } else {
            reject(apiError(response.statusCode ?? 500, text));
          }
        });
      });
      request.end(body);
    });
  }

  private warn(header: string | undefined): void {
    for (const [, message] of (header ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      this.onWarning?.(message!.replaceAll('\\"', '"'));
    }
  }

  private credentials(): Promise<https.RequestOptions> {
    if (!this.options || Date.now() - this.options.at > CREDENTIALS_AGE) {
      this.options = { at: Date.now(), value: this.readCredentials() };
    }
    return this.options.value;
  }

  private async readCredentials(): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    const { headers, auth, ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    // node's TLS takes an explicit `undefined` for a wrong value
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const material = JSON.stringify(given);
    if (material !== this.material) {
      this.material = material; // a new agent would cut running requests, so it changes only with the certificates
      if (this.config.getCurrentCluster()?.proxyUrl) {
        this.agent = options.agent as http.Agent;
      } else {
        this.agent = this.server.startsWith("http:")
          ? new http.Agent({ keepAlive: true })
          : new https.Agent({ keepAlive: true, ...given });
      }
    }
    return { headers, ...(auth ? { auth } : {}) };
  }

  /** Fails with a clear message if the API server does not answer within ten seconds. */
  async reachable(signal: AbortSignal): Promise<void> {
    const late = AbortSignal.timeout(10_000);
    try {
      await this.request("GET", "/version", { signal: AbortSignal.any([signal, late]) });
    } catch (error) {
      signal.throwIfAborted();
      const why = late.aborted ? "no answer within 10 s" : (error as Error).message;
      throw new UserError(
        `The cluster of context "${this.config.getCurrentContext()}" (${this.server}) does not answer: ${why}`,
        ["Check that it runs and that this machine reaches it: kubectl --context NAME version"],
      );
    }
  }

  /** Joins a connection with a port of a pod, as `kubectl port-forward` does, until one of them closes it. */
  async forward(namespace: string, pod: string, port: number, socket: Socket): Promise<void> {
    let refusal = "";
    const refusals = new Writable({
      write(chunk: Buffer, _encoding, done) {
        refusal += chunk.toString();
        done();
      },
    });
    const forward = new PortForward(this.config);
    const tunnel = (await forward.portForward(namespace, pod, [port], socket, refusals, socket).catch(
      // The library's error is an event.
      (event: { message?: string }) => Promise.reject(new Error(event.message ?? "no connection")),
    )) as unknown as EventTarget & { close(): void };
    const closed = new Promise((resolve) => tunnel.addEventListener("close", resolve, { once: true }));
    if (socket.destroyed) tunnel.close();
    else socket.once("close", () => tunnel.close());
    await closed;
    socket.end();
    if (refusal !== "") throw new Error(refusal);
  }

  close(): void {
    this.agent?.destroy();
  }
}

function loadConfig({ kubeconfig, context, cluster }: Connection): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) {
    config.loadFromDefault();
  } else if (/\n|^\s*\{|apiVersion/.test(kubeconfig)) {
    config.loadFromString(kubeconfig);
  } else {
    const files = kubeconfig.split(":").filter((file) => file !== "");
    const missing = files.filter((file) => !existsSync(file));
    if (files.length === 0 || missing.length === files.length) {
      throw new Error(`There is no kubeconfig at ${kubeconfig}. Write it there, or name another one.`);
    }
    files
      .filter((file) => existsSync(file))
      .forEach((file, index) => {
        if (index === 0) {
          config.loadFromFile(file);
        } else {
          const further = new KubeConfig();
          further.loadFromFile(file);
          config.mergeConfig(further, true);
        }
      });
  }
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const names = config.getContexts().map((entry) => entry.name);
      throw new Error(
        `The kubeconfig has no context "${context}". ` +
          (names.length > 0 ? `It has: ${names.join(", ")}.` : "It has none at all."),
      );
    }
    config.setCurrentContext(context);
  }
  if (cluster !== undefined) {
    const current = config.getContextObject(config.getCurrentContext());
    if (!current || !config.clusters.some((entry) => entry.name === cluster)) {
      throw new Error(`The kubeconfig has no cluster "${cluster}", or no current context to use it with.`);
    }
    const replaced = { ...current, cluster };
    config.contexts = [...config.contexts.filter((entry) => entry.name !== current.name), replaced];
  }
  return config;
}

function apiError(status: number, text: string): ApiError {
  try {
    const answer = JSON.parse(text) as { reason?: string; message?: string; details?: ApiError["details"] };
    return new ApiError(status, answer.reason ?? "", answer.message ?? text, answer.details);
  } catch {
    return new ApiError(status, "", `HTTP ${status}: ${text.slice(0, 500)}`);
  }
}

function isNetworkError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.name !== "AbortError";
}

function refused(error: unknown): boolean {
  return ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH"].includes((error as { code?: string }).code ?? "");
}

function unreachable(server: string, error: unknown): Error {
  const { code, message } = error as { code?: string; message: string };
  return new Error(
    `The Kubernetes API server at ${server} does not answer (${message || code}). Is the cluster up, and the context the right one?`,
    { cause: error },
  );
}
