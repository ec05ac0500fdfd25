import assert from "node:assert/strict";
import { KubeConfig, CustomObjectsApi } from "@kubernetes/client-node";
import { dashboard, connectorMetrics } from "../../components/flink/dashboard";
import { installCrds } from "../support/crds";
import { testImage } from "../support/image";
import { type S3Server, startS3 } from "../support/s3";
import {
  TestStack,
  component,
  core,
  eventually,
  flink,
  helloWorld,
  jobs,
  kubeconfig,
  needsNode,
  pods,
  smallCluster,
} from "./support";

interface Rule {
  alert: string;
  expr: string;
}

const GREETING = /^Hello, World! \d+$/;

/** The same for each version; a file each, so that they run at the same time. */
export function describeMonitoring(flinkVersion: string): void {
  describe(`monitoring Flink ${flinkVersion} on a real Kubernetes`, function () {
    this.timeout(600_000);
    const namespace = `monitoring-${flinkVersion.replaceAll(".", "-")}`;
    const stack = new TestStack(namespace);
    const json = !flinkVersion.startsWith("1.");
    let s3: S3Server | undefined;

    before(function () {
      needsNode(this);
    });
    before("bring it up, with an S3 server for the archive", async () => {
      await installCrds(kubeconfig, "prometheus-operator");
      s3 = await startS3();
      await core.createNamespace({ body: { metadata: { name: namespace } } });
      const stringData = { access: s3.accessKey, secret: s3.secretKey };
      await core.createNamespacedSecret({ namespace, body: { metadata: { name: "s3" }, stringData } });
      const cluster = smallCluster(namespace, {
        flinkVersion,
        image: await testImage(flinkVersion),
        namespace: { name: namespace, create: false },
        storage: {
          directory: `s3://${s3.bucket}/hello`,
          s3: {
            endpoint: s3.endpoint,
            accessKey: { name: "s3", key: "access" },
            secretKey: { name: "s3", key: "secret" },
          },
        },
        checkpointing: { interval: "1 s" },
        monitoring: {
          prometheus: { excludedLabels: ["task_attempt_id"], labels: { team: "tests" } },
          podMonitor: { labels: { release: "tests" } },
          alerts: {},
          dashboard: {},
          logLevels: { "org.apache.flink.runtime.checkpoint": "DEBUG" },
          ...(json ? { logs: "json" } : {}),
        },
        network: { prometheus: { namespaceLabels: {} } },
        historyServer: { refreshSeconds: 1, memory: "768m", cpu: { request: "100m", limit: "1" } },
        config: {},
      });
      await stack.up({ cluster, jobs: [helloWorld({ parallelism: 2 })] });
    });
    after("take it down", async function () {
      if (kubeconfig === "") return;
      await stack.down();
      await core.deleteNamespace({ name: namespace });
      await s3?.stop();
    });

    it("every metric that alerts and dashboard speak of is there, under this cluster's labels", async () => {
      const { rules } = (await customObject("prometheusrules")).spec.groups[0] as { rules: Rule[] };
      assert.ok(rules.length >= 10);
      const expressions = [
        ...rules.map(({ expr }) => expr),
        ...dashboard("uid", namespace, "hello").panels.flatMap((panel) =>
          "targets" in panel ? panel.targets.map(({ expr }) => expr) : [],
        ),
      ];
      const wanted = new Set(
        expressions.flatMap((expr) => expr.match(/\bflink_(job|task)manager_\w+/g) ?? []),
      );
      for (const metric of connectorMetrics) wanted.delete(metric);
      assert.ok(wanted.size >= 25, `${wanted.size} metrics`);
      await eventually("all of them", 60, async () => {
        const series = [...(await scrape("jobmanager")), ...(await scrape("taskmanager"))];
        const there = new Set(
          series
            .filter(({ labels }) => labels.flink_cluster === "hello" && labels.flink_namespace === namespace)
            .map(({ metric }) => metric),
        );
        const missing = [...wanted].filter((metric) => !there.has(metric));
        if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
        return true;
      });
    });

    it("series have the labels that were asked for, names as they are, and not those left out", async () => {
      const series = await scrape("taskmanager");
      const records = series.filter(({ metric }) => metric === "flink_taskmanager_job_task_numRecordsIn");
      assert.ok(records.length > 0);
      for (const { labels } of records) {
        assert.equal(labels.job_name, "hello-world");
        assert.equal(labels.team, "tests");
        assert.match(labels.tm_id, /^hello-taskmanager-/);
        assert.ok(!("task_attempt_id" in labels));
      }
      const running = (await scrape("jobmanager")).filter(
        ({ metric }) => metric === "flink_jobmanager_job_runningState",
      );
      assert.deepEqual(
        running.map(({ labels, value }) => [labels.job_name, value]),
        [["hello-world", 1]],
      );
    });

    it("the PodMonitor selects exactly the pods that have the port", async () => {
      const { spec, metadata } = await customObject("podmonitors");
      assert.equal(metadata.labels.release, "tests");
      const { matchLabels, matchExpressions } = spec.selector as {
        matchLabels: Record<string, string>;
        matchExpressions: { key: string; values: string[] }[];
      };
      const labelSelector = [
        ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
        ...matchExpressions.map(({ key, values }) => `${key} in (${values.join(",")})`),
      ].join(",");
      const { items } = await core.listNamespacedPod({ namespace, labelSelector });
      assert.deepEqual(items.map(({ metadata }) => metadata!.labels!["app.kubernetes.io/component"]).sort(), [
        "jobmanager",
        "taskmanager",
      ]);
      for (const { spec: pod } of items) {
        assert.ok(
          pod!.containers[0].ports!.some(
            ({ name, containerPort }) => name === "metrics" && containerPort === 9249,
          ),
        );
      }
    });

    it("the dashboard is where Grafana's sidecar looks", async () => {
      const labelSelector = "grafana_dashboard=1";
      const { items } = await core.listNamespacedConfigMap({ namespace, labelSelector });
      assert.equal(items.length, 1);
      const [text] = Object.values(items[0].data!);
      assert.equal((JSON.parse(text) as { title: string }).title, `Flink ${namespace}/hello`);
    });

    for (const role of ["jobmanager", "taskmanager", "historyserver"]) {
      it(`the ${role}'s log is ${json ? "JSON, line by line" : "text"}`, async () => {
        const [pod] = await pods(namespace, component(role));
        const log = await core.readNamespacedPodLog({ namespace, name: pod.metadata!.name! });
        const lines = log.split("\n").filter((line) => line !== "" && !GREETING.test(line));
        assert.ok(lines.length > 10, `${lines.length} lines`);
        if (!json) {
          assert.ok(lines.some((line) => /^\d{4}-\d\d-\d\d .* INFO +org\.apache\.flink/.test(line)));
          return;
        }
        for (const line of lines) {
          const entry = parseLine(line);
          assert.equal(typeof entry["@timestamp"], "string", line);
          assert.equal(typeof entry["log.level"], "string", line);
          assert.equal(typeof entry.message, "string", line);
        }
      });
    }

    it("a logger has the level that was asked for", async () => {
      await eventually("a line at DEBUG", 60, async () => {
        const [pod] = await pods(namespace, component("jobmanager"));
        const log = await core.readNamespacedPodLog({ namespace, name: pod.metadata!.name! });
        const debug = log.split("\n").filter((line) => /DEBUG/.test(line));
        return debug.some((line) => line.includes("runtime.checkpoint")) &&
          debug.every((line) => line.includes("runtime.checkpoint"))
          ? true
          : undefined;
      });
    });

    it("the History Server shows a job after it has ended", async () => {
      const [job] = await jobs(namespace);
      const { spec } = await core.readNamespacedService({ namespace, name: "hello-rest" });
      const url = `http://${spec!.clusterIP!}:8081/jobs/${job.jid}?mode=cancel`;
      assert.equal((await fetch(url, { method: "PATCH" })).status, 202);
      const shown = await eventually("the job in the archive", 120, async () => {
        const { jobs: archived } = await history<{ jobs: { jid: string; state: string; name: string }[] }>(
          "/jobs/overview",
        );
        return archived.find(({ jid }) => jid === job.jid);
      });
      assert.equal(shown.state, "CANCELED");
      assert.equal(shown.name, "hello-world");
      const details = await history<{ vertices: unknown[] }>(`/jobs/${job.jid}`);
      assert.equal(details.vertices.length, 2);
      const overview = await flink<{ "flink-version": string }>(namespace, "/overview");
      assert.equal(overview["flink-version"], flinkVersion);
    });

    async function history<T>(route: string): Promise<T> {
      const { spec } = await core.readNamespacedService({ namespace, name: "hello-history" });
      const answer = await fetch(`http://${spec!.clusterIP!}:8082${route}`, {
        signal: AbortSignal.timeout(10_000),
      });
      if (!answer.ok) throw new Error(`${route}: HTTP ${answer.status}`);
      return (await answer.json()) as T;
    }

    async function scrape(role: string): Promise<Series[]> {
      const [pod] = await pods(namespace, component(role));
      const answer = await fetch(`http://${pod.status!.podIP!}:9249/metrics`, {
        signal: AbortSignal.timeout(10_000),
      });
      return readSeries(await answer.text());
    }

    async function customObject(plural: string) {
      const config = new KubeConfig();
      config.loadFromFile(kubeconfig);
      const api = config.makeApiClient(CustomObjectsApi);
      const group = "monitoring.coreos.com";
      const object: unknown = await api.getNamespacedCustomObject({
        group,
        version: "v1",
        namespace,
        plural,
        name: "hello",
      });
      return object as {
        metadata: { labels: Record<string, string> };
        spec: { groups: { rules: Rule[] }[]; selector: unknown };
      };
    }
  });
}

interface Series {
  metric: string;
  labels: Record<string, string>;
  value: number;
}

/** What Prometheus would read. */
function readSeries(text: string): Series[] {
  return text.split("\n").flatMap((line) => {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match || line.startsWith("#")) return [];
    const [, metric, inner = "", value] = match;
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, text]) => [name, text]);
    return [{ metric, labels: Object.fromEntries(labels) as Record<string, string>, value: Number(value) }];
  });
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw new Error(`this line is not JSON: ${line}`);
  }
}
