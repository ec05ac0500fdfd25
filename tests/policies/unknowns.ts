import assert from "node:assert/strict";
import fc from "fast-check";
import {
  evaluateResource,
  evaluateStack,
  type Outcome,
  pathOf,
  podBearingKinds,
  Resource,
  type Rule,
  Stack,
} from "../../policies/core";
import { container, deployment } from "../../policies/kubernetes/manifests";
import { fixtures as flinkFixtures } from "../../policies/flink/all.fixtures";
import { rules as flinkRules } from "../../policies/flink/rules";
import { rules as kubernetesRules } from "../../policies/kubernetes/rules";
import { fromManifest, type TestResource } from "../../policies/testing";
import { places, withUnknown } from "./support/unknowns";
import { inputsOf } from "./support/verdicts";

const bad = {
  image: "web",
  env: [
    { name: "PASSWORD", value: "hunter2" },
    { name: "PASSWORD", value: "hunter2" },
  ],
  ports: [{ containerPort: 80, hostPort: 80 }],
  resources: { requests: { cpu: 4, memory: "512m" }, limits: { cpu: 2 } },
  livenessProbe: { httpGet: { host: "a", port: 1 } },
  readinessProbe: { tcpSocket: { host: "a", port: 1 } },
  lifecycle: { preStop: { httpGet: { host: "a", port: 1 } } },
  securityContext: {
    privileged: true,
    allowPrivilegeEscalation: true,
    readOnlyRootFilesystem: false,
    procMount: "Unmasked",
    runAsNonRoot: false,
    runAsUser: 0,
    runAsGroup: 0,
    capabilities: { add: ["SYS_ADMIN", "NET_ADMIN"], drop: ["KILL"] },
    seccompProfile: { type: "Unconfined" },
    appArmorProfile: { type: "Unconfined" },
    seLinuxOptions: { type: "spc_t", user: "a", role: "a" },
    windowsOptions: { hostProcess: true },
  },
};

/** Everything wrong at once, in several containers: whatever is unknown, all the rest must still be found. */
const worst = deployment({
  hostNetwork: true,
  hostPID: true,
  hostIPC: true,
  initContainers: [container({ ...bad, name: "first" })],
  containers: [container(bad), container({ ...bad, name: "second" })],
  ephemeralContainers: [container({ ...bad, name: "debug" })],
  volumes: [
    { name: "a", hostPath: { path: "/var/run/docker.sock" } },
    { name: "b", nfs: { server: "a", path: "/" } },
    { name: "c", emptyDir: {} },
  ],
  securityContext: {
    runAsNonRoot: false,
    runAsUser: 0,
    fsGroup: 0,
    seccompProfile: { type: "Unconfined" },
    appArmorProfile: { type: "Unconfined" },
    seLinuxOptions: { type: "spc_t" },
    windowsOptions: { hostProcess: true },
    sysctls: [{ name: "kernel.msgmax" }, { name: "kernel.sem" }],
  },
  os: { name: "linux" },
  hostUsers: true,
});

/** Fields that decide for a rule about others, and so may take its violations away: but it must say that they are unknown. */
const deciders: readonly [rule: RegExp, place: RegExp][] = [
  [/^pss-(run-as|proc-mount$)/, /\.hostUsers$/],
  [/^read-only-root/, /\.os(\.name)?$/],
  [/^(resource-quantities|limit-request-ratio|ephemeral-storage)$/, /\.resources\.limits(\.\w+)?$/],
  [/^literal-secrets$/, /\.env\[\d\]\.name$/],
  [/^duplicate-variables$/, /\.env\[0\](\.name)?$/],
];

/** @param runs How many malformed stacks each pack has to judge. */
export function describeUnknowns(runs: number): void {
  describe("one unknown value", function () {
    this.timeout(300_000);

    it("hides no other violation, in a pod in which everything is wrong", () => {
      const test = fromManifest(worst);
      const mistakes: string[] = [];
      const before = verdicts(test.props);
      const found = [...before.values()].reduce((sum, outcome) => sum + outcome.violations.length, 0);
      for (const place of places(test.props)) {
        const at = pathOf(place);
        const after = verdicts(withUnknown(test.props, place));
        for (const [name, { violations }] of before) {
          const now = after.get(name)!;
          if (now.error) mistakes.push(`${name}: ${at} unknown: throws ${now.error.message}`);
          const left = new Set(now.violations.map(({ path }) => path));
          for (const { path } of violations) {
            if (left.has(path) || related(path, at)) continue;
            const decides = deciders.some(([rule, where]) => rule.test(name) && where.test(at));
            if (decides && now.undetermined.some((value) => related(value.path, at))) continue;
            mistakes.push(`${name}: ${at} unknown hides ${path}`);
          }
        }
      }
      assert.deepEqual(mistakes, []);
      assert.ok(found > 100, `${found} violations`);
    });
  });

  describe("malformed resources", function () {
    this.timeout(600_000);

    for (const [pack, { rules, stacks, types: tokens }] of Object.entries(damaged)) {
      it(`${runs} of them make no rule throw: ${pack}`, () => {
        const templates = stacks.map((manifests) => ({ manifests, all: places(manifests) }));
        const malformed = fc
          .record({
            type: fc.constantFrom(undefined, ...tokens),
            template: fc.nat(templates.length - 1),
            damage: fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 4 }),
          })
          .map(({ type, template, damage }): TestResource[] => {
            const { manifests, all } = templates[template]!;
            const props = structuredClone(manifests);
            for (const [index, value] of damage) put(props, all[index % all.length]!, structuredClone(value));
            return props.map((own, index) => {
              const given = fromManifest(manifests[index]!);
              return { ...given, type: type ?? given.type, props: isObject(own) ? own : {}, urn: `${index}` };
            });
          });
        fc.assert(
          fc.property(malformed, (resources) => {
            complain(rules, resources);
          }),
          { numRuns: runs },
        );
      });
    }
  });
}

