import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { FlinkClusterArgs } from "../../../components/args/cluster";
import { normaliseCluster } from "../../../components/args/normalise";
import { networkPolicies } from "../../../components/kubernetes/network";
import { clusterNames, modelOf } from "./arguments";

interface Flow {
  from: string;
  to: string;
  port: number;
}

/** Who may open which port of a role, read off the policies. */
function ingress(policies: ReturnType<typeof networkPolicies>, of: keyof typeof policies): Flow[] {
  return (policies[of].spec.ingress as { from: unknown[]; ports: { port: number }[] }[]).flatMap(
    ({ from, ports }) =>
      from.flatMap((peer) => ports.map(({ port }) => ({ from: nameOf(peer), to: of, port }))),
  );
}

function nameOf(peer: unknown): string {
  const { podSelector, namespaceSelector, ipBlock } = peer as Record<
    string,
    { matchLabels: Record<string, string>; cidr: string }
  >;
  if (ipBlock) return ipBlock.cidr;
  const pods =
    podSelector?.matchLabels["app.kubernetes.io/component"] ?? JSON.stringify(podSelector?.matchLabels ?? {});
  return namespaceSelector ? `${JSON.stringify(namespaceSelector.matchLabels)}/${pods}` : pods;
}

describe("network policies", () => {
  it("let in only the roles that need it, on pinned ports", () => {
    const policies = networkPolicies(modelOf());
    assert.deepEqual(ingress(policies, "jobmanager"), [
      { from: "jobmanager", to: "jobmanager", port: 6123 },
      { from: "jobmanager", to: "jobmanager", port: 6124 },
      { from: "jobmanager", to: "jobmanager", port: 50100 },
      { from: "taskmanager", to: "jobmanager", port: 6123 },
      { from: "taskmanager", to: "jobmanager", port: 6124 },
      { from: "taskmanager", to: "jobmanager", port: 8081 },
      { from: "submitter", to: "jobmanager", port: 8081 },
      { from: "guard", to: "jobmanager", port: 8081 },
    ]);
    assert.deepEqual(ingress(policies, "taskmanager"), [
      { from: "jobmanager", to: "taskmanager", port: 6122 },
      { from: "jobmanager", to: "taskmanager", port: 50100 },
      { from: "taskmanager", to: "taskmanager", port: 6121 },
    ]);
    assert.deepEqual(ingress(policies, "submitter"), []);
  });

  it("let Prometheus and named readers of the REST API in", () => {
    const policies = networkPolicies(
      modelOf({
        network: {
          prometheus: { namespaceLabels: { team: "ops" }, podLabels: { app: "prometheus" } },
          rest: [{ cidr: "10.1.0.0/16" }],
        },
      }),
    );
    const prometheus = '{"team":"ops"}/{"app":"prometheus"}';
    for (const role of ["jobmanager", "taskmanager"] as const) {
      assert.ok(ingress(policies, role).some(({ from, port }) => from === prometheus && port === 9249));
    }
    const rest = ingress(policies, "jobmanager").filter(({ port }) => port === 8081);
    assert.deepEqual(
      rest.map(({ from }) => from),
      ["taskmanager", "submitter", "guard", "10.1.0.0/16"],
    );
  });

  it("open ports of one's own to those that are named, of the roles that are named", () => {
    const policies = networkPolicies(
      modelOf({
        network: {
          ingress: [
            { cidr: "10.9.0.0/16", ports: [9010, 5005], roles: ["taskManager"] },
            { podLabels: { app: "probe" }, ports: [9404] },
          ],
        },
      }),
    );
    const own = (of: keyof typeof policies) =>
      ingress(policies, of).filter(({ port }) => port === 9010 || port === 5005);
    assert.deepEqual(own("taskmanager"), [
      { from: "10.9.0.0/16", to: "taskmanager", port: 9010 },
      { from: "10.9.0.0/16", to: "taskmanager", port: 5005 },
    ]);
    for (const role of ["jobmanager", "submitter", "guard"] as const) assert.deepEqual(own(role), []);
    for (const role of Object.keys(policies) as (keyof typeof policies)[]) {
      const probed = ingress(policies, role).filter(({ port }) => port === 9404);
      assert.deepEqual(probed, [{ from: '{"app":"probe"}', to: role, port: 9404 }]);
    }
  });

  it("do not open Flink's own ports so, nor all ports", () => {
    const rule = { cidr: "10.9.0.0/16" };
    const { problems } = normaliseCluster("orders", {
      flinkVersion: "2.2.1",
      network: {
        ingress: [{ ...rule, ports: [8081, 6123, 70000] }, rule, { ports: [1], roles: ["x"] }],
      } as never,
    });
    assert.deepEqual(
      problems.map(({ path, fix }) => `${path}: ${fix}`),
      [
        "network.ingress[0].ports[2]: write a whole number from 1 to 65535",
        "network.ingress[0].ports[0]: use network.rest",
        "network.ingress[0].ports[1]: leave it out",
        "network.ingress[1].ports: list the ports, for example [9010]",
        "network.ingress[2]: write podLabels, namespaceLabels or cidr (0.0.0.0/0 for every IPv4 address)",
        "network.ingress[2].roles[0]: write any of jobManager, taskManager, submitter, historyServer, sqlGateway, or leave roles out for all",
      ],
    );
  });

  it("keep TaskManagers from the REST API when they make no checkpoint before they stop", () => {
    const policies = networkPolicies(modelOf({ taskManager: { scaleDownCheckpointSeconds: 0 } }));
    const rest = ingress(policies, "jobmanager").filter(({ port }) => port === 8081);
    assert.deepEqual(
      rest.map(({ from }) => from),
      ["submitter", "guard"],
    );
  });

  it("leave egress open unless it is given", () => {
    for (const policy of Object.values(networkPolicies(modelOf()))) {
      assert.deepEqual(policy.spec.policyTypes, ["Ingress"]);
      assert.ok(!("egress" in policy.spec));
    }
  });

  it("allow, with egress given: DNS, the cluster, what is listed, and the API server to submitters only", () => {
    const model = modelOf({ network: { egress: [{ cidr: "10.2.0.0/16", ports: [9092] }] } });
    const dns = {
      ports: [
        { protocol: "UDP", port: 53 },
        { protocol: "TCP", port: 53 },
      ],
    };
    const cluster = {
      to: [
        {
          podSelector: {
            matchLabels: { "app.kubernetes.io/name": "flink", "app.kubernetes.io/instance": "orders" },
          },
        },
      ],
    };
    const kafka = { to: [{ ipBlock: { cidr: "10.2.0.0/16" } }], ports: [{ protocol: "TCP", port: 9092 }] };
    const api = {
      ports: [
        { protocol: "TCP", port: 443 },
        { protocol: "TCP", port: 6443 },
      ],
    };
    const { jobmanager, taskmanager, submitter } = networkPolicies(model);
    assert.deepEqual(jobmanager.spec.egress, [dns, cluster, kafka]);
    assert.deepEqual(taskmanager.spec.egress, [dns, cluster, kafka]);
    assert.deepEqual(submitter.spec.egress, [dns, cluster, api, kafka]);
    assert.deepEqual(jobmanager.spec.policyTypes, ["Ingress", "Egress"]);
  });

  it("let only the named roles connect to a destination", () => {
    const egress = [
      { cidr: "10.1.0.0/16", roles: ["taskManager"] },
      { cidr: "10.2.0.0/16", roles: ["jobManager", "submitter"] },
      { cidr: "10.3.0.0/16" },
    ];
    const policies = networkPolicies(modelOf({ network: { egress } }));
    const blocks = (of: "jobmanager" | "taskmanager" | "submitter" | "guard") =>
      JSON.stringify(policies[of]!.spec.egress).match(/10\.\d/g);
    assert.deepEqual(blocks("jobmanager"), ["10.2", "10.3"]);
    assert.deepEqual(blocks("taskmanager"), ["10.1", "10.3"]);
    assert.deepEqual(blocks("submitter"), ["10.2", "10.3"]);
    assert.deepEqual(blocks("guard"), ["10.2", "10.3"]);
  });

  it("let every role that uses it reach the API server: with high availability, all", () => {
    const apiServer = { cidr: "10.96.0.1/32", ports: [6443] };
    const rule = { to: [{ ipBlock: { cidr: "10.96.0.1/32" } }], ports: [{ protocol: "TCP", port: 6443 }] };
    const reach = (args: Partial<FlinkClusterArgs>) =>
      Object.entries(networkPolicies(modelOf({ network: { egress: [], apiServer }, ...args })))
        .filter(([, { spec }]) => spec.egress?.some((one) => isDeepStrictEqual(one, rule)))
        .map(([role]) => role);
    assert.deepEqual(reach({}), ["submitter", "guard"]);
    const storage = { directory: "s3://bucket/flink" };
    assert.deepEqual(reach({ storage, highAvailability: {} }), [
      "jobmanager",
      "taskmanager",
      "submitter",
      "guard",
    ]);
  });

  it("that are turned off make what else is said of the network pointless, and that is a warning", () => {
    const network = { policies: false, egress: [], rest: [{ cidr: "10.0.0.0/8" }], prometheus: {} };
    const { problems, warnings } = normaliseCluster("orders", { flinkVersion: "2.2.1", network });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      warnings.map(({ path }) => path).filter((path) => path.startsWith("network.")),
      ["network.egress", "network.rest", "network.prometheus"],
    );
  });

  const mistakes: [what: string, network: object, path: string, fix: RegExp][] = [
    [
      "a role that there is none of",
      { egress: [{ cidr: "10.0.0.0/8", roles: ["taskmanager"] }] },
      "network.egress[0].roles[0]",
      /taskManager/,
    ],
    ["no roles", { egress: [{ cidr: "10.0.0.0/8", roles: [] }] }, "network.egress[0].roles", /for all/],
    ["a rule for nobody", { egress: [{ ports: [443] }] }, "network.egress[0]", /0\.0\.0\.0\/0/],
    ["a host name", { egress: [{ cidr: "kafka.example.com" }] }, "network.egress[0].cidr", /10\.20/],
    [
      "a port that is none",
      { egress: [{ cidr: "10.0.0.0/8", ports: [0] }] },
      "network.egress[0].ports[0]",
      /65535/,
    ],
    [
      "ports of a reader",
      { rest: [{ cidr: "10.0.0.0/8", ports: [1] }] },
      "network.rest[0].ports",
      /use one of/,
    ],
  ];
  for (const [what, network, path, fix] of mistakes) {
    it(`are refused for a mistake: ${what}`, () => {
      const { problems } = normaliseCluster("orders", { flinkVersion: "2.2.1", network });
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path],
      );
      assert.match(problems[0]!.fix, fix);
    });
  }

  it("an empty list closes egress but for DNS and the cluster", () => {
    const { taskmanager } = networkPolicies(modelOf({ network: { egress: [] } }));
    assert.equal(taskmanager.spec.egress?.length, 2);
  });

  it("select the pods of their own cluster only, so that two clusters share a namespace without meeting", () => {
    fc.assert(
      fc.property(clusterNames, (name) => {
        const policies = networkPolicies(modelOf({ network: { egress: [] } }, name));
        const text = JSON.stringify(Object.values(policies).map(({ spec }) => spec));
        const selectors = text.match(/"matchLabels":\{[^}]*\}/g) ?? [];
        assert.ok(selectors.length > 0);
        for (const selector of selectors) {
          assert.ok(selector.includes(`"app.kubernetes.io/instance":${JSON.stringify(name)}`), selector);
        }
      }),
      { numRuns: 20 },
    );
  });
});
