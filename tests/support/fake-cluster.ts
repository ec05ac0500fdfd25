import { writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import net, { type AddressInfo } from "node:net";

/** An API server with ledgers, and with a Flink behind its proxy and behind a port of its pods. */
export interface FakeCluster {
  url: string;
  /** What one may not do, as `verb resource`. */
  forbidden: Set<string>;
  /** Method and path of each request. */
  asked: string[];
  /** Connections to the port of a pod that are open. */
  forwards: Set<object>;
  /** What Flink's REST API says, by the end of a path with its query, in place of what it says by itself. */
  flink: Map<string, unknown>;
  /** Why the pod refuses a connection to its port. */
  refusal: string;
  close(): void;
}

interface WebSocket {
  on(event: "message", listener: (data: Buffer) => void): void;
  on(event: "close", listener: () => void): void;
  send(data: Buffer): void;
  close(): void;
}
interface WebSockets {
  WebSocketServer: new (options: object) => {
    handleUpgrade(...args: [...unknown[], (socket: WebSocket) => void]): void;
  };
}

/** The one that the client has: this project does not use it itself. */
const { WebSocketServer } = createRequire(require.resolve("@kubernetes/client-node"))("ws") as WebSockets;

const DATA = 0;
const ERROR = 1;

export function ledger(namespace: string, cluster: string, job: string) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: `${cluster}--${job}-ledger`,
      namespace,
      labels: {
        "app.kubernetes.io/instance": cluster,
        "flink-kubernetes/job": job,
        "flink-kubernetes/ledger": "true",
      },
      annotations: { "flink-kubernetes/revision": "r1" },
    },
    data: { revision: "r1", phase: "running", jobId: `id-of-${job}` },
  };
}

export async function fakeCluster(ledgers: ReturnType<typeof ledger>[]): Promise<FakeCluster> {
  const forbidden = new Set<string>();
  const asked: string[] = [];
  const forwards = new Set<object>();
  const flink = new Map<string, unknown>();
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url!, "http://server");
      asked.push(`${request.method} ${url.pathname}`);
      const said = [...flink].find(([end]) => decodeURIComponent(request.url!).endsWith(end));
      response.end(JSON.stringify(said === undefined ? answer(url, body) : said[1]));
    });
  });

  function answer(url: URL, body: string): unknown {
    if (url.pathname === "/version") return { gitVersion: "v1.34.0" };
    if (url.pathname === "/api/v1") return { resources: [{ name: "pods", kind: "Pod", namespaced: true }] };
    if (url.pathname.endsWith("/selfsubjectaccessreviews")) {
      const { verb, resource, subresource } = (
        JSON.parse(body) as { spec: { resourceAttributes: Record<string, string> } }
      ).spec.resourceAttributes;
      const what = `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`}`;
      return { status: { allowed: !forbidden.has(what) } };
    }
    if (url.pathname.endsWith("/jobs/overview")) {
      const job = {
        name: "j",
        state: "RUNNING",
        "start-time": Date.now() - 60_000,
        tasks: { total: 2, running: 2 },
      };
      return { jobs: ["totals", "clicks"].map((name) => ({ ...job, jid: `id-of-${name}` })) };
    }
    if (url.pathname.endsWith("/metrics")) return [{ id: url.searchParams.get("get"), value: "3" }];
    if (url.pathname.endsWith("/checkpoints"))
      return { latest: { completed: { latest_ack_timestamp: Date.now() - 30_000 } } };
    if (url.pathname.endsWith("/configmaps")) {
      const [, namespace] = /namespaces\/([^/]+)\//.exec(url.pathname) ?? [];
      return {
        items: ledgers.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
      };
    }
    if (url.pathname.endsWith("/pods")) {
      const pod = (name: string, ready: string) => ({
        metadata: { name },
        status: { conditions: [{ type: "Ready", status: ready }] },
      });
      return { items: [pod("jobmanager-starting", "False"), pod("jobmanager-0", "True")] };
    }
    return {};
  }

  // What listens on the port of the pod: each connection is joined with it, as the kubelet does.
  const pod = http.createServer((request, response) => response.end(`Flink says ${request.url}`));
  await listening(pod);
  const sockets = new WebSocketServer({ noServer: true });
  const cluster = { refusal: "" };
  server.on("upgrade", (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    asked.push(`FORWARD ${request.url}`);
    sockets.handleUpgrade(request, socket, head, (client) => {
      forwards.add(client);
      const [, port] = /ports=(\d+)/.exec(request.url!)!;
      const send = (stream: number, data: Buffer) => client.send(Buffer.concat([Buffer.of(stream), data]));
      const number = Buffer.alloc(2);
      number.writeUInt16LE(Number(port));
      for (const stream of [DATA, ERROR]) send(stream, number);
      if (cluster.refusal !== "") {
        send(ERROR, Buffer.from(cluster.refusal));
        client.on("close", () => forwards.delete(client));
        client.close();
        return;
      }
      const connection = net.connect(portOf(pod), "127.0.0.1");
      connection.on("data", (data) => send(DATA, data));
      connection.on("error", () => client.close());
      connection.on("close", () => client.close());
      client.on("message", (data) => {
        if (data[0] === DATA) connection.write(data.subarray(1));
      });
      client.on("close", () => {
        forwards.delete(client);
        connection.destroy();
      });
    });
  });
  await listening(server);
  return Object.assign(cluster, {
    url: `http://127.0.0.1:${portOf(server)}`,
    ...{ forbidden, asked, forwards, flink },
    close() {
      for (const each of [server, pod]) {
        each.closeAllConnections();
        each.close();
      }
      for (const client of forwards) (client as WebSocket).close();
    },
  });
}

/** A kubeconfig with a context for each cluster; the first one is current. */
export function writeKubeconfig(file: string, clusters: Record<string, FakeCluster>): void {
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": Object.keys(clusters)[0],
    contexts: Object.keys(clusters).map((name) => ({ name, context: { cluster: name, user: "u" } })),
    clusters: Object.entries(clusters).map(([name, { url }]) => ({
      name,
      cluster: { server: url, "insecure-skip-tls-verify": true },
    })),
    users: [{ name: "u", user: {} }],
  };
  writeFileSync(file, JSON.stringify(kubeconfig));
}

function listening(server: http.Server): Promise<void> {
  return new Promise((done) => server.listen(0, "127.0.0.1", done));
}

function portOf(server: http.Server): number {
  return (server.address() as AddressInfo).port;
}
