import assert from "node:assert/strict";
import type { Dashboard } from "@grafana/schema";
import { parser } from "@prometheus-io/lezer-promql";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { FlinkCluster } from "../../../components/cluster";
import { alertNames, alerts } from "../../../components/flink/alerts";
import { dashboard } from "../../../components/flink/dashboard";
import { dashboardConfigMap, podMonitor, prometheusRule } from "../../../components/kubernetes/monitoring";
import { deploymentsOf, modelOf } from "./arguments";
import { record } from "./recorder";

const monitoring = { prometheus: {}, podMonitor: {}, alerts: {}, dashboard: {} };
const highlyAvailable: Partial<FlinkClusterArgs> = {
  storage: { directory: "s3://bucket/orders" },
  highAvailability: {},
};

function ruleOf(args: Partial<FlinkClusterArgs> = {}) {
  const model = modelOf({ monitoring, ...args });
  return prometheusRule(model, model.monitoring!.alerts!);
}

/** The parts of a PromQL expression that its grammar does not allow. */
function mistakesIn(expr: string): string[] {
  const mistakes: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) mistakes.push(`${expr.slice(0, from)}>>${expr.slice(from, to)}<<`);
    },
  });
  return mistakes;
}

/** Names of series, and labels that are selected by or grouped by. */
function namesIn(expr: string): { metrics: string[]; labels: string[] } {
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, from, to }) => {
      if (name === "VectorSelector") metrics.push(/^\w+/.exec(expr.slice(from, to))![0]);
      if (name === "LabelName") labels.push(expr.slice(from, to));
    },
  });
  return { metrics, labels };
}

describe("PodMonitor", () => {
  const model = modelOf({
    monitoring: { prometheus: {}, podMonitor: { labels: { release: "main" }, interval: "15s" } },
  });
  const { metadata, spec } = podMonitor(model, model.monitoring!.podMonitor!);

  it("selects the pods of both roles, and no others, by the port that they have", () => {
    for (const { deployment } of deploymentsOf(model)) {
      const { metadata: pod, spec: podSpec } = deployment.spec.template;
      for (const [label, value] of Object.entries(spec.selector.matchLabels)) {
        assert.equal((pod.labels as Record<string, string>)[label], value);
      }
      const [expression] = spec.selector.matchExpressions;
      assert.ok(expression.values.includes((pod.labels as Record<string, string>)[expression.key]));
      const names = podSpec.containers[0].ports.map(({ name }) => name);
      assert.ok(names.includes(spec.podMetricsEndpoints[0].port));
    }
    assert.deepEqual(spec.selector.matchExpressions[0].values, ["jobmanager", "taskmanager"]);
  });

  it("has the labels that a Prometheus finds it by, and the interval", () => {
    assert.equal((metadata.labels as Record<string, string>).release, "main");
    assert.equal(metadata.namespace, "orders");
    assert.equal(spec.podMetricsEndpoints[0].interval, "15s");
  });
});

describe("PrometheusRule", () => {
  it("has every alert once, in PromQL", () => {
    const { rules } = ruleOf(highlyAvailable).spec.groups[0];
    assert.deepEqual(
      rules.map(({ alert }) => alert),
      [...alertNames],
    );
    for (const { alert, expr, for: duration } of rules) {
      assert.deepEqual(mistakesIn(expr), [], alert);
      assert.match(duration, /^\d+m$/);
    }
  });

  it("every alert is about this cluster alone, and says so", () => {
    for (const { alert, expr, labels, annotations } of ruleOf(highlyAvailable).spec.groups[0].rules) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      assert.ok(selectors.length > 0, alert);
      for (const one of selectors)
        assert.equal(one, '{flink_namespace="orders", flink_cluster="orders"}', alert);
      assert.deepEqual(
        [labels.flink_namespace, labels.flink_cluster, annotations.summary.includes("orders/orders")],
        ["orders", "orders", true],
      );
      assert.match(labels.severity, /^(critical|warning)$/);
    }
  });

  it("what an alert says, its expression keeps", () => {
    for (const { alert, expr, annotations } of ruleOf(highlyAvailable).spec.groups[0].rules) {
      const said = `${annotations.summary} ${annotations.description}`.match(/(?<=\$labels\.)\w+/g) ?? [];
      const grouped = expr.match(/by \(([^)]*)\)/g) ?? [];
      for (const label of said) {
        // A ratio keeps all labels of the series.
        if (grouped.length > 0)
          assert.ok(
            grouped.some((by) => by.includes(label)),
            `${alert}: ${label}`,
          );
      }
    }
  });

  it("expects as many TaskManagers as there are to be, at the least", () => {
    const missing = (args: Partial<FlinkClusterArgs>) =>
      ruleOf(args).spec.groups[0].rules.find(({ alert }) => alert === "FlinkTaskManagersMissing")!.expr;
    assert.match(missing({ taskManager: { replicas: 4 } }), /< 4$/);
    assert.match(missing({ autoscaling: { minReplicas: 2, maxReplicas: 9 } }), /< 2$/);
    assert.match(missing({}), /< 1$/);
  });

  it("speaks of leaders only with high availability", () => {
    const names = (args: Partial<FlinkClusterArgs>) =>
      ruleOf(args).spec.groups[0].rules.map(({ alert }) => alert);
    assert.ok(names(highlyAvailable).includes("FlinkNoLeader"));
    assert.ok(!names({}).includes("FlinkNoLeader"));
  });

  it("leaves alerts out, takes another age of checkpoints, and labels for routing", () => {
    const args = {
      disabled: ["FlinkJobGone"],
      maximumCheckpointAge: "2h",
      alertLabels: { team: "orders" },
      labels: { release: "main" },
    };
    const { metadata, spec } = ruleOf({ monitoring: { prometheus: {}, alerts: args } });
    const { rules } = spec.groups[0];
    assert.ok(!rules.some(({ alert }) => alert === "FlinkJobGone"));
    assert.ok(rules.every(({ labels }) => (labels as Record<string, string>).team === "orders"));
    assert.match(rules.find(({ alert }) => alert === "FlinkCheckpointTooOld")!.expr, /\[2h\].* offset 2h/);
    assert.equal((metadata.labels as Record<string, string>).release, "main");
  });

  it("does not go by labels that may be left out", () => {
    const kept = ["flink_namespace", "flink_cluster", "job_name", "task_name", "tm_id"];
    const facts = {
      namespace: "n",
      cluster: "c",
      taskManagers: 1,
      highAvailability: true,
      maximumCheckpointAge: "1h",
    };
    for (const { alert, expr } of alerts(facts)) {
      for (const label of namesIn(expr).labels) assert.ok(kept.includes(label), `${alert}: ${label}`);
    }
  });
});

