import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { type LocalNode, addresses, runningNode } from "../../local/node";
import { type PolicyEnforcer, enforcePolicies } from "../support/policy-enforcer";
import {
  TestStack,
  component,
  core,
  eventually,
  exists,
  helloWorld,
  kubeconfig,
  needsNode,
  pods,
  printed,
  smallCluster,
} from "./support";

/*
 * A cluster in a network that enforces its policies, from before it is there. Every connection that a table lists must come
 * about, all else that is tried must not; the tables are written by hand, as those of unit/kubernetes/network-flows.test.ts.
 */

const stack = new TestStack("network-policies");
const { namespace } = stack;
const others = "network-policies-others";

/** What Flink's roles and the submission pods need of each other, and what Prometheus was given. */
const always = `
  taskmanagers  jobmanager    6123 6124 8081
  jobmanager    taskmanagers  6122 50100
  taskmanagers  taskmanagers  6121
  submitter     jobmanager    8081
  taskmanagers  jobmanager    8081
  prometheus    jobmanager    9249
  prometheus    taskmanagers  9249
  others        outside       all
`;
const openEgress = `
  cluster       outside       all
`;
/** With Kafka's first port listed in \`network.egress\`. */
const listedEgress = `
  cluster       dns           53
  submitter     api-server    443
  cluster       kafka         9092
`;

const groups: Record<string, string[]> = {
  taskmanagers: ["taskmanager", "taskmanager2"],
  cluster: ["jobmanager", "taskmanager", "taskmanager2", "submitter"],
  others: ["web", "prometheus", "kafka"],
  outside: ["dns", "api-server", "kafka", "machine"],
};

