import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import { ENCRYPTED } from "../../../../recorder/gitops";
import { UNKNOWN } from "../../../../recorder/values";
import { pipeline, scratch, step, type Step, write } from "./support";

describe("a stack as a folder for GitOps", () => {
  let folder: string;
  let out: string;
  let remove: () => void;
  beforeEach(() => {
    ({ folder, remove } = scratch());
    out = path.join(folder, "out");
  });
  afterEach(() => remove());

  const files = (below = out) => readdirSync(below, { recursive: true, encoding: "utf8" }).sort();
  const read = (file: string) => readFileSync(path.join(out, file), "utf8");
  const object = (file: string) =>
    parse(read(file)) as {
      metadata: { annotations?: Record<string, string> };
      spec: Record<string, unknown>;
    };
  const annotations = (file: string) => object(file).metadata.annotations ?? {};
  const message = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => undefined,
      (error: Error & { actions?: string[] }) => error,
    );
    assert.ok(error, "it was refused");
    return [error.message, ...(error.actions ?? [])].join("\n");
  };

  const names = [
    "configmap-n-conf.yaml",
    "configmap-n-ledger.yaml",
    "deployment-n-guard.yaml",
    "deployment-n-jobmanager.yaml",
    "job-n-prepare.yaml",
    "job-n-submission.yaml",
    "namespace-ns.yaml",
    "persistentvolumeclaim-n-claim.yaml",
  ];

  it("has a file for each object, named by kind, namespace and name, and a list of them", async () => {
    await write(out, pipeline);
    assert.deepEqual(files(), [...names, "kustomization.yaml"].sort());
    const list = parse(read("kustomization.yaml")) as { resources: string[] };
    assert.deepEqual([...list.resources].sort(), names);
    assert.equal(list.resources[0], "namespace-ns.yaml", "in the order in which they can be applied");
    assert.match(
      read("job-n-prepare.yaml"),
      /^# Written by "flink-kubernetes render" from stack s of project p/,
    );
    assert.equal("data" in parse(read("configmap-n-ledger.yaml")), false, "the ledger's data is not ours");
  });

  it("tells objects apart that would have one file, whatever else there is", async () => {
    const twins = [
      step("c", "ConfigMap", {
        object: { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "a-b" } },
      }),
      step("b-c", "ConfigMap", {
        object: { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "a" } },
      }),
    ];
    await write(out, twins);
    const found = files().filter((file) => file !== "kustomization.yaml");
    assert.equal(new Set(found).size, 2);
    for (const file of found) assert.match(file, /^configmap-a-b-c-[0-9a-f]{8}\.yaml$/);
  });

  it("is the same bytes in whatever order the program registers what it makes", async () => {
    const independent = "abcdefg".split("").map((name) => step(name, "ConfigMap"));
    const bytes = async (steps: readonly Step[]) => {
      rmSync(out, { recursive: true, force: true });
      await write(out, steps, { tool: "argocd" });
      return files().map((file) => `${file}\n${read(file)}`);
    };
    const expected = await bytes(independent);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(independent, { minLength: independent.length }), async (steps) => {
        assert.deepEqual(await bytes(steps), expected);
      }),
      { numRuns: 10 },
    );
  });

  it("leaves out what only Pulumi reads", async () => {
    const metadata = { annotations: { "pulumi.com/patchForce": "true", own: "1" } };
    await write(out, [
      step("a", "ConfigMap", { object: { apiVersion: "v1", kind: "ConfigMap", metadata } }),
      step("b", "ConfigMap", {
        object: {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
        },
      }),
    ]);
    assert.deepEqual(annotations("configmap-n-a.yaml"), { own: "1" });
    assert.equal("annotations" in object("configmap-n-b.yaml").metadata, false);
  });

  it("for Argo CD: waves from the dependencies, Jobs that are made anew, configurations that go last, protection", async () => {
    await write(out, pipeline, { tool: "argocd" });
    const [wave, options] = ["argocd.argoproj.io/sync-wave", "argocd.argoproj.io/sync-options"];
    assert.deepEqual(annotations("deployment-n-guard.yaml"), { [wave]: "3" });
    assert.deepEqual(annotations("job-n-submission.yaml"), {
      [wave]: "2",
      [options]: "Force=true,Replace=true",
    });
    assert.deepEqual(annotations("configmap-n-conf.yaml"), { [wave]: "1", [options]: "PruneLast=true" });
    assert.deepEqual(annotations("namespace-ns.yaml"), {
      [wave]: "0",
      [options]: "Prune=false,Delete=false",
    });
    assert.deepEqual(
      annotations("configmap-n-ledger.yaml"),
      { [wave]: "2" },
      "never replaced: that would empty it",
    );
  });

  it("keeps what the program says itself to the tool", async () => {
    const metadata = { annotations: { "argocd.argoproj.io/sync-wave": "-5" } };
    await write(
      out,
      [step("a", "ConfigMap", { object: { apiVersion: "v1", kind: "ConfigMap", metadata } })],
      {
        tool: "argocd",
      },
    );
    assert.deepEqual(annotations("configmap-n-a.yaml"), metadata.annotations);
  });

  it("for Flux: a Kustomization for each stage, which waits for the one before", async () => {
    mkdirSync(path.join(folder, ".git"));
    await write(out, pipeline, { tool: "flux", source: { namespace: "flux", name: "fleet" } });
    assert.deepEqual(files(path.join(out, "stage-3")), ["deployment-n-guard.yaml", "kustomization.yaml"]);
    assert.deepEqual(object("kustomization-flux-p-s-0.yaml"), {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "p-s-0", namespace: "flux" },
      spec: {
        interval: "10m",
        path: "./out/stage-0",
        prune: true,
        retryInterval: "1m",
        sourceRef: { kind: "GitRepository", name: "fleet" },
        timeout: "750s",
        wait: true,
      },
    });
    const last = object("kustomization-flux-p-s-3.yaml");
    assert.deepEqual(last.spec.dependsOn, [{ name: "p-s-2" }]);
    assert.equal(existsSync(path.join(out, "kustomization-flux-p-s-4.yaml")), false);
    assert.deepEqual(annotations("stage-0/job-n-prepare.yaml"), {
      "kustomize.toolkit.fluxcd.io/force": "enabled",
    });
    assert.deepEqual(annotations("stage-0/namespace-ns.yaml"), {
      "kustomize.toolkit.fluxcd.io/prune": "disabled",
    });
  });

  it("for Flux, outside of any repository: refused", async () => {
    assert.match(await message(write(out, pipeline, { tool: "flux" })), /out is in no Git repository/);
  });

  it("for Flux: an object that changes its stage is not deleted on the way", async () => {
    mkdirSync(path.join(folder, ".git"));
    const later = [
      step("kafka", "Deployment"),
      ...pipeline.map((it) => ({ ...it, dependsOn: [...(it.dependsOn ?? []), "kafka"] })),
    ];
    await write(out, pipeline, { tool: "flux" });
    const before = files();
    const text = await message(write(out, later, { tool: "flux" }));
    assert.match(text, /stage-0\/namespace-ns\.yaml → stage-1\/namespace-ns\.yaml/);
    assert.match(text, /--no-prune/);
    assert.deepEqual(files(), before);
    assert.match(await message(write(out, later, { tool: "flux", prune: false })), /another stage/);
    await write(out, pipeline, { tool: "flux", prune: false });
    await write(out, later, { tool: "flux", prune: false });
    await write(out, later, { tool: "flux" });
    assert.ok(files().includes("stage-4/deployment-n-guard.yaml"));
    assert.equal(files().includes("stage-3/deployment-n-guard.yaml"), false);
  });

  it("for Flux: says that a guard goes after what it needs", async () => {
    mkdirSync(path.join(folder, ".git"));
    await write(out, pipeline, { tool: "flux" });
    const without = pipeline.filter(({ name }) => !["ledger", "submission", "guard"].includes(name));
    const { warnings } = await write(out, without, { tool: "flux" });
    assert.match(
      warnings.join("\n"),
      /stage-3\/deployment-n-guard\.yaml goes, and Flux deletes stage-2 before it.*jobs pause JOB/,
    );
    assert.equal(existsSync(path.join(out, "stage-3")), false, "an empty folder goes, too");
  });

  describe("when it is there already", () => {
    it("is up to date after it was written, and --check changes nothing", async () => {
      await write(out, pipeline);
      const { changed, missing, stale, foreign } = await write(out, pipeline, { check: true });
      assert.deepEqual([changed, missing, stale, foreign], [[], [], [], []]);
    });

    it("--check names what is changed, missing, too much and foreign", async () => {
      await write(out, pipeline);
      writeFileSync(path.join(out, "job-n-prepare.yaml"), read("job-n-prepare.yaml") + "# by hand\n");
      rmSync(path.join(out, "deployment-n-guard.yaml"));
      writeFileSync(path.join(out, "README.md"), "hello");
      const without = pipeline.filter(({ name }) => name !== "claim");
      const before = files().map((file) => read(file));
      const found = await write(out, without, { check: true });
      assert.deepEqual(found.changed, ["job-n-prepare.yaml", "kustomization.yaml"]);
      assert.deepEqual(found.missing, ["deployment-n-guard.yaml"]);
      assert.deepEqual(found.stale, ["persistentvolumeclaim-n-claim.yaml"]);
      assert.deepEqual(found.foreign, ["README.md"]);
      assert.deepEqual(
        files().map((file) => read(file)),
        before,
      );
    });

    it("what is no longer in the stack goes, what somebody else put there stays", async () => {
      await write(out, pipeline);
      writeFileSync(path.join(out, "mine.yaml"), "kind: Mine\n");
      const { stale, foreign } = await write(
        out,
        pipeline.filter(({ name }) => name !== "claim"),
      );
      assert.deepEqual([stale, foreign], [["persistentvolumeclaim-n-claim.yaml"], ["mine.yaml"]]);
      assert.ok(files().includes("mine.yaml"));
      assert.equal(files().includes("persistentvolumeclaim-n-claim.yaml"), false);
    });

    it("another stack's folder, or a file of somebody's of the same name, is not written over", async () => {
      await write(out, pipeline, { stack: "other" });
      const before = files().map((file) => read(file));
      assert.match(
        await message(write(out, pipeline)),
        /not of stack s of project p[^]*kustomization\.yaml[^]*another folder/,
      );
      assert.deepEqual(
        files().map((file) => read(file)),
        before,
      );
      assert.deepEqual(readdirSync(folder), ["out"], "and nothing is left beside it");
    });
  });

  describe("what may not be in it", () => {
    const secret = step("pass", "Secret", {
      object: { apiVersion: "v1", kind: "Secret", stringData: { "a.b": "hunter2" } },
    });
    const deployment = step("d", "Deployment", {
      dependsOn: ["pass"],
      secretPaths: ["spec.template.spec.containers[0].env[1].value"],
    });

    it("everything secret, by its path, all at once, and then nothing is written", async () => {
      const hidden = step("hidden", "ConfigMap", {
        object: { apiVersion: "v1", kind: "ConfigMap", data: { deep: `x${ENCRYPTED}` } },
      });
      const text = await message(write(out, [secret, deployment, hidden]));
      assert.match(
        text,
        /Secret n\/pass: stringData\["a\.b"\] must not stand in a file\. Write --secret-ref n\/pass/,
      );
      assert.match(text, /Deployment n\/d: spec\.template\.spec\.containers\[0\]\.env\[1\]\.value is secret/);
      assert.match(text, /ConfigMap n\/hidden: data\.deep is secret/);
      assert.doesNotMatch(text, /hunter2/);
      assert.deepEqual(readdirSync(folder), []);
    });

    it("a Secret that somebody else brings is left out, and what it must hold is said", async () => {
      await write(out, [secret, step("d", "Deployment", { dependsOn: ["pass"] })], {
        secretRefs: ["n/pass"],
      });
      assert.deepEqual(files(), ["deployment-n-d.yaml", "kustomization.yaml"]);
      assert.match(read("kustomization.yaml"), /^# Must exist before: Secret n\/pass with a\.b\.$/m);
      for (const file of files()) assert.doesNotMatch(read(file), /hunter2/);
    });

    it("where its entries are not known, as with a random value among them: those that other objects read", async () => {
      const unknown = step("pass", "Secret", {
        object: { apiVersion: "v1", kind: "Secret", stringData: UNKNOWN },
      });
      const volumes = [{ secret: { secretName: "pass", items: [{ key: "config.yaml", path: "c" }] } }];
      const env = [{ valueFrom: { secretKeyRef: { name: "pass", key: "token" } } }];
      const reads = step("d", "Deployment", {
        spec: { template: { spec: { volumes, containers: [{ env }] } } },
      });
      assert.equal((await message(write(out, [unknown, reads]))).match(/Secret n\/pass/g)?.length, 1);
      await write(out, [unknown, reads], { secretRefs: ["n/pass"] });
      assert.match(
        read("kustomization.yaml"),
        /^# Must exist before: Secret n\/pass with config\.yaml, token\.$/m,
      );
    });

    it("--secret-ref of a Secret that the stack does not make", async () => {
      const text = await message(write(out, [secret], { secretRefs: ["n/pass", "n/pas"] }));
      assert.match(
        text,
        /--secret-ref n\/pas: the stack makes no Secret of this name\. The stack's Secrets are: n\/pass\./,
      );
    });

    it("random values and what only a cluster knows", async () => {
      const random = step("salt", "x", { type: "random:index/randomPassword:RandomPassword" });
      const data = { salt: UNKNOWN, "a b": { c: `x-${UNKNOWN}` }, uid: "uid-of-job-n-j" };
      const uses = step("uses", "ConfigMap", { object: { apiVersion: "v1", kind: "ConfigMap", data } });
      const nameless = step("nameless", "ConfigMap", {
        object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `x-${UNKNOWN}` } },
      });
      const text = await message(write(out, [random, uses, nameless]));
      assert.match(text, /ConfigMap n\/uses: data\.salt, data\["a b"\]\.c, data\.uid cannot be known/);
      assert.match(text, /ConfigMap without a known name: metadata\.name cannot be known/);
      assert.doesNotMatch(text, new RegExp(UNKNOWN));
    });

    it("but the hash of a Secret that is somebody else's is only left out", async () => {
      const metadata = { annotations: { "flink-kubernetes/config-hash": UNKNOWN } };
      await write(out, [step("d", "Deployment", { spec: { template: { metadata } } })]);
      assert.deepEqual(object("deployment-n-d.yaml").spec, { template: { metadata: {} } });
    });
  });
});
