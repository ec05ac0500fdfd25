import assert from "node:assert/strict";
import { type Policy, type World, passes } from "../../support/network-policies";

/** What Kubernetes' documentation of NetworkPolicies says, so that tests of policies can rely on it. */
describe("what NetworkPolicies mean", () => {
  const a = "10.0.0.1";
  const b = "10.0.0.2";
  const c = "10.0.1.1";
  const passed = (
    spec: Policy["spec"],
    from: string,
    to: string,
    port = 80,
    protocol: "TCP" | "UDP" = "TCP",
  ) => {
    const world: World = {
      namespaces: [
        { name: "one", labels: {} },
        { name: "two", labels: { team: "x" } },
      ],
      pods: [
        { name: "a", namespace: "one", address: a, labels: { app: "a" } },
        { name: "b", namespace: "one", address: b, labels: { app: "b", tier: "back" } },
        { name: "c", namespace: "two", address: c, labels: { app: "a" } },
      ],
      policies: [{ metadata: { namespace: "one" }, spec }],
    };
    return passes(world, { from, to, port, protocol });
  };
  const onB = { podSelector: { matchLabels: { app: "b" } } };

  it("a pod that no policy selects is open; one that a policy selects lets in only what is listed", () => {
    assert.ok(passed(onB, b, a));
    assert.ok(!passed(onB, a, b));
    assert.ok(!passed({ ...onB, ingress: [] }, a, b));
    assert.ok(passed({ ...onB, ingress: [{}] }, a, b), "an empty rule lets everything in");
    assert.ok(passed({ ...onB, ingress: [{ from: [] }] }, a, b), "so does an empty list of peers");
    assert.ok(!passed({ podSelector: {} }, a, b), "an empty selector selects all pods of the namespace");
    assert.ok(passed({ podSelector: {} }, a, c), "and none of another");
  });

  it("a selector of pods is about the policy's own namespace; with one of namespaces it narrows these", () => {
    const from = (...peers: object[]) => ({ ...onB, ingress: [{ from: peers }] });
    const apps = { podSelector: { matchLabels: { app: "a" } } };
    const team = { namespaceSelector: { matchLabels: { team: "x" } } };
    assert.deepEqual([passed(from(apps), a, b), passed(from(apps), c, b)], [true, false]);
    assert.deepEqual([passed(from(team), a, b), passed(from(team), c, b)], [false, true]);
    const both = { ...team, podSelector: { matchLabels: { app: "other" } } };
    assert.deepEqual([passed(from(both), a, b), passed(from(both), c, b)], [false, false]);
    const named = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "two" } } };
    assert.ok(passed(from(named), c, b), "every namespace has its name as a label");
    assert.ok(passed(from(both, team), c, b), "one peer of several is enough");
  });

  it("blocks of addresses have exceptions", () => {
    const spec = {
      ...onB,
      ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/23", except: ["10.0.1.0/24"] } }] }],
    };
    assert.deepEqual(
      [passed(spec, a, b), passed(spec, c, b), passed(spec, "11.0.0.1", b)],
      [true, false, false],
    );
  });

  it("ports are of one protocol, TCP where none is said", () => {
    const spec = { ...onB, ingress: [{ ports: [{ port: 80 }, { port: 100, endPort: 110 }] }] };
    assert.deepEqual(
      [passed(spec, a, b), passed(spec, a, b, 80, "UDP"), passed(spec, a, b, 105), passed(spec, a, b, 111)],
      [true, false, true, false],
    );
    assert.throws(() => passed({ ...onB, ingress: [{ ports: [{ port: "http" }] }] }, a, b), /is a name/);
  });

  it("egress is closed by its policy type or its rules, and both ends must agree", () => {
    assert.ok(!passed({ ...onB, policyTypes: ["Egress"] }, b, a));
    assert.ok(passed({ ...onB, policyTypes: ["Egress"] }, a, b), "that says nothing about ingress");
    const toA = { ...onB, egress: [{ to: [{ podSelector: { matchLabels: { app: "a" } } }] }] };
    assert.deepEqual([passed(toA, b, a), passed(toA, b, c), passed(toA, b, b)], [true, false, true]);
    const all = { podSelector: {}, policyTypes: ["Ingress", "Egress"], egress: [{}] };
    assert.ok(!passed(all, b, a), "may leave, may not come in");
  });

  it("expressions select too", () => {
    const on = (operator: string, values?: string[]) => ({
      podSelector: { matchExpressions: [{ key: "tier", operator, ...(values ? { values } : {}) }] },
    });
    assert.ok(!passed(on("In", ["back"]), a, b));
    assert.ok(passed(on("NotIn", ["back"]), a, b));
    assert.ok(!passed(on("Exists"), a, b));
    assert.ok(!passed(on("DoesNotExist"), b, a));
  });
});