describe("a network that enforces the policies", function () {
  this.timeout(600_000);
  let node: LocalNode;
  let enforcer: PolicyEnforcer | undefined;
  const machine = net.createServer((socket) => socket.end());

  const cluster = (network: Record<string, unknown>) =>
    smallCluster(namespace, {
      taskManager: {
        memory: "1g",
        slots: 1,
        replicas: 2,
        cpu: { request: "100m", limit: "1" },
        ephemeralStorage: "512Mi",
      },
      config: {
        "metrics.reporter.prom.factory.class":
          "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
        "metrics.reporter.prom.port": "9249",
      },
      network: {
        prometheus: {
          namespaceLabels: { "kubernetes.io/metadata.name": others },
          podLabels: { app: "prometheus" },
        },
        ...network,
      },
    });
  const job = (rate: string) =>
    helloWorld({ arguments: ["--rate", rate], parallelism: 2, upgradeMode: "stateless" });

  before(async function () {
    needsNode(this);
    node = (await runningNode())!;
    await new Promise<void>((resolve) => machine.listen(0, addresses.host, resolve));
  });
  before("bring it up where only what the policies allow passes", async () => {
    enforcer = await enforcePolicies(kubeconfig, namespace);
    await stack.up({ cluster: cluster({}), jobs: [job("5")] });
    if (!(await exists(() => core.readNamespace({ name: others }))))
      await core.createNamespace({ body: { metadata: { name: others } } });
    await bystander(namespace, "submitter", { "app.kubernetes.io/name": "flink", ...component("submitter") });
    await bystander(namespace, "web", {});
    await bystander(others, "prometheus", { app: "prometheus" });
    await bystander(others, "kafka", { app: "kafka" }, [9092, 9093]);
  });
  after("take it down", async function () {
    machine.close();
    await enforcer?.stop();
    if (kubeconfig === "") return;
    await core.deleteNamespace({ name: others }).catch(() => undefined);
    await stack.down();
  });

  it("lets a job run that exchanges records between TaskManagers", async () => {
    const [one] = await taskManagers();
    await eventually("records between TaskManagers", 60, async () =>
      // Port 6121, established, on either side; Java's sockets are IPv6.
      /:17E9 \S+ 01 |:17E9 01 /.test(await inPod(one!, "cat /proc/net/tcp /proc/net/tcp6"))
        ? true
        : undefined,
    );
    await stillPrints();
  });

  it("lets through what a cluster needs and what is listed, and nothing else", async () => {
    assert.deepEqual(await wrong(parse([always, openEgress])), []);
  });

  it("with network.egress lets out to what is listed, and nowhere else", async () => {
    const kafka = {
      namespaceLabels: { "kubernetes.io/metadata.name": others },
      podLabels: { app: "kafka" },
      ports: [9092],
    };
    await stack.up({ cluster: cluster({ egress: [kafka] }), jobs: [job("5")] });
    await enforcer!.settled();
    assert.deepEqual(await wrong(parse([always, listedEgress])), []);
    const [one] = await taskManagers();
    assert.match(await inPod(one!, "getent hosts kubernetes.default.svc.cluster.local"), /^198\./);
  });

  it("with network.egress still lets jobs be submitted", async () => {
    await stack.up({
      cluster: cluster({ egress: [] }),
      jobs: [job("6")],
    });
    await enforcer!.settled();
    await stillPrints();
  });

  async function stillPrints(): Promise<void> {
    const count = async () => {
      const names = await taskManagers();
      const lines = await Promise.all(names.map((name) => printed(namespace, name, /Hello/)));
      return lines.flat().length;
    };
    const before = await count();
    await eventually("more lines", 60, async () => ((await count()) > before ? true : undefined));
  }

  /** A pod that tries connections, and listens on some ports. */
  async function bystander(
    where: string,
    name: string,
    labels: Record<string, string>,
    listen: number[] = [],
  ) {
    const perl =
      "use Socket; socket(S, PF_INET, SOCK_STREAM, 6); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); " +
      "bind(S, sockaddr_in($ARGV[0], INADDR_ANY)); listen(S, 50); while (accept(C, S)) { close C }";
    const listening = listen.map((port) => `perl -e '${perl}' ${port} &`).join(" ");
    await core.createNamespacedPod({
      namespace: where,
      body: {
        metadata: { name, labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 9999,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "main",
              image: process.env.FLINK_KUBERNETES_TEST_IMAGE!,
              command: ["bash", "-c", `${listening} exec sleep infinity`],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              resources: {
                requests: { cpu: "10m", memory: "16Mi", "ephemeral-storage": "16Mi" },
                limits: { cpu: "500m", memory: "64Mi", "ephemeral-storage": "16Mi" },
              },
            },
          ],
        },
      },
    });
    await eventually(`the pod ${name}`, 60, async () => {
      const { status } = await core.readNamespacedPod({ namespace: where, name });
      return status?.phase === "Running" ? true : undefined;
    });
  }

  async function taskManagers(): Promise<string[]> {
    const found = await pods(namespace, component("taskmanager"));
    return found.map(({ metadata }) => metadata!.name!).sort();
  }

  /** Runs a script in a pod. */
  async function inPod(pod: string, script: string, where = namespace): Promise<string> {
    const args = ["--kubeconfig", kubeconfig, "--namespace", where, "exec", pod, "--", "bash", "-c", script];
    const child = spawn(node.kubectl, args, { stdio: ["ignore", "pipe", "pipe"] });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (errors += data));
    const code = await new Promise((resolve) => child.once("close", resolve));
    assert.equal(code, 0, `${script} in ${pod}: ${errors}`);
    return out;
  }

  /** Tries every connection from every pod, and tells those that come about and should not, and the other way round. */
  async function wrong(expected: Set<string>): Promise<string[]> {
    const jobManagers = await pods(namespace, component("jobmanager"));
    const [one, two] = await taskManagers();
    const sources: Record<string, [string, string]> = {
      jobmanager: [namespace, jobManagers[0]!.metadata!.name!],
      taskmanager: [namespace, one!],
      taskmanager2: [namespace, two!],
      submitter: [namespace, "submitter"],
      web: [namespace, "web"],
      prometheus: [others, "prometheus"],
      kafka: [others, "kafka"],
    };
    const address = async ([where, name]: [string, string]) =>
      (await core.readNamespacedPod({ namespace: where, name })).status!.podIP!;
    const targets: [string, string, number[]][] = [
      ["jobmanager", await address(sources.jobmanager!), [6123, 6124, 8081, 9249, 50100]],
      ["taskmanager", await address(sources.taskmanager!), [6121, 6122, 9249, 50100]],
      ["taskmanager2", await address(sources.taskmanager2!), [6121, 6122, 9249, 50100]],
      ["kafka", await address(sources.kafka!), [9092, 9093]],
      ["dns", addresses.node, [53]],
      ["api-server", addresses.apiService, [443]],
      ["machine", addresses.host, [(machine.address() as net.AddressInfo).port]],
    ];
    const answers = Object.entries(sources).map(async ([from, [where, pod]]) => {
      const tries = targets
        .filter(([to]) => to !== from)
        .flatMap(([to, host, ports]) => ports.map((port) => [to, host, port] as const));
      // What a policy forbids is "no route"; a port where nobody listens would be "refused", and wrong in any case.
      const script = tries.map(
        ([to, host, port]) =>
          `(said=$(timeout 10 bash -c "exec 3<>/dev/tcp/${host}/${port}" 2>&1 | tail -n 1; exit \${PIPESTATUS[0]}) && said=open; echo "${to} ${port} $said") &`,
      );
      const lines = (await inPod(pod, `${script.join("\n")}\nwait`, where)).trim().split("\n");
      const answered = lines.filter((line) => /^\S+ \d+ /.test(line));
      assert.equal(answered.length, tries.length, lines.join("\n"));
      return answered.flatMap((line) => {
        const [, to, port, said] = /^(\S+) (\d+) (.*)$/.exec(line)!;
        const must = expected.has(`${from} ${to} ${port}`) || expected.has(`${from} ${to} all`);
        return (must ? said === "open" : said!.endsWith("No route to host"))
          ? []
          : [`${from} → ${to}:${port}: ${said}`];
      });
    });
    return (await Promise.all(answers)).flat();
  }
});

/** Lines of: from whom, to whom, ports. */
function parse(tables: string[]): Set<string> {
  const flows = new Set<string>();
  for (const row of tables.flatMap((table) => table.trim().split("\n"))) {
    const [froms, tos, ...ports] = row.trim().split(/\s+/);
    for (const from of groups[froms!] ?? [froms!]) {
      for (const to of groups[tos!] ?? [tos!]) {
        for (const port of ports) flows.add(`${from} ${to} ${port}`);
      }
    }
  }
  return flows;
}
