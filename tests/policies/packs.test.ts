import assert from "node:assert/strict";
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import type { Problem } from "../../components/problems";
import { readPolicyPacks } from "../../policy-packs";
import { config, jobManager, restService, taskManager } from "../../policies/flink/manifests";
import { container, deployment, pod } from "../../policies/kubernetes/manifests";
import { fixtures as flinkFixtures } from "../../policies/flink/all.fixtures";
import { fixtures as kubernetesFixtures } from "../../policies/kubernetes/all.fixtures";
import { rules as flinkRules } from "../../policies/flink/rules";
import { rules as kubernetesRules } from "../../policies/kubernetes/rules";
import {
  type Diagnostic,
  fromManifest,
  type PackConfig,
  RunningPack,
  secret,
  type TestResource,
  unknown,
} from "../../policies/testing";
import { type InstalledPackage, installPackage } from "../support/installed";
import { projectDir } from "../support/project";

const good = pod({
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    container({
      resources: {
        requests: { cpu: 1, memory: "1Gi" },
        limits: { memory: "1Gi", "ephemeral-storage": "1Gi" },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    }),
  ],
});

/** Each pack in a process of its own, asked as the engine asks. */
describe("the npm package flink-kubernetes-policies", function () {
  this.timeout(300_000);
  let installed: InstalledPackage;
  before(async () => {
    installed = await installPackage("policies");
  });
  after(() => installed?.remove());

  it("has a page for each rule, and the catalogue beside the code", () => {
    const has = (...names: string[]) => existsSync(path.join(installed.folder, ...names));
    for (const { name } of kubernetesRules)
      assert.ok(has("docs", "policies", "kubernetes", `${name}.md`), name);
    for (const { name } of flinkRules) assert.ok(has("docs", "policies", "flink", `${name}.md`), name);
    assert.ok(has("bin", "components", "flink", "catalogue", "2.2.json"));
    assert.ok(!has("bin", "policies", "kubernetes", "all.fixtures.js"));
  });

  describe("its pack kubernetes", () => {
    let pack: RunningPack;
    before(async () => {
      pack = await RunningPack.start(path.join(installed.folder, "bin", "kubernetes"));
    });
    beforeEach(() => pack.configure());
    after(() => pack?.close());

    const found = async (resource: TestResource, level: string) =>
      (await pack.analyze(resource)).diagnostics.filter((d) => d.level === level).map(({ policy }) => policy);

    it("says what it is, with a policy for each rule, the settings and the exemptions", () => {
      assert.equal(pack.info.name, "flink-kubernetes-security");
      const names = pack.info.policies.map(({ name }) => name);
      assert.deepEqual([names[0], names.at(-1)], ["settings", "exemptions"]);
      assert.ok(names.includes("pss-privileged") && names.includes("network-policy"));
      assert.deepEqual(
        pack.info.policies.filter(({ level }) => level === "remediate"),
        [],
        "remediations are off",
      );
    });

    it("finds nothing mandatory in a good pod", async () => {
      assert.deepEqual(await found(fromManifest(good), "mandatory"), []);
    });

    it("says path, actual, expected, fix and page in one line", async () => {
      const { diagnostics } = await pack.analyze(fromManifest(pod({ hostNetwork: true })));
      const { message, level } = diagnostics.find(({ policy }) => policy === "pss-host-namespaces")!;
      assert.equal(level, "mandatory");
      assert.equal(
        message,
        "spec.hostNetwork is true: expected false. Leave it out. (docs/policies/kubernetes/pss-host-namespaces.md)",
      );
    });

    it("reports what is wrong beside an unknown, and the unknown as advice", async () => {
      const resource = fromManifest(
        pod({ hostNetwork: unknown, containers: [container({ securityContext: { privileged: true } })] }),
      );
      assert.ok((await found(resource, "mandatory")).includes("pss-privileged"));
      assert.ok((await found(resource, "advisory")).includes("pss-host-namespaces"));
      await pack.configure({ settings: { onUnknown: "ignore" } });
      assert.ok(!(await found(resource, "advisory")).includes("pss-host-namespaces"));
      await pack.configure({ settings: { onUnknown: "fail" } });
      assert.ok((await found(resource, "mandatory")).includes("pss-host-namespaces"));
    });

    it("takes level and version of the standard from the settings, for all rules or by namespace", async () => {
      const resource = fromManifest(pod({}));
      assert.ok((await found(resource, "mandatory")).includes("pss-run-as-non-root"));
      await pack.configure({ settings: { podSecurityLevel: "baseline" } });
      assert.ok(!(await found(resource, "mandatory")).includes("pss-run-as-non-root"));
      await pack.configure({ settings: { podSecurityNamespaces: { shop: "privileged" } } });
      assert.ok(!(await found(resource, "mandatory")).includes("pss-run-as-non-root"));
      await pack.configure({ "pss-run-as-non-root": "disabled" });
      assert.ok(!(await found(resource, "mandatory")).includes("pss-run-as-non-root"));
    });

    it("exempts for a reason and until a day, and says so", async () => {
      const resource = fromManifest(pod({ hostNetwork: true }));
      const exempt = (expires: string) => ({
        settings: {
          exemptions: [{ rules: ["pss-host-*"], namespace: "shop", reason: "the network agent", expires }],
        },
      });
      await pack.configure(exempt("2999-12-31"));
      assert.ok(!(await found(resource, "mandatory")).includes("pss-host-namespaces"));
      const told = (await pack.analyze(resource)).diagnostics.filter(({ policy }) => policy === "exemptions");
      assert.match(told.map(({ message }) => message).join(), /exempted until 2999-12-31.*the network agent/);
      await pack.configure(exempt("2020-01-01"));
      assert.ok((await found(resource, "mandatory")).includes("pss-host-namespaces"));
      const expired = (await pack.analyze(resource)).diagnostics.find(
        ({ policy }) => policy === "exemptions",
      );
      assert.match(expired!.message, /expired on 2020-01-01/);
    });

    it("never shows a value that may be secret", async () => {
      const env = [{ name: "DB_PASSWORD", value: secret("hunter2") }];
      const { diagnostics } = await pack.analyze(fromManifest(pod({ containers: [container({ env })] })));
      assert.ok(diagnostics.some(({ policy }) => policy === "literal-secrets"));
      assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2/);
    });

    it("changes what is missing when it is told to remediate, keeps secrets, and leaves the exempted alone", async () => {
      const env = [{ name: "DB_PASSWORD", value: secret("hunter2") }];
      const resource = fromManifest(pod({ containers: [container({ env })] }));
      assert.equal(await pack.remediate(resource), undefined);
      await pack.configure({
        "pss-capabilities-restricted": "remediate",
        "pss-seccomp-restricted": "remediate",
        "pss-privilege-escalation": "remediate",
        "pss-run-as-non-root": "remediate",
      });
      const props = (await pack.remediate(resource))!;
      const spec = props.spec as { securityContext: unknown; containers: Record<string, unknown>[] };
      assert.deepEqual(spec.securityContext, {
        seccompProfile: { type: "RuntimeDefault" },
        runAsNonRoot: true,
      });
      assert.deepEqual(spec.containers[0]!.securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
      assert.deepEqual(spec.containers[0]!.env, env);
      assert.ok(!(await found({ ...resource, props }, "mandatory")).includes("pss-capabilities-restricted"));
      const annotations = {
        "flink-kubernetes/exempt.pss-run-as-non-root": "2999-12-31: the image needs root",
      };
      const exempted = (await pack.remediate(fromManifest(pod({}, { annotations }))))!;
      assert.equal(
        (exempted.spec as typeof spec & { securityContext: object }).securityContext !== undefined,
        true,
      );
      assert.ok(!("runAsNonRoot" in (exempted.spec as { securityContext: object }).securityContext));
    });

    it("judges a stack with what belongs together", async () => {
      const budget = fromManifest({
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "web", namespace: "shop" },
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
      });
      const web = fromManifest(deployment({}, { replicas: 2 }));
      const policies = async (...resources: TestResource[]) =>
        (await pack.analyzeStack(resources)).diagnostics.map(({ policy }) => policy);
      assert.ok((await policies(web)).includes("disruption-budget"));
      assert.ok(!(await policies(web, budget)).includes("disruption-budget"));
      assert.ok((await policies(web, budget)).includes("network-policy"));
    });
  });

  describe("its pack flink", () => {
    let pack: RunningPack;
    before(async () => {
      pack = await RunningPack.start(path.join(installed.folder, "bin", "flink"));
    });
    beforeEach(() => pack.configure());
    after(() => pack?.close());

    const options = config({ "jobmanager.rpc.address": "flink-jobmanager", "rest.port": 8081 });
    const exposed = restService({
      type: "LoadBalancer",
      selector: { app: "flink", component: "jobmanager" },
    });
    const policies = ({ diagnostics }: { diagnostics: Diagnostic[] }, level: string) =>
      diagnostics.filter((it) => it.level === level).map(({ policy }) => policy);

    it("says what it is, with a policy for each rule", () => {
      assert.equal(pack.info.name, "flink-safety");
      assert.deepEqual(
        pack.info.policies.map(({ name }) => name),
        ["settings", ...flinkRules.map(({ name }) => name), "exemptions"],
      );
      assert.deepEqual(
        pack.info.policies.filter(({ level }) => level === "remediate"),
        [],
      );
    });

    it("finds in one resource what is wrong with it, and says why and what to write", async () => {
      const old = fromManifest(
        taskManager({
          container: {
            image: "flink:1.18.1",
            resources: { requests: { memory: "1Gi" }, limits: { memory: "2048m" } },
          },
        }),
      );
      const found = await pack.analyze(old);
      for (const name of ["flink-version", "flink-memory-unit", "flink-user"]) {
        assert.ok(policies(found, "mandatory").includes(name), name);
      }
      const { message } = found.diagnostics.find(({ policy }) => policy === "flink-version")!;
      assert.match(
        message,
        /containers\[0\]\.image is Flink 1\.18\.1.*CVE-.*docs\/policies\/flink\/flink-version\.md/,
      );
      assert.ok(found.notApplicable["flink-upgrade-mode"] !== undefined);
    });

    it("finds in a stack what several resources together do, by the catalogue of options", async () => {
      const stack = [jobManager(), taskManager(), options, exposed].map(fromManifest);
      const found = policies(await pack.analyzeStack(stack), "mandatory");
      for (const name of ["flink-rest-exposed", "flink-network-policy", "flink-job-manager-service"]) {
        assert.ok(found.includes(name), name);
      }
      await pack.configure({ "flink-rest-exposed": "disabled", "flink-network-policy": "advisory" });
      const less = await pack.analyzeStack(stack);
      assert.ok(!policies(less, "mandatory").includes("flink-rest-exposed"));
      assert.ok(policies(less, "advisory").includes("flink-network-policy"));
    });

    it("changes what has one answer, when it is told to remediate", async () => {
      const resources = { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } };
      const resource = fromManifest(taskManager({ container: { resources } }));
      assert.equal(await pack.remediate(resource), undefined);
      await pack.configure({ "flink-user": "remediate", "flink-memory-request": "remediate" });
      const props = (await pack.remediate(resource)) as {
        spec: { template: { spec: { securityContext: object; containers: { resources: object }[] } } };
      };
      const { securityContext, containers } = props.spec.template.spec;
      assert.deepEqual(securityContext, { runAsUser: 9999 });
      assert.deepEqual(containers[0]!.resources, { requests: { memory: "2Gi" }, limits: { memory: "2Gi" } });
      const after = (await pack.analyze({ ...resource, props })).diagnostics.map(({ policy }) => policy);
      assert.ok(!after.includes("flink-user") && !after.includes("flink-memory-request"));
    });
  });
});

