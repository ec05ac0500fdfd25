import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { jobs } from "../../../cli/commands/jobs";
import { installed } from "../../../cli/installed";
import { UserError } from "../../../recorder/errors";

/** An API server with ledgers, and with a Flink behind its proxy. */
interface Fake {
  server: http.Server;
  url: string;
  /** What one may not do, as `verb resource`. */
  forbidden: Set<string>;
  asked: string[];
}

function ledger(namespace: string, cluster: string, job: string) {
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

async function fake(ledgers: object[]): Promise<Fake> {
  const forbidden = new Set<string>();
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url!, "http://server");
      asked.push(`${request.method} ${url.pathname}`);
      response.end(JSON.stringify(answer(url, body)));
    });
  });
  function answer(url: URL, body: string): object {
    if (url.pathname === "/version") return { gitVersion: "v1.34.0" };
    if (url.pathname.endsWith("/selfsubjectaccessreviews")) {
      const { verb, resource } = (
        JSON.parse(body) as { spec: { resourceAttributes: { verb: string; resource: string } } }
      ).spec.resourceAttributes;
      return { status: { allowed: !forbidden.has(`${verb} ${resource}`) } };
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
      const own = (ledgers as ReturnType<typeof ledger>[]).filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      );
      return { items: own };
    }
    return {};
  }
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, forbidden, asked };
}

describe("jobs, in the clusters of a kubeconfig", function () {
  this.timeout(120_000);
  let folder: string;
  let eu: Fake;
  let us: Fake;
  const before_ = process.env.KUBECONFIG;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-jobs-"));
    eu = await fake([ledger("shop", "orders", "totals"), ledger("ads", "clicks", "clicks")]);
    us = await fake([ledger("shop", "orders", "totals")]);
    const named = { eu, us };
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "eu",
      contexts: Object.keys(named).map((name) => ({ name, context: { cluster: name, user: "u" } })),
      clusters: Object.entries(named).map(([name, { url }]) => ({
        name,
        cluster: { server: url, "insecure-skip-tls-verify": true },
      })),
      users: [{ name: "u", user: {} }],
    };
    writeFileSync(path.join(folder, "kubeconfig"), JSON.stringify(kubeconfig));
    process.env.KUBECONFIG = path.join(folder, "kubeconfig");
  });
  after(() => {
    if (before_ === undefined) Reflect.deleteProperty(process.env, "KUBECONFIG");
    else process.env.KUBECONFIG = before_;
    for (const { server } of [eu, us]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the command in this process, and gives what it prints. */
  async function run(...args: string[]): Promise<string> {
    const lines: string[] = [];
    const log = console.log;
    console.log = (line: string) => void lines.push(line);
    try {
      await jobs(installed, args, new AbortController().signal);
    } finally {
      console.log = log;
    }
    return lines.join("\n");
  }

  async function refusal(...args: string[]): Promise<string> {
    const error = await run(...args).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UserError, String(error));
    return [error.message, ...error.actions].join("\n");
  }

  it("are shown for a fleet: every context, every namespace, each job with its state and its last checkpoint", async () => {
    const text = await run("--context", "eu,us", "--all-namespaces");
    assert.deepEqual(
      [...text.matchAll(/^Cluster .*$/gm)].map(([line]) => line),
      [
        "Cluster clicks in namespace ads, context eu",
        "Cluster orders in namespace shop, context eu",
        "Cluster orders in namespace shop, context us",
      ],
    );
    assert.match(text, /^totals +running +RUNNING +2\/2 +\d+s +\d+s ago +3 +r1 +id-of-totals$/m);
  });

  it("are shown for a namespace of the current context, also as JSON", async () => {
    const { format, clusters } = JSON.parse(await run("status", "--namespace", "ads", "--json")) as {
      format: string;
      clusters: { cluster: string; jobs: { name: string; state: string }[] }[];
    };
    assert.equal(format, "flink-kubernetes/jobs/1");
    assert.deepEqual(
      clusters.map(({ cluster, jobs: [job] }) => [cluster, job!.name, job!.state]),
      [["clicks", "clicks", "RUNNING"]],
    );
  });

  it("need rights, which are asked for before anything is done", async () => {
    us.forbidden.add("create jobs");
    us.asked.length = 0;
    try {
      const text = await refusal("pause", "totals", "--context", "us", "--namespace", "shop");
      assert.match(text, /rights in namespace shop that you have not got: create jobs\.batch\./);
      assert.deepEqual(
        us.asked.filter((line) => /POST (?!.*selfsubject)/.test(line)),
        [],
      );
    } finally {
      us.forbidden.clear();
    }
  });

  it("that are not there are told with those that are; one verb is for one cluster; a misspelt verb has a suggestion", async () => {
    assert.match(
      await refusal("logs", "total", "--namespace", "shop"),
      /no job "total"[^]*Use one of: totals/,
    );
    assert.match(await refusal("pause", "totals", "--context", "eu,us"), /done in one cluster/);
    assert.match(await refusal("puase", "totals"), /no verb "puase"\. Did you mean pause\?/);
    assert.match(await refusal("--context", "asia", "--all-namespaces"), /no context "asia"[^]*eu, us/);
  });
});