/** What every rule about single resources says of a Deployment. */
function verdicts(props: Record<string, unknown>): Map<string, Outcome> {
  const resource = new Resource({ type: "kubernetes:apps/v1:Deployment", props, urn: "urn", name: "web" });
  const outcomes = new Map<string, Outcome>();
  for (const rule of kubernetesRules) {
    const outcome = rule.kind === "resource" ? evaluateResource(rule, resource) : undefined;
    if (outcome) outcomes.set(rule.name, outcome);
  }
  return outcomes;
}

function related(a: string, b: string): boolean {
  return a === b || isWithin(a, b) || isWithin(b, a);
}

function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length));
}

const kindsWithPods = podBearingKinds.map((kind) => {
  const [group, name] = kind.split("/");
  return `kubernetes:${group === "" ? "core" : group}/v1:${name}`;
});
const types = [
  ...kindsWithPods,
  ...kindsWithPods.map((type) => `${type}Patch`),
  "kubernetes:core/v1:Service",
  "kubernetes:core/v1:Namespace",
  "kubernetes:core/v1:ResourceQuota",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:rbac.authorization.k8s.io/v1:Role",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
  "kubernetes:policy/v1:PodDisruptionBudget",
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
  "kubernetes:flink.apache.org/v1beta1:FlinkDeployment",
  "kubernetes:flink.apache.org/v1beta1:FlinkBlueGreenDeployment",
  "pulumi:pulumi:Stack",
  "kubernetes",
];

/** Anything where something else belongs: in the shape of real resources, so that rules get far. */
const junk = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.string(),
  fc.constant("04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
  fc.constant([]),
  fc.constant({}),
  fc.constant([null, [], {}, "", 0]),
  fc.dictionary(fc.constantFrom("name", "type", "constructor", "__proto__", "0"), fc.integer()),
);

/** Stacks to damage: what the rules' own fixtures show, and for the pack kubernetes pods in which everything is wrong. */
const damaged: Record<
  string,
  { rules: readonly Rule[]; stacks: Record<string, unknown>[][]; types: string[] }
> = {
  kubernetes: { rules: kubernetesRules, stacks: [smaller(), ...others()].map((one) => [one, one]), types },
  flink: {
    rules: flinkRules,
    stacks: Object.values(flinkFixtures).flatMap(({ fails, passes }) =>
      [...fails, ...passes].map(
        ({ manifests }) => JSON.parse(JSON.stringify(manifests)) as Record<string, unknown>[],
      ),
    ),
    types: [],
  },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function smaller(): Record<string, unknown> {
  return deployment({
    containers: [container(bad)],
    volumes: [{ name: "a", hostPath: { path: "/" } }],
  });
}

function others(): Record<string, unknown>[] {
  return [
    { spec: { type: "LoadBalancer", selector: { a: "b" }, externalIPs: ["a"], ports: [{ port: 1 }] } },
    { spec: { tls: [{ hosts: ["a"] }], rules: [{ host: "a" }] }, metadata: { annotations: { a: "b" } } },
    { rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a"] }] },
    { roleRef: { kind: "ClusterRole", name: "admin" }, subjects: [{ kind: "User", name: "a" }] },
    { spec: { ingress: [{ from: [{ ipBlock: { cidr: "a" } }] }], podSelector: { matchLabels: { a: "b" } } } },
    {
      spec: {
        minAvailable: 1,
        selector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
      },
    },
    { spec: { minReplicas: 1, maxReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "web" } } },
    {
      spec: {
        image: "flink",
        podTemplate: worst.spec,
        taskManager: { podTemplate: { spec: { containers: [container()] } } },
      },
    },
  ];
}

function put(props: unknown, place: (string | number)[], value: unknown): void {
  let at: unknown = props;
  for (const key of place.slice(0, -1)) {
    if (typeof at !== "object" || at === null) return;
    at = (at as Record<string | number, unknown>)[key];
  }
  if (typeof at === "object" && at !== null) (at as Record<string | number, unknown>)[place.at(-1)!] = value;
}

function complain(rules: readonly Rule[], tests: readonly TestResource[]): void {
  const inputs = inputsOf(tests);
  const stack = new Stack(inputs);
  const resources = inputs.map((input) => new Resource(input));
  for (const rule of rules) {
    const outcomes =
      rule.kind === "stack"
        ? [evaluateStack(rule, stack)]
        : resources.map((resource) => evaluateResource(rule, resource));
    for (const outcome of outcomes) {
      if (outcome?.error) throw new Error(`${rule.name}: ${outcome.error.stack}`);
      for (const { path, expected } of outcome?.violations ?? []) assert.ok(path !== "" && expected !== "");
    }
  }
}
