import assert from "node:assert/strict";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import type { NetworkArgs } from "../../../components/args/network";
import { networkPolicies } from "../../../components/kubernetes/network";
import { type Flow, type Policy, type World, passes } from "../../support/network-policies";
import { modelOf } from "./arguments";

/*
 * Every connection that must and must not come about, written by hand: what a table lists must pass, all else must not. The
 * tables know what Flink needs, and nothing of how the policies are made.
 */

const flink = (cluster: string, component: string) => ({
  "app.kubernetes.io/name": "flink",
  "app.kubernetes.io/instance": cluster,
  "app.kubernetes.io/component": component,
});

/** Everybody who takes part: name, namespace, address, labels. The cluster is `orders` in the namespace `data`. */
const pods = [
  ["jobmanager", "data", "10.0.0.1", flink("orders", "jobmanager")],
  ["standby", "data", "10.0.0.2", flink("orders", "jobmanager")],
  ["taskmanager", "data", "10.0.0.3", flink("orders", "taskmanager")],
  ["taskmanager2", "data", "10.0.0.4", flink("orders", "taskmanager")],
  ["submitter", "data", "10.0.0.5", flink("orders", "submitter")],
  ["guard", "data", "10.0.0.7", flink("orders", "guard")],
  ["history", "data", "10.0.0.6", flink("orders", "historyserver")],
  ["gateway", "data", "10.0.0.8", flink("orders", "sql-gateway")],
  ["neighbour-jobmanager", "data", "10.0.1.1", flink("payments", "jobmanager")],
  ["neighbour-taskmanager", "data", "10.0.1.3", flink("payments", "taskmanager")],
  ["neighbour-guard", "data", "10.0.1.7", flink("payments", "guard")],
  ["neighbour-submitter", "data", "10.0.1.5", flink("payments", "submitter")],
  ["namesake-jobmanager", "elsewhere", "10.0.2.1", flink("orders", "jobmanager")],
  ["namesake-taskmanager", "elsewhere", "10.0.2.3", flink("orders", "taskmanager")],
  ["namesake-submitter", "elsewhere", "10.0.2.5", flink("orders", "submitter")],
  ["web", "data", "10.0.3.1", { app: "web" }],
  ["web-elsewhere", "elsewhere", "10.0.3.2", { app: "web" }],
  ["prometheus", "monitoring", "10.0.4.1", { app: "prometheus" }],
  ["grafana", "monitoring", "10.0.4.2", { app: "grafana" }],
  ["kube-dns", "kube-system", "10.0.5.1", { "k8s-app": "kube-dns" }],
  ["kafka", "streams", "10.0.6.1", { app: "kafka" }],
  ["zookeeper", "streams", "10.0.6.2", { app: "zookeeper" }],
] as const;

/** Who is no pod: on the network of a node, or outside of Kubernetes. */
const outside = [
  ["node-dns", "169.254.20.10"],
  ["api-server", "172.16.0.10"],
  ["managed-kafka", "10.20.0.7"],
  ["managed-vault", "10.20.9.7"],
  ["office", "192.0.2.8"],
  ["internet", "203.0.113.5"],
] as const;

const namespaces: World["namespaces"] = [
  { name: "data", labels: { team: "data" } },
  { name: "elsewhere", labels: {} },
  { name: "monitoring", labels: { team: "ops" } },
  { name: "kube-system", labels: {} },
  { name: "streams", labels: { team: "streams" } },
];

/** TCP ports, and DNS by UDP: those of Flink, of what it talks to, and some that nobody should reach. */
const ports = ["22", "53", "53/UDP", "80", "443", "5005", "6121", "6122", "6123", "6124", "6443"];
ports.push("8080", "8081", "8082", "8083", "9092", "9093", "9249", "9250", "32000", "50100");

const groups: Record<string, string[]> = {
  jobmanagers: ["jobmanager", "standby"],
  taskmanagers: ["taskmanager", "taskmanager2"],
  clients: ["submitter", "guard"],
};
groups.cluster = [...groups.jobmanagers!, ...groups.taskmanagers!, ...groups.clients!];
const everybody = [...pods, ...outside].map(([name]): string => name);
/** Pods of the cluster that are there only if they are asked for. */
const optional = { history: "historyServer", gateway: "sqlGateway" } as const;
const isOptional = (name: string): name is keyof typeof optional => Object.hasOwn(optional, name);
groups.others = everybody.filter((name) => !isOptional(name) && !groups.cluster!.includes(name));

/** What Flink and the pods of submissions and guards cannot do without; and nobody else is hindered. */
const always = `
  taskmanagers  jobmanagers   6123 6124       # register, send heartbeats, acknowledge checkpoints; fetch jars
  jobmanagers   taskmanagers  6122 50100      # deploy tasks; read metrics for the web UI
  taskmanagers  taskmanagers  6121            # records
  jobmanagers   jobmanagers   6123 6124 50100 # with standbys: requests for the leader, jars, metrics
  clients       jobmanagers   8081            # upload, run, watch and stop jobs
  others        others        all
`;
/** Unless TaskManagers are told not to. */
const checkpointBeforeStop = `
  taskmanagers  jobmanagers   8081
`;
const openEgress = `
  cluster       others        all
`;
/** With \`network.egress\`, whatever it lists. */
const listedEgress = `
  cluster       others        53 53/UDP       # DNS, wherever it runs
  clients       others        443 6443        # the API server, wherever it runs
`;

