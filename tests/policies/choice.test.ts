import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Problem } from "../../components/problems";
import { run as runProgram } from "../../policies/cli/run";
import {
  type Choice,
  controlsOf,
  evaluateResource,
  type FrameworkName,
  frameworks,
  levelsOf,
  Resource,
  tagsOf,
  withChoice,
} from "../../policies/core";
import { packArgs } from "../../policies/core/pack";
import { pack as flink } from "../../policies/flink/pack";
import { pod } from "../../policies/kubernetes/manifests";
import { protectedClaims } from "../../policies/kubernetes/objects/protected-claims";
import { pack as kubernetes } from "../../policies/kubernetes/pack";
import { fromManifest, inputOf } from "../../policies/testing";
import { readPolicyPacks } from "../../policy-packs";
import { projectDir } from "../support/project";

const packs = [kubernetes, flink];

describe("what rules say of themselves", () => {
  for (const pack of packs) {
    it(`is why, what to do, a public text, and tags: ${pack.name}`, () => {
      for (const rule of pack.rules) {
        const { name, why, remediation = "", reference } = rule;
        assert.ok(why.length > 20, `${name}: why`);
        assert.match(remediation, /^[A-Z].*\.$|^[A-Z].*…$/s, `${name}: what to do`);
        assert.match(reference?.url ?? "", /^https:\/\/[a-z.]+\//, `${name}: reference`);
        assert.ok((reference?.title.length ?? 0) > 5, `${name}: title`);
        assert.ok(tagsOf(rule, pack).length > 0, `${name}: tags`);
      }
    });
  }

  it("is told to the engine, by Pulumi's own fields", () => {
    const policies = packArgs(kubernetes).policies;
    const { severity, framework, tags, remediationSteps, url } = policies.find(
      ({ name }) => name === "pss-host-namespaces",
    )!;
    assert.equal(severity, "high");
    assert.deepEqual(framework, {
      name: "CIS Kubernetes Benchmark",
      version: "1.10",
      reference: "5.2.3, 5.2.4, 5.2.5",
      specification: ["process ID", "IPC", "network"]
        .map((what) => `Minimize the admission of containers wishing to share the host ${what} namespace`)
        .join("; "),
    });
    assert.deepEqual(tags, [
      ...["pod-security-standards", "cis", "nsa-cisa", "cis-5.2.3", "cis-5.2.4", "cis-5.2.5"],
      "nsa-cisa-pod-security",
    ]);
    assert.equal(
      remediationSteps,
      "Leave out hostNetwork, hostPID and hostIPC, and reach the pod through a Service. (docs/policies/kubernetes/pss-host-namespaces.md)",
    );
    assert.equal(url, "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline");
  });

  it("answers to every control of a framework that is listed", () => {
    const answered = packs.flatMap(({ rules }) =>
      rules.flatMap(({ controls }) => controlsOf(controls).map(({ framework, id }) => `${framework} ${id}`)),
    );
    for (const name of Object.keys(frameworks) as FrameworkName[]) {
      for (const id of Object.keys(frameworks[name].controls))
        assert.ok(answered.includes(`${name} ${id}`), id);
    }
  });
});

describe("a choice of rules", () => {
  const levels = (choice: Choice) => levelsOf(kubernetes, choice);

  it("is all of them at their own levels without one", () => {
    assert.deepEqual(levels({}), {});
    assert.deepEqual(levels({ preset: "default", severity: "low" }), {});
  });

  it("by severity turns the others off", () => {
    const made = levels({ severity: "high" });
    assert.equal(made["image-tag"], "disabled", "medium");
    assert.equal(made.probes, "disabled", "low");
    assert.ok(!("pss-privileged" in made) && !("ingress-tls" in made), "critical and high");
    const on = kubernetes.rules.filter(({ name, level }) => (made[name] ?? level) !== "disabled");
    assert.deepEqual([...new Set(on.map(({ severity }) => severity))].sort(), ["critical", "high"]);
  });

  it("by framework turns the others off, and has those advise that are off by default", () => {
    const made = levels({ frameworks: ["cis"] });
    assert.equal(made["secrets-in-environment"], "advisory");
    assert.equal(made["image-tag"], "disabled");
    assert.ok(!("pss-privileged" in made), "as it is: mandatory");
    assert.deepEqual(
      Object.entries(levels({ frameworks: ["pci-dss"] })).filter(([, level]) => level !== "disabled"),
      [],
    );
    assert.ok(!("network-policy" in levels({ frameworks: ["pci-dss"] })));
  });

  it("by tag is by subject or by one control", () => {
    const on = (tag: string) => {
      const made = levels({ tags: [tag] });
      return kubernetes.rules.filter(({ name }) => made[name] !== "disabled").map(({ name }) => name);
    };
    assert.ok(on("rights").includes("rbac-exec") && !on("rights").includes("pss-privileged"));
    assert.deepEqual(on("cis-5.2.2"), ["pss-privileged"].concat(offByDefault()));
  });

  /** A rule that is off by default needs no level to stay off. */
  function offByDefault(): string[] {
    return kubernetes.rules.filter(({ level }) => level === "disabled").map(({ name }) => name);
  }

  it("by preset begins with other levels", () => {
    const [advice, strict] = [levels({ preset: "advice" }), levels({ preset: "strict" })];
    assert.equal(advice["pss-privileged"], "advisory");
    assert.ok(!("cpu-limit" in advice), "what is off stays off");
    assert.equal(strict["network-policy"], "mandatory");
    assert.equal(strict["image-digest"], "advisory");
    assert.ok(!("probes" in strict), "low severity stays advice");
  });

  it("of a stack gives way to what its configuration says of a level, and keeps options", () => {
    const problems: Problem[] = [];
    const config = {
      "image-tag": "mandatory",
      "image-registry": { registries: ["a.example"] },
      probes: { liveness: true },
      "default-namespace": { enforcementLevel: "mandatory" },
    };
    const entry = { pack: "kubernetes", severity: "high", preset: "advice", config };
    const [found] = readPolicyPacks("p", [entry], projectDir, problems);
    assert.deepEqual(problems, []);
    const made = found!.config!;
    assert.equal(made["image-tag"], "mandatory");
    assert.deepEqual(made["image-registry"], { registries: ["a.example"], enforcementLevel: "advisory" });
    assert.deepEqual(made.probes, { liveness: true, enforcementLevel: "disabled" });
    assert.deepEqual(made["default-namespace"], { enforcementLevel: "mandatory" });
    assert.equal(made["bare-pods"], "disabled");
  });

  it("counts less than the level that the configuration of a rule says itself", () => {
    const probes = { liveness: true };
    const own = { probes: { ...probes, enforcementLevel: "mandatory" } };
    const choice = { severity: "high" };
    assert.deepEqual(withChoice(kubernetes, choice, own).probes, own.probes);
    assert.deepEqual(withChoice(kubernetes, choice, { probes }).probes, {
      ...probes,
      enforcementLevel: "disabled",
    });
    assert.deepEqual(withChoice(kubernetes, choice, { probes: "mandatory" }).probes, "mandatory");
    assert.deepEqual(withChoice(kubernetes, {}, { probes }).probes, probes);
  });

  it("of a stack is refused where it is not understood, with what was meant", () => {
    const problems: Problem[] = [];
    const entries = [
      {
        pack: "kubernetes",
        severity: "hgih",
        frameworks: ["cis", "nsa"],
        tags: "rights",
        preset: ["strict"],
      },
      { pack: "flink", tags: ["durable-stat"] },
      { pack: "./tests", severity: "high" },
    ];
    readPolicyPacks("p", entries, projectDir, problems);
    assert.deepEqual(
      problems.map(({ path: where, fix }) => `${where}: ${fix}`),
      [
        "p[0].preset: write one",
        "p[0].severity: write high",
        "p[0].frameworks: use one of: cis, nsa-cisa, pci-dss",
        "p[0].tags: write a list, also for one entry",
        "p[1].tags: write durable-state",
        "p[2].pack: write kubernetes, flink or the folder of a pack",
        "p[2].severity: write the levels of this pack's policies into config",
      ],
    );
  });
});

describe("a choice of rules on the command line", () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-choice-"));
    writeFileSync(
      path.join(cwd, "pod.json"),
      JSON.stringify(pod({ hostNetwork: true, containers: [{ name: "a", image: "a" }] })),
    );
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const said: string[] = [];
    const tell = (text: string) => void said.push(text);
    const code = runProgram(args, { cwd, input: () => "", out: tell, error: tell });
    return { code, text: said.join("\n") };
  };
  const rulesOf = (...args: string[]) => {
    const { text } = run("check", "pod.json", "--pack", "kubernetes", "--format", "json", ...args);
    const { findings } = JSON.parse(text) as { findings: { rule: string; level: string }[] };
    return findings.map(({ rule, level }) => `${level} ${rule}`);
  };

  it("has only those look: by severity, framework and tag", () => {
    assert.ok(rulesOf().includes("mandatory image-tag"));
    assert.ok(!rulesOf("--severity", "high").includes("mandatory image-tag"));
    assert.deepEqual(rulesOf("--tag", "cis-5.2.5"), ["mandatory pss-host-namespaces"]);
    assert.deepEqual(rulesOf("--tag", "cis-5.2.5", "--preset", "advice"), ["advisory pss-host-namespaces"]);
    assert.ok(rulesOf("--framework", "cis").every((line) => !line.includes("image-tag")));
    writeFileSync(path.join(cwd, "config.yaml"), "- { pack: kubernetes, tags: [cis-5.2.5] }\n");
    assert.deepEqual(rulesOf("--config", "config.yaml"), ["mandatory pss-host-namespaces"]);
  });

  it("is refused where it is not understood", () => {
    const { code, text } = run("check", "pod.json", "--pack", "kubernetes", "--tag", "rigths");
    assert.equal(code, 2);
    assert.match(text, /^kubernetes: tags "rigths": this is not one of the choices; write rights$/);
  });

  it("can be written for the engine, as --policy-pack-config takes it", () => {
    const { code, text } = run("config", "kubernetes", "--framework", "cis", "--preset", "advice");
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(text), levelsOf(kubernetes, { frameworks: ["cis"], preset: "advice" }));
    assert.equal(run("config", "kubernets").code, 2);
  });
});

it("a claim that is protected is not found", () => {
  const claim = fromManifest({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data" } });
  const found = (protect: boolean) =>
    evaluateResource(protectedClaims, new Resource(inputOf({ ...claim, opts: { protect } })))!.violations
      .length;
  assert.deepEqual([found(false), found(true)], [1, 0]);
});