/** Configurations that change what is said, by pack: levels, options, exemptions, what is unknown. */
const configurations: Readonly<Record<string, PackConfig[]>> = {
  kubernetes: [
    {},
    {
      all: "advisory",
      "pss-privileged": "disabled",
      "pss-host-namespaces": "remediate",
      exemptions: "mandatory",
      settings: {
        onUnknown: "fail",
        exemptions: [
          { rules: ["*"], resource: "web", reason: "to be told", expires: "2999-12-31" },
          { rules: ["image-*"], namespace: "shop", reason: "was long ago", expires: "2020-01-01" },
          { reason: "names no rules", expires: "2999-12-31" },
        ],
      },
    },
    { settings: { onUnknown: "ignore", podSecurityLevel: "baseline" } },
  ],
  flink: [{}, { all: "mandatory", "flink-user": "advisory", settings: { onUnknown: "fail" } }],
};

describe("a pack that is served", function () {
  this.timeout(600_000);
  const fixtures = { kubernetes: kubernetesFixtures, flink: flinkFixtures };
  let installed: InstalledPackage;
  before(async () => {
    installed = await installPackage("policies");
  });
  after(() => installed?.remove());

  for (const name of ["kubernetes", "flink"] as const) {
    it(`says of ${name} exactly what Pulumi's own server says, rule by rule`, async () => {
      const folder = path.join(installed.folder, "bin", name);
      const plain = path.join(installed.folder, "bin", `${name}-plain`);
      cpSync(folder, plain, { recursive: true });
      writeFileSync(
        path.join(plain, "index.js"),
        [
          'const { PolicyPack } = require("@pulumi/policy");',
          'const { packArgs } = require("../policies/core/pack");',
          `const { pack } = require("../policies/${name}/pack");`,
          "new PolicyPack(pack.name, packArgs(pack));",
        ].join("\n"),
      );
      const [served, own] = await Promise.all([folder, plain].map((each) => RunningPack.start(each)));
      try {
        assert.deepEqual(served!.info, own!.info);
        const stacks = Object.values(fixtures[name])
          .flatMap(({ fails, passes }) => [...fails.slice(0, 2), ...passes.slice(0, 1)])
          .map(({ manifests }) => manifests.map(fromManifest));
        const resources = stacks.flatMap(([first]) => [first!, withUnknowns(first!)]);
        for (const config of configurations[name]!) {
          for (const each of [served!, own!]) await each.configure(config);
          for (const resource of resources) {
            assert.deepEqual(await served!.analyze(resource), await own!.analyze(resource));
            assert.deepEqual(await served!.remediate(resource), await own!.remediate(resource));
          }
          for (const stack of stacks)
            assert.deepEqual(await served!.analyzeStack(stack), await own!.analyzeStack(stack));
        }
      } finally {
        for (const each of [served, own]) await each?.close();
      }
    });
  }
});

