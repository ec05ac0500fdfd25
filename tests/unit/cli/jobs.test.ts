import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { jobs } from "../../../cli/commands/jobs";
import { installed } from "../../../cli/installed";
import { UserError } from "../../../recorder/errors";
import { type FakeCluster, fakeCluster, ledger, writeKubeconfig } from "../../support/fake-cluster";

describe("jobs, in the clusters of a kubeconfig", function () {
  this.timeout(120_000);
  let folder: string;
  let eu: FakeCluster;
  let us: FakeCluster;
  const before_ = process.env.KUBECONFIG;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-jobs-"));
    eu = await fakeCluster([ledger("shop", "orders", "totals"), ledger("ads", "clicks", "clicks")]);
    us = await fakeCluster([ledger("shop", "orders", "totals")]);
    writeKubeconfig(path.join(folder, "kubeconfig"), { eu, us });
    process.env.KUBECONFIG = path.join(folder, "kubeconfig");
  });
  after(() => {
    if (before_ === undefined) Reflect.deleteProperty(process.env, "KUBECONFIG");
    else process.env.KUBECONFIG = before_;
    for (const cluster of [eu, us]) cluster.close();
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

  /** Runs `jobs ui` until `act` has done with the links that it prints, and presses Ctrl-C. */
  async function withLinks(
    args: string[],
    act: (links: { job: string; cluster: string; url: string }[]) => Promise<void>,
  ): Promise<void> {
    const interrupt = new AbortController();
    const log = console.log;
    const printed = new Promise<string>((resolve) => (console.log = resolve));
    const ran = jobs(installed, ["ui", ...args, "--json"], interrupt.signal);
    try {
      // What fails before it prints must fail the test, too.
      const text = await Promise.race([printed, ran.then((code) => assert.fail(`ended with ${code}`))]);
      const { format, links } = JSON.parse(text) as { format: string; links: Parameters<typeof act>[0] };
      assert.equal(format, "flink-kubernetes/job-ui/1");
      await act(links);
    } finally {
      console.log = log;
      interrupt.abort();
    }
    assert.equal(await ran, 130);
  }

  const refuses = (url: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
      socket.on("connect", () => resolve((socket.destroy(), false)));
      socket.on("error", () => resolve(true));
    });

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
    assert.match(text, /^totals +running +RUNNING +2\/2 +\d+s +\d+s ago +3 +- +r1 +id-of-totals$/m);
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

  it("say how many records their sources have not read, where one knows it", async () => {
    const vertex = "/jobs/id-of-totals/vertices/orders/subtasks/metrics";
    const ids = ["Source__orders.pendingRecords", "Map.numRecordsIn", "Source__orders.K.records-lag-max"];
    const nodes = [{ id: "orders" }, { id: "sink", inputs: [{}] }];
    us.flink.set("/jobs/id-of-totals", { plan: { nodes } });
    us.flink.set(
      vertex,
      ids.map((id) => ({ id })),
    );
    us.flink.set(`${vertex}?get=${ids[0]}&agg=sum`, [{ id: ids[0], sum: 1250 }]);
    us.flink.set(`${vertex}?get=${ids[2]}&agg=max`, [{ id: ids[2], max: 340 }]);
    const line = async () => /^totals .*$/m.exec(await run("--context", "us", "--namespace", "shop"))![0];
    try {
      assert.match(await line(), / 3 +1250 +r1 /);
      us.flink.set(`${vertex}?get=${ids[0]}&agg=sum`, [{ id: ids[0], sum: "NaN" }]);
      assert.match(await line(), / 3 +>=340 +r1 /);
      const text = await run("--context", "us", "--namespace", "shop", "--json");
      const { clusters } = JSON.parse(text) as { clusters: { jobs: { lag?: object }[] }[] };
      assert.deepEqual(clusters[0]!.jobs[0]!.lag, { records: 340, exact: false });
      assert.equal(
        us.asked.some((request) => request.includes("/vertices/sink/")),
        false,
      );
    } finally {
      us.flink.clear();
    }
  });

  it("have links to the web UI, through a port that is there until Ctrl-C", async () => {
    let url = "";
    await withLinks(["totals", "--context", "us", "--namespace", "shop"], async (links) => {
      assert.equal(links.length, 1);
      url = links[0]!.url;
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/#\/job\/running\/id-of-totals\/overview$/);
      const page = await fetch(new URL("/config", url));
      assert.equal(await page.text(), "Flink says /config");
      assert.ok(
        us.asked.includes("FORWARD /api/v1/namespaces/shop/pods/jobmanager-0/portforward?ports=8081"),
        us.asked.join("\n"),
      );
    });
    assert.equal(await refuses(url), true);
    while (us.forwards.size > 0) await new Promise((done) => setImmediate(done));
  });

  it("have a link each, on a port for each cluster", async () => {
    await withLinks(["--namespace", "shop"], async (links) => {
      assert.deepEqual(
        links.map(({ job, cluster }) => [job, cluster]),
        [["totals", "orders"]],
      );
      const port = new URL(links[0]!.url).port;
      const taken = await refusal("ui", "--namespace", "ads", "--port", port);
      assert.match(taken, new RegExp(`--port ${port}: something else listens there`));
    });
    assert.match(await refusal("ui", "--namespace", "shop", "--port", "http"), /number from 1 to 65535/);
  });

  it("say why a page of the web UI does not come, and go on", async () => {
    us.refusal = "connection refused";
    const said: string[] = [];
    const error = console.error;
    console.error = (line: string) => void said.push(line);
    try {
      await withLinks(["--context", "us", "--namespace", "shop"], async ([link]) => {
        await assert.rejects(fetch(link!.url));
        us.refusal = "";
        assert.equal((await fetch(link!.url)).status, 200);
      });
      assert.deepEqual(said, ["Cluster orders in namespace shop: connection refused"]);
    } finally {
      console.error = error;
      us.refusal = "";
    }
  });

  it("need rights, which are asked for before anything is done", async () => {
    us.forbidden.add("create jobs");
    us.asked.length = 0;
    try {
      const text = await refusal("pause", "totals", "--context", "us", "--namespace", "shop");
      assert.match(
        text,
        /rights in namespace shop of context us that you have not got: create jobs\.batch\./,
      );
      assert.deepEqual(
        us.asked.filter((line) => /POST (?!.*selfsubject)/.test(line)),
        [],
      );
    } finally {
      us.forbidden.clear();
    }
  });

  it("tell all rights that lack, in every context, in one message", async () => {
    for (const cluster of [eu, us]) cluster.forbidden.add("get services/proxy").add("list configmaps");
    try {
      const text = await refusal("--context", "eu,us", "--namespace", "shop");
      const lacks = "that you have not got: list configmaps, get services/proxy.";
      assert.equal(
        text,
        [
          `This needs rights in namespace shop of context eu ${lacks}`,
          `This needs rights in namespace shop of context us ${lacks}`,
          "docs/jobs.md has a Role with them.",
        ].join("\n"),
      );
      eu.forbidden.clear();
      eu.forbidden.add("create pods/portforward");
      assert.match(await refusal("ui", "--namespace", "ads"), /not got: create pods\/portforward\.$/m);
    } finally {
      for (const cluster of [eu, us]) cluster.forbidden.clear();
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