describe("Grafana dashboard", () => {
  const model = modelOf({ namespace: { name: "prod" }, monitoring });
  const configMap = dashboardConfigMap(model, model.monitoring!.dashboard!);
  const [[file, text]] = Object.entries(configMap.data);
  // Grafana's own types: what does not fit them does not compile.
  const content: Dashboard = dashboard("uid", "prod", "orders");
  const panels = (content.panels ?? []).flatMap((panel) =>
    "targets" in panel
      ? [{ title: panel.title, targets: panel.targets as unknown as { expr: string; refId: string }[] }]
      : [],
  );

  it("is in a ConfigMap that Grafana's sidecar finds, and far from too large", () => {
    assert.equal((configMap.metadata.labels as Record<string, string>).grafana_dashboard, "1");
    assert.equal(file, "flink-prod-orders.json");
    assert.ok(Buffer.byteLength(text) < 256 * 1024, `${Buffer.byteLength(text)} bytes`);
    assert.equal((JSON.parse(text) as { title: string }).title, "Flink prod/orders");
  });

  it("takes other labels and annotations", () => {
    const other = dashboardConfigMap(model, { labels: { dash: "yes" }, annotations: { folder: "Flink" } });
    assert.equal((other.metadata.labels as Record<string, string>).dash, "yes");
    assert.ok(!("grafana_dashboard" in other.metadata.labels));
    assert.deepEqual(other.metadata.annotations, { folder: "Flink" });
  });

  it("has an id of its own for every cluster, and keeps it", () => {
    const uid = (name: string, namespace: string) => {
      const made = dashboardConfigMap(modelOf({ namespace: { name: namespace }, monitoring }, name), {});
      return (JSON.parse(Object.values(made.data)[0]) as { uid: string }).uid;
    };
    assert.equal(uid("orders", "prod"), uid("orders", "prod"));
    assert.notEqual(uid("orders", "prod"), uid("orders", "test"));
    assert.match(uid("orders", "prod"), /^[\w-]{1,40}$/);
  });

  it("has panels with ids of their own that do not lie on each other", () => {
    const all = content.panels ?? [];
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    const cells = new Set<string>();
    for (const { title, gridPos } of all) {
      const { x, y, w, h } = gridPos!;
      assert.ok(x + w <= 24, title);
      for (let i = x; i < x + w; i++) {
        for (let j = y; j < y + h; j++) {
          assert.ok(!cells.has(`${i},${j}`), `${title} lies on another`);
          cells.add(`${i},${j}`);
        }
      }
    }
  });

  it("asks in PromQL, of the chosen cluster, with variables that there are", () => {
    const variables = content.templating!.list!.map(({ name }) => name);
    assert.ok(panels.length >= 20);
    for (const { title, targets } of panels) {
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
      for (const { expr } of targets) {
        const [...used] = expr.match(/(?<=\$)\w+/g) ?? [];
        assert.ok(used.includes("namespace") && used.includes("cluster"), title);
        for (const name of used) assert.ok(variables.includes(name), `${title}: $${name}`);
        assert.deepEqual(mistakesIn(expr), [], title);
      }
    }
  });

  it("opens with its own cluster", () => {
    const chosen = Object.fromEntries(
      content.templating!.list!.map(({ name, current }) => [name, current?.value]),
    );
    assert.deepEqual([chosen.namespace, chosen.cluster, chosen.job], ["prod", "orders", "$__all"]);
  });
});

describe("monitoring objects of a cluster", () => {
  const types = async (args: Partial<FlinkClusterArgs>) => {
    const { recorded } = await record(() => new FlinkCluster("orders", { flinkVersion: "2.2.1", ...args }));
    return recorded.filter(({ name }) => /-(metrics|alerts|dashboard)$/.test(name));
  };

  it("are children of the cluster, made when asked for", async () => {
    const made = await types({ monitoring, network: { prometheus: {} } });
    assert.deepEqual(
      made.map(({ type, name }) => [type, name]).sort(),
      [
        ["kubernetes:core/v1:ConfigMap", "orders-dashboard"],
        ["kubernetes:monitoring.coreos.com/v1:PodMonitor", "orders-metrics"],
        ["kubernetes:monitoring.coreos.com/v1:PrometheusRule", "orders-alerts"],
      ].sort(),
    );
    for (const { parent } of made) assert.match(parent, /FlinkCluster::orders$/);
  });

  it("are not there otherwise", async () => {
    assert.deepEqual(await types({}), []);
  });
});