/** With a SQL Gateway: it starts jobs and fetches what they give, which JobManagers get from wherever the last task listens. */
const explored = ["gateway jobmanagers 8081", "jobmanagers taskmanagers all"];

interface Table {
  what: string;
  network?: NetworkArgs;
  /** What else of the cluster's arguments matters. */
  more?: Partial<FlinkClusterArgs>;
  flows: string[];
}

const durable: Partial<FlinkClusterArgs> = { storage: { directory: "s3://bucket/flink/orders" } };

const tables: Table[] = [
  {
    what: "with TaskManagers that stop at once",
    more: { taskManager: { scaleDownCheckpointSeconds: 0 } },
    flows: [always, openEgress],
  },
  { what: "by default", flows: [always, checkpointBeforeStop, openEgress] },
  {
    what: "with a Prometheus in another namespace",
    network: { prometheus: { namespaceLabels: { team: "ops" }, podLabels: { app: "prometheus" } } },
    flows: [
      always,
      checkpointBeforeStop,
      openEgress,
      "prometheus jobmanagers 9249",
      "prometheus taskmanagers 9249",
    ],
  },
  {
    what: "with a namespace of which every pod may read metrics, on another port",
    network: { prometheus: { namespaceLabels: { team: "ops" }, port: 9250 } },
    flows: [
      ...[
        always,
        checkpointBeforeStop,
        openEgress,
        "prometheus jobmanagers 9250",
        "prometheus taskmanagers 9250",
      ],
      ...["grafana jobmanagers 9250", "grafana taskmanagers 9250"],
    ],
  },
  {
    what: "with readers of the REST API",
    network: { rest: [{ podLabels: { app: "web" } }, { cidr: "192.0.2.0/24" }] },
    flows: [always, checkpointBeforeStop, openEgress, "web jobmanagers 8081", "office jobmanagers 8081"],
  },
  {
    what: "with readers of the REST API in every namespace",
    network: { rest: [{ namespaceLabels: {}, podLabels: { app: "web" } }] },
    flows: [
      always,
      checkpointBeforeStop,
      openEgress,
      "web jobmanagers 8081",
      "web-elsewhere jobmanagers 8081",
    ],
  },
  {
    what: "with nothing but its own egress",
    network: { egress: [] },
    flows: [always, checkpointBeforeStop, listedEgress],
  },
  {
    what: "with the API server's address",
    network: { egress: [], apiServer: { cidr: "172.16.0.0/16", ports: [6443] } },
    flows: [always, checkpointBeforeStop, "cluster others 53 53/UDP", "clients api-server 6443"],
  },
  {
    what: "with Kafka in another namespace",
    network: {
      egress: [{ namespaceLabels: { team: "streams" }, podLabels: { app: "kafka" }, ports: [9092] }],
    },
    flows: [always, checkpointBeforeStop, listedEgress, "cluster kafka 9092"],
  },
  {
    what: "with a managed Kafka, whose block of addresses has a part that is nobody's business",
    network: { egress: [{ cidr: "10.20.0.0/16", except: ["10.20.9.0/24"], ports: [9092, 9093] }] },
    flows: [always, checkpointBeforeStop, listedEgress, "cluster managed-kafka 9092 9093"],
  },
  {
    what: "with all ports of what is listed",
    network: { egress: [{ cidr: "10.20.0.0/16" }] },
    flows: [
      always,
      checkpointBeforeStop,
      listedEgress,
      "cluster managed-kafka all",
      "cluster managed-vault all",
    ],
  },
  {
    what: "with egress of one role",
    network: { egress: [{ cidr: "10.20.0.0/24", ports: [9092], roles: ["taskManager"] }] },
    flows: [always, checkpointBeforeStop, listedEgress, "taskmanagers managed-kafka 9092"],
  },
  {
    what: "with high availability",
    network: { egress: [] },
    more: { ...durable, highAvailability: {} },
    flows: [
      ...[always, checkpointBeforeStop, listedEgress],
      ...["jobmanagers others 443 6443", "taskmanagers others 443 6443"],
    ],
  },
  {
    what: "with high availability and the API server's address",
    network: { egress: [], apiServer: { cidr: "172.16.0.10/32", ports: [6443] } },
    more: { ...durable, highAvailability: {} },
    flows: [
      ...[always, checkpointBeforeStop, "cluster others 53 53/UDP"],
      ...["clients api-server 6443", "jobmanagers api-server 6443", "taskmanagers api-server 6443"],
    ],
  },
  {
    what: "with the controller of an Ingress",
    more: {
      exposure: {
        host: "flink.example.com",
        ingress: { tlsSecret: "flink-example-com" },
        authenticatedBy: "a proxy",
        controller: {
          namespaceLabels: { "kubernetes.io/metadata.name": "elsewhere" },
          podLabels: { app: "web" },
        },
      },
    },
    flows: [always, checkpointBeforeStop, openEgress, "web-elsewhere jobmanagers 8081"],
  },
  {
    what: "with a History Server and a reader",
    network: { rest: [{ podLabels: { app: "web" } }] },
    more: { ...durable, historyServer: {} },
    flows: [
      ...[always, checkpointBeforeStop, openEgress, "history others all"],
      ...["web jobmanagers 8081", "web history 8082"],
    ],
  },
  {
    what: "with a History Server and its object store",
    network: { egress: [{ cidr: "10.20.0.0/16", ports: [443], roles: ["historyServer"] }] },
    more: { ...durable, historyServer: {} },
    flows: [
      ...[always, checkpointBeforeStop, listedEgress],
      ...["history others 53 53/UDP", "history managed-kafka 443", "history managed-vault 443"],
    ],
  },
  {
    what: "with a SQL Gateway that nobody is let in to",
    more: { sqlGateway: {} },
    flows: [always, checkpointBeforeStop, openEgress, "gateway others all", ...explored],
  },
  {
    what: "with a SQL Gateway and a reader, and another of the REST API",
    network: { rest: [{ cidr: "192.0.2.0/24" }], sqlGateway: [{ podLabels: { app: "web" } }] },
    more: { sqlGateway: {} },
    flows: [
      ...[always, checkpointBeforeStop, openEgress, "gateway others all", ...explored],
      ...["web gateway 8083", "office jobmanagers 8081"],
    ],
  },
  {
    what: "with a SQL Gateway and a catalog outside",
    network: { egress: [{ cidr: "10.20.0.0/24", ports: [9092], roles: ["sqlGateway"] }] },
    more: { sqlGateway: {} },
    flows: [
      ...[always, checkpointBeforeStop, listedEgress, ...explored],
      ...["gateway others 53 53/UDP", "gateway managed-kafka 9092"],
    ],
  },
];

