import assert from "node:assert/strict";
import {
  type Analysis,
  Analyzer,
  containerRule,
  evaluateResource,
  evaluateStack,
  isInternet,
  option,
  podRule,
  type PolicyConfig,
  Resource,
  selects,
  Stack,
  type Rule,
  type StackRule,
  stackRule,
  UNKNOWN,
} from "../../policies/core";
import { packArgs } from "../../policies/core/pack";
import { autoscaler } from "../../policies/kubernetes/availability/autoscaler";
import {
  fromManifest,
  inputOf,
  type TestResource,
  validateResource,
  validateStack,
} from "../../policies/testing";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";

const noHostNetwork = podRule({
  name: "no-host-network",
  description: "Pods have a network of their own.",
  why: "",
  level: "mandatory",
  severity: "high",
  options: {
    allow: option<string[]>([], "Names of resources that may.", {
      type: "array",
      items: { type: "string" },
    }),
  },
  check(pod, run, resource) {
    const hostNetwork = pod.spec.get("hostNetwork");
    if (hostNetwork.boolean() !== true || run.config.allow.includes(resource.name)) return;
    run.violation(hostNetwork, { expected: "false", fix: "Leave it out." });
  },
  fixes: (pod) => [{ at: pod.spec.get("hostNetwork"), value: false }],
});

const hasImage = containerRule({
  name: "image",
  description: "Every container names an image.",
  why: "",
  level: "mandatory",
  severity: "low",
  check(container, run) {
    const image = container.get("image");
    if (image.isMissing) run.violation(image, { expected: "an image", fix: "Name one." });
  },
});

const pod = { containers: [{ name: "a" }, { name: "b", image: UNKNOWN }], hostNetwork: true };
const deployment = fromManifest({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", labels: { team: "a" } },
  spec: { template: { spec: pod } },
});

function named(name: string, fields: object = {}) {
  return { spec: { containers: [{ name, ...fields }] } };
}

function resourceOf(test: TestResource): Resource {
  return new Resource(inputOf(test));
}

/** The policies of a pack that has these rules, with its own ones around them. */
function policiesOf(rules: readonly Rule[]) {
  return packArgs({ name: "test", displayName: "Test", description: "", rules, pages: "docs/" }).policies;
}