/** A variant in which parts are unknown, secret, null or of other types. */
function withUnknowns(resource: TestResource): TestResource {
  const spec = resource.props.spec as Record<string, unknown> | undefined;
  const changed = Object.fromEntries(
    Object.entries(spec ?? {}).map(([key, value], index) => [
      key,
      index % 3 === 0 ? unknown : index % 3 === 1 ? secret(value) : value,
    ]),
  );
  const extra = { nothing: null, list: [null, 1.5, true, "", [], {}], __proto: "x", "a.b/c": "ä€🎉" };
  const parent = "urn:pulumi:test::test::my:index:Component::parent";
  return {
    ...resource,
    props: { ...resource.props, spec: changed, extra },
    opts: { protect: true, ignoreChanges: ["spec.replicas"], parent },
    provider: { type: "pulumi:providers:kubernetes", urn: "urn:p", name: "p", props: { namespace: unknown } },
  };
}

describe("the policy packs of a stack", function () {
  this.timeout(900_000);

  it("are refused when they are none, every mistake at once", () => {
    const problems: Problem[] = [];
    readPolicyPacks(
      "p:policyPacks",
      [
        { pack: "kubernets" },
        { pack: "kubernetes", confg: {} },
        { pack: "kubernetes", config: { "image-tag": "mandatry" } },
        "kubernetes",
      ],
      projectDir,
      problems,
    );
    assert.deepEqual(
      problems.map(({ path: at, fix }) => `${at}: ${fix}`),
      [
        "p:policyPacks[0].pack: write kubernetes",
        "p:policyPacks[1].confg: write config",
        'p:policyPacks[2].config["image-tag"]: write mandatory',
        "p:policyPacks[3]: write for example: pack: kubernetes",
      ],
    );
  });

  it("are refused with policies and options that they do not have, each with what was meant", () => {
    const problems: Problem[] = [];
    const exemption = { resource: "web", reason: "the network agent", expires: "2027-03-31" };
    const config = {
      "image-digestt": "mandatory",
      "image-registry": { enforcementLevel: "mandatory", registires: ["a"] },
      "flink-checkpointing": "advisory",
      settings: {
        podSecurityLevel: "restrictd",
        podSecurityVersion: "v34",
        exemptions: [{ ...exemption, rules: ["image-digestt"] }],
      },
      "image-tag": { exemptions: [exemption, { ...exemption, contaner: "web" }] },
      all: "advisory",
      exemptions: "advisory",
      "limit-request-ratio": { onUnknown: "fail", exemptions: { reason: "x" } },
    };
    readPolicyPacks("p:policyPacks", [{ pack: "kubernetes", config }], projectDir, problems);
    const at = "p:policyPacks[0].config";
    const fix =
      "write resource, namespace, labels or image, a reason, and the last day as expires: 2027-03-31";
    assert.deepEqual(
      problems.map(({ path: where, fix }) => `${where}: ${fix}`),
      [
        `${at}["image-digestt"]: write image-digest`,
        `${at}["image-registry"].registires: write registries`,
        `${at}["flink-checkpointing"]: use one of those in docs/policies/kubernetes/README.md`,
        `${at}.settings.podSecurityLevel: write restricted`,
        `${at}.settings.podSecurityVersion: write what matches ^(latest|v1\\.[0-9]+)$`,
        `${at}.settings.exemptions[0]: ${fix}`,
        `${at}["image-tag"].exemptions[1]: ${fix}`,
        `${at}["limit-request-ratio"].exemptions: write a list, also for one entry`,
      ],
    );
    const reasons = problems.flatMap(({ reason }) => (/exemption/.test(reason) ? [reason] : []));
    assert.deepEqual(reasons, [
      "this exemption would have no effect: there is no rule image-digestt (did you mean image-digest?)",
      "this exemption would have no effect: an exemption has no field contaner (did you mean container?)",
    ]);
  });

  it("run in npm run check: exit code 1 for a mandatory finding, 0 without", async () => {
    const file = path.join(projectDir, "Pulumi.test-check.yaml");
    const check = async (config: string, ...options: string[]) => {
      const stack = [
        "config:",
        "  flink-kubernetes:cluster:",
        "    name: shop",
        "    flinkVersion: 2.2.1",
        "  flink-kubernetes:policyPacks:",
        "    - pack: kubernetes",
        config,
      ];
      writeFileSync(file, stack.join("\n"));
      const args = ["local/bootstrap.mjs", "check", "--stack", "test-check", ...options];
      return execa("node", args, { cwd: projectDir, reject: false, all: true });
    };
    try {
      const plain = await check("");
      assert.match(plain.all, /^\d+ object\(s\): 0 mandatory and \d+ advisory finding\(s\)\.$/m);
      assert.equal(plain.exitCode, 0, plain.all);
      const strict = await check("      config:\n        image-digest: mandatory\n");
      assert.match(
        strict.all,
        /^mandatory medium image-digest: Deployment shop-jobmanager: spec\.template.*flink:2\.2\.1/m,
      );
      assert.equal(strict.exitCode, 1);
      const { stdout, exitCode } = await check(
        "      config:\n        image-digest: mandatory\n",
        ...["--format", "sarif", "--fail-on", "critical"],
      );
      const { runs } = JSON.parse(stdout) as {
        runs: { tool: { driver: { name: string } }; results: { ruleId: string; locations: unknown }[] }[];
      };
      assert.equal(exitCode, 0, "no finding is critical");
      assert.equal(runs[0]!.tool.driver.name, "flink-kubernetes-security");
      const places = runs[0]!.results.filter(({ ruleId }) => ruleId === "image-digest");
      assert.match(
        JSON.stringify(places.map(({ locations }) => locations)),
        /"Deployment shop-jobmanager spec\.template\.spec\.\w+\[0\]\.image"/,
      );
      const unknown = await check("", "--format", "xml");
      assert.match(unknown.all, /--format xml: write one of text, json, sarif, junit, github\./);
      assert.equal(unknown.exitCode, 2);
      const misspelt = await check(
        "      config:\n        image-digests: mandatory\n  flink-kubernetes:jobs: [{ name: a }]\n",
      );
      assert.match(
        misspelt.all,
        /2 problems [^]*jobs\[0\]\.jar[^]*"image-digests"\][^]*Fix: write image-digest\n/,
      );
      assert.equal(misspelt.exitCode, 1);
    } finally {
      rmSync(file, { force: true });
    }
  });
});