describe("every connection comes about exactly if it must", () => {
  for (const { what, network = {}, more = {}, flows } of tables) {
    it(what, () => {
      const model = modelOf({ ...more, namespace: { name: "data" }, network });
      // As it goes over the wire.
      const policies = JSON.parse(JSON.stringify(Object.values(networkPolicies(model)))) as Policy[];
      const here = everybody.filter((name) => !isOptional(name) || more[optional[name]]);
      assert.deepEqual(wrong(policies, parse(flows), here), []);
    });
  }

  it("where there are no policies", () => {
    const here = groups.cluster!.concat(groups.others!);
    assert.deepEqual(
      wrong([], parse([always, openEgress, "others cluster all", "cluster cluster all"]), here),
      [],
    );
  });
});

/** All connections that come about and should not, and the other way round. */
function wrong(policies: Policy[], expected: Set<string>, here: string[]): string[] {
  const world: World = {
    namespaces,
    pods: pods.map(([name, namespace, address, labels]) => ({ name, namespace, address, labels })),
    policies,
  };
  const found: string[] = [];
  for (const from of here) {
    for (const to of here.filter((name) => name !== from)) {
      for (const port of ports) {
        const passed = passes(world, flowOf(from, to, port));
        if (passed !== expected.has(`${from} ${to} ${port}`))
          found.push(`${from} → ${to}:${port} ${passed ? "passes" : "does not pass"}`);
      }
    }
  }
  return found;
}

function flowOf(from: string, to: string, port: string): Flow {
  const [number, protocol = "TCP"] = port.split("/");
  return {
    from: addressOf(from),
    to: addressOf(to),
    port: Number(number),
    protocol: protocol as "TCP" | "UDP",
  };
}

function addressOf(name: string): string {
  const address = pods.find((pod) => pod[0] === name)?.[2] ?? outside.find((place) => place[0] === name)?.[1];
  assert.ok(address, `nobody is called ${name}`);
  return address;
}

/** Lines of: from whom, to whom, ports. */
function parse(tables: string[]): Set<string> {
  const rows = tables.flatMap((table) => table.split("\n")).map((line) => line.replace(/#.*/, "").trim());
  const flows = new Set<string>();
  for (const row of rows.filter((line) => line !== "")) {
    const [froms, tos, ...list] = row.split(/\s+/);
    for (const from of groups[froms!] ?? [froms!]) {
      for (const to of groups[tos!] ?? [tos!]) {
        for (const port of list[0] === "all" ? ports : list) {
          assert.ok(ports.includes(port), `${row}: no port ${port} is tried`);
          assert.ok(addressOf(from) && addressOf(to));
          flows.add(`${from} ${to} ${port}`);
        }
      }
    }
  }
  return flows;
}