describe("the base of the policy packs", () => {
  it("finds pods in every kind that runs them, by group and kind, and in patches", () => {
    const template = { spec: pod };
    for (const [apiVersion, kind, spec] of [
      ["v1", "Pod", pod],
      ["v1", "ReplicationController", { template }],
      ["apps/v1", "StatefulSet", { template }],
      ["apps/v1beta2", "Deployment", { template }],
      ["extensions/v1beta1", "DaemonSet", { template }],
      ["batch/v1", "CronJob", { jobTemplate: { spec: { template } } }],
      ["batch/v1", "JobPatch", { template }],
      ["argoproj.io/v1alpha1", "Rollout", { template }],
      ["apps.openshift.io/v1", "DeploymentConfig", { template }],
      ["serving.knative.dev/v1", "Service", { template }],
      ["jobset.x-k8s.io/v1alpha2", "JobSet", { replicatedJobs: [{ template: { spec: { template } } }] }],
      ["ray.io/v1", "RayCluster", { headGroupSpec: { template } }],
    ] as const) {
      const found = resourceOf(fromManifest({ apiVersion, kind, metadata: { name: "x" }, spec }));
      assert.equal(found.pods.length, 1, kind);
      assert.equal(found.pods[0]!.containers.length, 2, kind);
    }
    const service = fromManifest({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "x" },
      spec: { template },
    });
    assert.equal(resourceOf(service).pods.length, 0);
    const elsewhere = { workloadRef: { kind: "Deployment", name: "web" } };
    const rollout = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec: elsewhere };
    assert.equal(resourceOf(fromManifest(rollout)).pods.length, 0);
  });

  it("finds the pods of other kinds where the settings say that they are", async () => {
    const policies = policiesOf([noHostNetwork]);
    const [settings, rule] = policies as [ResourceValidationPolicy, ResourceValidationPolicy];
    const groups = [
      { template: { spec: { containers: [] } } },
      { template: { spec: { hostNetwork: true } } },
    ];
    const spec = { groups, extra: { a: { spec: { hostNetwork: true } } } };
    let count = 0;
    const found = async (podTemplates: object) => {
      const metadata = { name: `x${count++}` };
      const fleet = fromManifest({ apiVersion: "example.com/v1", kind: "Fleet", metadata, spec });
      await validateResource(settings, fleet, { config: { podTemplates } });
      const { violations, notApplicable } = await validateResource(rule, fleet);
      return notApplicable === undefined ? violations.map(({ message }) => message.split(" ")[0]) : undefined;
    };
    const path = "spec.groups[1].template.spec.hostNetwork";
    assert.deepEqual(await found({ "example.com/Fleet": "spec.groups[*].template" }), [path]);
    assert.deepEqual(await found({ "example.com/Fleet": "spec.groups[*].template, spec.extra.*" }), [
      path,
      "spec.extra.a.spec.hostNetwork",
    ]);
    assert.deepEqual(await found({ "example.com/Other": "spec.groups[*].template" }), undefined);
    assert.deepEqual(await found({}), undefined);
  });

  it("merges the pod templates of a FlinkDeployment for each role, and adds Flink's container", () => {
    const resource = resourceOf(
      fromManifest({
        apiVersion: "flink.apache.org/v1beta1",
        kind: "FlinkDeployment",
        metadata: { name: "x" },
        spec: {
          image: "flink:2.2.1",
          podTemplate: { spec: { hostNetwork: true, containers: [{ name: "sidecar", image: "a" }] } },
          taskManager: { podTemplate: { spec: { hostNetwork: false } } },
        },
      }),
    );
    const [jobManager, taskManager] = resource.pods;
    assert.equal(jobManager!.spec.get("hostNetwork").boolean(), true);
    assert.equal(taskManager!.spec.get("hostNetwork").boolean(), false);
    assert.deepEqual(
      taskManager!.containers.map((c) => [c.name, c.get("image").text(), c.get("image").path]),
      [
        ["sidecar", "a", "spec.podTemplate.spec.containers[0].image"],
        ["flink-main-container", "flink:2.2.1", "spec.image"],
      ],
    );
  });

  it("finds one mistake of a FlinkDeployment once, at the place where it is written", () => {
    const found = (spec: Record<string, unknown>) =>
      evaluateResource(
        hasImage,
        resourceOf(
          fromManifest({
            apiVersion: "flink.apache.org/v1beta1",
            kind: "FlinkDeployment",
            metadata: { name: "x" },
            spec,
          }),
        ),
      )!.violations.map(({ path }) => path);
    const [main, log] = ["flink-main-container", "log"];
    assert.deepEqual(found({}), ["spec.image"]);
    assert.deepEqual(found({ image: "a", podTemplate: named(log) }), [
      "spec.podTemplate.spec.containers[0].image",
    ]);
    const roles = { jobManager: { podTemplate: named(log) }, taskManager: { podTemplate: named(main) } };
    assert.deepEqual(found({ image: "a", ...roles }), [
      "spec.jobManager.podTemplate.spec.containers[0].image",
    ]);
    const own = { podTemplate: named(main), taskManager: { podTemplate: named(main, { image: "b" }) } };
    assert.deepEqual(found(own), ["spec.image"]);
  });

  it("gives Flink's container the CPU and memory that the operator makes of the custom resource", () => {
    const template = named("flink-main-container", {
      resources: { limits: { cpu: 9, "example.com/gpu": 1 } },
    });
    const [jobManager, taskManager] = resourceOf(
      fromManifest({
        apiVersion: "flink.apache.org/v1beta1",
        kind: "FlinkDeployment",
        metadata: { name: "x" },
        spec: {
          podTemplate: template,
          jobManager: { resource: { cpu: 0.5, memory: "2g", ephemeralStorage: "3Gi" } },
          taskManager: { resources: { requests: { cpu: 2 }, limits: { memory: "4Gi" } } },
        },
      }),
    ).pods.map(({ containers }) => containers[0]!.get("resources"));
    assert.deepEqual(jobManager!.plain(), {
      requests: { cpu: 0.5, memory: "2048Mi", "ephemeral-storage": "3072Mi" },
      limits: { cpu: 0.5, "example.com/gpu": 1, memory: "2048Mi", "ephemeral-storage": "3072Mi" },
    });
    assert.deepEqual(taskManager!.plain(), {
      requests: { cpu: 2, memory: "1728Mi" },
      limits: { cpu: "1", "example.com/gpu": 1, memory: "4Gi" },
    });
    assert.equal(jobManager!.get("limits", "memory").path, "spec.jobManager.resource.memory");
    assert.equal(taskManager!.get("limits", "memory").path, "spec.taskManager.resources.limits.memory");
  });

  it("goes on behind an unknown, and says what it could not decide", () => {
    const outcome = evaluateResource(hasImage, resourceOf(deployment))!;
    assert.deepEqual(
      outcome.violations.map(({ path }) => path),
      ["spec.template.spec.containers[0].image"],
    );
    assert.deepEqual(
      outcome.undetermined.map(({ path }) => path),
      ["spec.template.spec.containers[1].image"],
    );
  });

  it("does not ask a patch for what it leaves to others", () => {
    const patch = resourceOf({ ...deployment, type: "kubernetes:apps/v1:DeploymentPatch" });
    assert.deepEqual(evaluateResource(hasImage, patch)!.violations, []);
    assert.equal(evaluateResource(noHostNetwork, patch)!.violations.length, 1);
  });

  it("exempts by configuration and by annotation until a day, with a reason, and only then", () => {
    const resource = resourceOf(deployment);
    const count = (own: object, today = "2026-06-01") =>
      evaluateResource(noHostNetwork, resource, { own: own as Record<string, unknown>, today })!;
    const reason = "the agent reads the host's traffic";
    const expires = "2026-06-01";
    for (const conditions of [
      { resource: "w*" },
      { namespace: "shop" },
      { labels: { team: "a" } },
      { namespace: "*", labels: { team: "*" } },
    ]) {
      const outcome = count({ exemptions: [{ ...conditions, reason, expires }] });
      assert.equal(outcome.violations.length, 0, JSON.stringify(conditions));
      assert.equal(outcome.exempted.length, 1);
    }
    const expired = count({ exemptions: [{ resource: "web", reason, expires }] }, "2026-06-02");
    assert.equal(expired.violations.length, 1);
    assert.equal(expired.exemptionProblems[0]!.exemption.state, "expired");
    for (const wrong of [
      { resource: "web", expires },
      { resource: "web", reason },
      { reason, expires },
      { namespace: "other", reason, expires },
      { resource: "web", labels: { team: "b" }, reason, expires },
      { resource: "web", reason, expires: "2026-02-30" },
      { ressource: "web", namespace: "shop", reason, expires },
      { resource: "web", label: { team: "a" }, reason, expires },
      { resource: "web", labels: ["a"], reason, expires },
      { resource: "web", container: "", reason, expires },
      { container: "a", path: "*", reason, expires },
      "web",
    ]) {
      assert.equal(count({ exemptions: [wrong] }).violations.length, 1, JSON.stringify(wrong));
    }
    const misspelt = count({ exemptions: [{ ressource: "web", namespace: "shop", reason, expires }] });
    assert.match(
      JSON.stringify(misspelt.exemptionProblems),
      /an exemption has no field ressource \(did you mean resource\?\)/,
    );
    const annotated = (value: string) =>
      evaluateResource(
        noHostNetwork,
        resourceOf(
          fromManifest({
            ...deployment.props,
            metadata: {
              name: "web",
              annotations: { "flink-kubernetes/exempt.no-host-network": value },
            },
          }),
        ),
        { today: "2026-06-01" },
      )!;
    assert.equal(annotated(`2026-06-01: ${reason}`).violations.length, 0);
    assert.equal(annotated(`2026-05-31: ${reason}`).violations.length, 1);
    assert.equal(annotated("because I say so").violations.length, 1);
  });

  it("exempts one container, image or place, and nothing beside it", () => {
    const images = ["registry.example/agents/log:1", "registry.example/web:1", UNKNOWN];
    const containers = images.map((image, index) => ({ name: `c${index}`, image }));
    const resource = resourceOf(
      fromManifest({ apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers } }),
    );
    const hasPolicy = containerRule({
      name: "pull-policy",
      description: "",
      why: "",
      level: "mandatory",
      severity: "low",
      check(container, run) {
        const value = container.get("imagePullPolicy");
        if (value.isMissing) run.violation(value, { expected: "a policy", fix: "Write one." });
      },
    });
    const left = (conditions: object) => {
      const exemptions = [{ resource: "web", ...conditions, reason: "an agent", expires: "2026-06-01" }];
      const outcome = evaluateResource(hasPolicy, resource, { own: { exemptions }, today: "2026-06-01" })!;
      return outcome.violations.map(({ path }) => path.replace(/\D/g, "")).join();
    };
    assert.equal(left({}), "");
    assert.equal(left({ container: "c1" }), "0,2");
    assert.equal(left({ container: "c*", path: "spec.containers[2].*" }), "0,1");
    assert.equal(left({ image: "registry.example/agents/*" }), "1,2");
    assert.equal(left({ image: "registry.example/*" }), "0,2");
    assert.equal(left({ container: "c1", image: "registry.example/agents/*" }), "0,1,2");
    assert.equal(left({ path: "spec.containers[0]" }), "0,1,2");
  });

  it("has an end to exemptions in the distance that the settings allow, for configuration and annotations", () => {
    const annotations = { "flink-kubernetes/exempt.no-host-network": "2026-07-31: the network agent" };
    const metadata = { name: "web", annotations };
    const problems = (longestExemption: number, own: object, manifest: Record<string, unknown>) =>
      evaluateResource(noHostNetwork, resourceOf(fromManifest(manifest)), {
        own: own as Record<string, unknown>,
        settings: { longestExemption },
        today: "2026-07-01",
      })!;
    const listed = {
      exemptions: [{ resource: "web", reason: "the network agent", expires: "2026-07-31" }],
    };
    for (const [own, manifest] of [
      [listed, deployment.props],
      [{}, { ...deployment.props, metadata }],
    ] as const) {
      assert.equal(problems(30, own, manifest).violations.length, 0);
      assert.equal(problems(0, own, manifest).violations.length, 0);
      const late = problems(29, own, manifest);
      assert.equal(late.violations.length, 1);
      assert.match(JSON.stringify(late.exemptionProblems), /more than 29 days from today/);
    }
  });

  it("takes no exemption at settings that does not say of which rules it is one", () => {
    const exempt = (rules?: string[]) => {
      const exemptions = [{ resource: "web", reason: "the network agent", expires: "2999-12-31", rules }];
      return evaluateResource(noHostNetwork, resourceOf(deployment), { settings: { exemptions } })!;
    };
    assert.equal(exempt(["no-*"]).violations.length, 0);
    assert.equal(exempt().violations.length, 1);
    assert.match(JSON.stringify(exempt().exemptionProblems), /in settings it must name rules/);
  });

  it("counts addresses: a quarter of the internet is the internet, however it is written", () => {
    const of = (...cidrs: string[]) => isInternet(cidrs.map((cidr) => ({ cidr })));
    const without = (...except: string[]) => isInternet([{ cidr: "0.0.0.0/0", except }]);
    for (const cidrs of [
      ["0.0.0.0/0"],
      ["0.0.0.0/1", "128.0.0.0/1"],
      ["32.0.0.0/3", "64.0.0.0/3"],
      [" 0.0.0.0/0 "],
      ["::/0"],
      ["2000::/3"],
      ["2000::/5"],
      ["2000::/6", "2400::/6"],
      ["::255.255.255.255/0"],
    ])
      assert.equal(of(...cidrs), true, cidrs.join());
    for (const cidrs of [
      [],
      ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
      ["224.0.0.0/3", "0.0.0.0/8"],
      ["32.0.0.0/3"],
      ["32.0.0.0/3", "32.0.0.0/4", "48.0.0.0/4"],
      ["2000::/6"],
      ["fc00::/7"],
      ["8.8.8.8/32"],
      ["0.0.0.0/33", "0.0.0.0/", "0.0.0.0", "0.0.0.0/-1", "::/129", "a/0"],
    ])
      assert.equal(of(...cidrs), false, cidrs.join());
    // Some thousand addresses less than a quarter, to which what is nobody's adds nothing.
    const nearly = [
      ...[
        "32.0.0.0/3",
        "64.0.0.0/4",
        "80.0.0.0/6",
        "84.0.0.0/7",
        "86.0.0.0/8",
        "87.0.0.0/11",
        "87.32.0.0/13",
      ],
      ...["87.40.0.0/15", "87.42.0.0/16"],
    ];
    assert.equal(of(...nearly), false);
    assert.equal(of(...nearly, "87.43.0.0/17"), true);
    for (const cidr of [
      ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"],
      ...["172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"],
    ])
      assert.equal(of(...nearly, cidr), false, cidr);
    assert.equal(without("10.0.0.0/8"), true);
    assert.equal(without("0.0.0.0/1", "128.0.0.0/2"), false);
    assert.equal(without("0.0.0.0/0"), false);
  });

  it("takes options from the rule's configuration, from settings for shared ones, else the default", () => {
    const resource = resourceOf(deployment);
    assert.equal(evaluateResource(noHostNetwork, resource)!.violations.length, 1);
    const own = { allow: ["web"] };
    assert.equal(evaluateResource(noHostNetwork, resource, { own })!.violations.length, 0);
    assert.equal(evaluateResource(noHostNetwork, resource, { settings: own })!.violations.length, 1);
  });

  it("is asked without a protocol: levels, what is not known, exemptions and whether they are used", () => {
    const rules = [hasImage, noHostNetwork];
    const pack = { name: "test", displayName: "Test", description: "", rules, pages: "docs/" };
    const analyzer = new Analyzer(pack);
    const lines = ({ findings }: Analysis) =>
      findings.map(({ policy, level, isUndetermined }) => `${level} ${policy}${isUndetermined ? "?" : ""}`);
    const found = (config: PolicyConfig, test = deployment) => {
      analyzer.configure(config);
      return lines(analyzer.analyze(inputOf(test)));
    };
    const exempting = (resource: string) => ({
      options: { exemptions: [{ resource, reason: "the network agent", expires: "2999-12-31" }] },
    });
    const used = { "no-host-network": exempting("web") };
    const unused = { "no-host-network": exempting("other") };
    analyzer.configure(unused);
    assert.deepEqual(lines(analyzer.analyzeStack([inputOf(deployment)])), [], "nothing was asked yet");
    const images = ["mandatory image", "advisory image?"];
    assert.deepEqual(found({}), [...images, "mandatory no-host-network"]);
    assert.equal(analyzer.canRemediate, false);
    assert.deepEqual(found({ image: { level: "disabled", options: {} } }), ["mandatory no-host-network"]);
    assert.deepEqual(found({ "no-host-network": { level: "advisory", options: {} } }), [
      ...images,
      "advisory no-host-network",
    ]);
    assert.deepEqual(found({ "no-host-network": { level: "remediate", options: {} } }), [
      ...images,
      "mandatory no-host-network",
    ]);
    assert.equal(analyzer.canRemediate, true);
    assert.deepEqual(found({ image: { options: { onUnknown: "ignore" } } }), [
      "mandatory image",
      "mandatory no-host-network",
    ]);
    assert.deepEqual(found(used), [...images, "advisory exemptions"]);
    assert.deepEqual(lines(analyzer.analyzeStack([inputOf(deployment)])), []);
    assert.deepEqual(found({ ...used, exemptions: { level: "mandatory", options: {} } }), [
      ...images,
      "mandatory exemptions",
    ]);
    assert.deepEqual(found({ ...used, exemptions: { level: "disabled", options: {} } }), images);
    assert.deepEqual(found(unused), [...images, "mandatory no-host-network"]);
    const [finding, ...others] = analyzer.analyzeStack([inputOf(deployment)]).findings;
    assert.match(finding!.text, /no-host-network matches nothing: .*"other"/);
    assert.deepEqual([finding!.policy, finding!.level, others.length], ["exemptions", "advisory", 0]);
    const service = fromManifest({ apiVersion: "v1", kind: "Service", metadata: { name: "x" } });
    assert.deepEqual(analyzer.analyze(inputOf(service)), { findings: [], notApplicable: rules });
    const fleet = fromManifest({
      apiVersion: "example.com/v1",
      kind: "Fleet",
      spec: { template: { spec: pod } },
    });
    assert.deepEqual(found({}, fleet), []);
    const podTemplates = { "example.com/Fleet": "spec.template" };
    assert.deepEqual(found({ settings: { options: { podTemplates } } }, fleet), [
      ...images,
      "mandatory no-host-network",
    ]);
    assert.throws(() => found({ image: { options: { alow: [] } } }), /image has no option alow/);
    assert.throws(
      () => found({ settings: { options: { onUnknwon: "" } } }),
      /settings has no option onUnknwon/,
    );
  });

  it("joins a stack by kind, parent and selector", () => {
    const rule = stackRule({
      name: "budget",
      description: "Every Deployment has a disruption budget.",
      why: "",
      level: "advisory",
      severity: "low",
      applies: (stack) => stack.kinds("apps/Deployment").length > 0,
      check(stack, run) {
        for (const { pod, resource } of stack.pods) {
          const budgets = stack.kinds("PodDisruptionBudget");
          const found = budgets.map((b) => selects(b.spec.get("selector"), pod.metadata.get("labels")));
          if (found.some((selected) => selected !== false)) continue;
          run.violation(resource.spec, { expected: "a budget", fix: "Add one.", actual: false });
        }
      },
    });
    const labelled = (labels: object) =>
      fromManifest({
        ...deployment.props,
        spec: { template: { metadata: { labels }, spec: pod } },
      });
    const budget = fromManifest({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: {
        selector: { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] },
      },
    });
    const count = (...tests: TestResource[]) =>
      evaluateStack(rule, new Stack(tests.map(inputOf)))?.violations.length;
    assert.equal(count(budget), undefined);
    assert.equal(count(labelled({ app: "web", tier: "a" }), budget), 0);
    assert.equal(count(labelled({ app: "web" }), budget), 1);
    assert.equal(count(labelled({ app: "web", tier: UNKNOWN }), budget), 0);
  });

  it("finds objects of a large stack by name and by what they select, and all that may be them while something is unknown", () => {
    const service = (name: string, selector: unknown) =>
      fromManifest({ apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector } });
    const made = (...services: TestResource[]) => new Stack(services.map(inputOf));
    const web = service("web", { app: "web", tier: "front" });
    const shop = service("shop", { app: "shop", tier: "front" });
    const selecting = (stack: Stack, labels: object) =>
      stack
        .selecting(
          "/Service",
          ({ spec }) => spec.get("selector"),
          new Resource(inputOf(fromManifest({ apiVersion: "v1", kind: "Pod", labels }))).props.get("labels"),
        )
        .map(({ name }) => name);
    assert.deepEqual(selecting(made(web, shop), { app: "web", tier: "front", pod: "a" }), ["web"]);
    assert.deepEqual(selecting(made(web, shop), { app: "web", tier: UNKNOWN }), ["web", "shop"]);
    const hidden = [service("any", {}), service("later", { app: UNKNOWN }), service("unknown", UNKNOWN)];
    assert.deepEqual(selecting(made(web, ...hidden), { app: "other" }), ["any", "later", "unknown"]);
    const stack = made(web, shop, service(UNKNOWN, {}));
    assert.deepEqual(
      stack.named("/Service", "web").map(({ name }) => name),
      ["web"],
    );
    assert.deepEqual(stack.named("/Service", "other"), []);
    const noted = stack.resources.map((resource) => resource.takeUnknowns().map(({ path }) => path));
    assert.deepEqual(noted, [[], [], ["metadata.name"]]);
  });

  it("makes what all need once for each rule, which notes its own unknowns", () => {
    let made = 0;
    const rule = (name: string) =>
      stackRule({
        name,
        description: "",
        why: "",
        level: "advisory",
        severity: "low",
        applies: () => true,
        check: (stack) => {
          for (const each of [1, 2])
            void stack.once(`names ${each > 0}`, () => (made++, stack.resources[0]!.objectName));
        },
      });
    const stack = new Stack([
      inputOf(fromManifest({ apiVersion: "v1", kind: "Pod", metadata: { name: UNKNOWN } })),
    ]);
    for (const name of ["first", "second"]) {
      assert.deepEqual(
        evaluateStack(rule(name), stack)!.undetermined.map(({ path }) => path),
        ["metadata.name"],
      );
    }
    assert.equal(made, 2);
  });

  it("knows what an update leaves as it is: an autoscaler's target may have any number then", () => {
    const target = (opts: TestResource["opts"]): TestResource => ({
      ...fromManifest({
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web" },
        spec: { replicas: 9, template: { spec: pod } },
      }),
      opts,
    });
    const scaler = fromManifest({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: { maxReplicas: 4, scaleTargetRef: { kind: "Deployment", name: "web" } },
    });
    const count = (opts: TestResource["opts"]) =>
      evaluateStack(autoscaler as StackRule, new Stack([target(opts), scaler].map(inputOf)))!.violations
        .length;
    assert.equal(count({}), 1);
    assert.equal(count({ ignoreChanges: ["spec.replicas"] }), 0);
  });

  it("tells of exemptions that do nothing, name no rule or end soon, and refuses options that there are not", async () => {
    const policies = policiesOf([noHostNetwork]);
    type Both = ResourceValidationPolicy & StackValidationPolicy;
    const [settings, rule, exemptions] = policies as [Both, Both, Both];
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const base = { resource: "web", reason: "the network agent", expires: day(3) };
    const config = {
      exemptions: [
        { ...base, rules: ["no-host-*"] },
        { ...base, rules: ["no-host-*"], resource: "other" },
        { ...base, rules: ["no-hots-network"] },
        { ...base, rules: ["*"], ressource: "web" },
      ],
    };
    const told = async () => {
      await validateResource(settings, deployment, { config });
      await validateResource(rule, deployment);
      const one = await validateResource(exemptions, deployment);
      const all = await validateStack(exemptions, [deployment]);
      return [...one.violations, ...all.violations].map(({ message }) => message);
    };
    const [used, ...others] = await told();
    assert.match(used!, new RegExp(`exempted until ${day(3)}, which is in 3 days`));
    const expected = [
      /has no field ressource/,
      /settings matches nothing: .*"other"/,
      /there is no rule no-hots-network \(did you mean no-host-network\?\)/,
      /has no field ressource \(did you mean resource\?\)/,
    ];
    assert.equal(others.length, expected.length, others.join("\n"));
    expected.forEach((pattern, index) => assert.match(others[index]!, pattern));
    await assert.rejects(
      validateResource(rule, deployment, { config: { alow: ["web"] } }),
      /no-host-network has no option alow.*Write allow\./,
    );
    await assert.rejects(
      validateResource(settings, deployment, { config: { onUnknwon: "fail" } }),
      /settings has no option onUnknwon.*Write onUnknown\./,
    );
  });

  it("becomes a policy that reports violations before it says what was unknown, in one form", async () => {
    const policies = policiesOf([hasImage, noHostNetwork]);
    const named = (name: string) =>
      policies.find((policy) => policy.name === name) as ResourceValidationPolicy;
    const images = await validateResource(named("image"), deployment);
    assert.deepEqual(
      images.violations.map(({ message }) => message),
      ["spec.template.spec.containers[0].image is not set: expected an image. Name one. (docs/image.md)"],
    );
    assert.match(images.undetermined!, /not known before the update: .*containers\[1\]\.image/);
    const service = fromManifest({ apiVersion: "v1", kind: "Service", metadata: { name: "x" } });
    const other = await validateResource(named("image"), service);
    assert.equal(typeof other.notApplicable, "string");
    const failing = await validateResource(named("image"), deployment, { config: { onUnknown: "fail" } });
    assert.equal(failing.violations.length, 2);
    assert.equal(failing.undetermined, undefined);
    const silent = await validateResource(named("image"), deployment, { config: { onUnknown: "ignore" } });
    assert.deepEqual([silent.violations.length, silent.undetermined], [1, undefined]);
  });
});
