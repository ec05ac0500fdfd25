import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { strategicMerge } from "../../components/kubernetes/merge";
import { runningNode } from "../../local/node";

/** Compares with kubectl's own merge, of which no API server knows anything (`--local`). */
describe("strategic merge patch, beside kubectl's", function () {
  this.timeout(180_000);
  let kubectl: string;
  let folder: string;

  before(async function () {
    const node = await runningNode();
    if (!node) {
      console.log("      skipped: no local node runs (npm start), so there is no kubectl of its version");
      this.skip();
    }
    kubectl = node.kubectl;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-merge-"));
  });
  after(() => {
    if (folder) fs.rmSync(folder, { recursive: true });
  });

  it("gives the same but for the order of entries, in random pods and patches", () => {
    let changed = 0;
    const property = fc.property(
      fc.array(pod(false), { minLength: 6, maxLength: 6 }),
      pod(true),
      (pods, patch) => {
        const merged = patchWithKubectl(pods, patch);
        pods.forEach((base, index) => {
          const ours = strategicMerge(base, patch);
          assert.deepEqual(sorted(ours), sorted(merged[index]), JSON.stringify({ base, patch }));
          if (JSON.stringify(ours) !== JSON.stringify(base)) changed++;
        });
      },
    );
    fc.assert(property, { numRuns: 80, endOnFailure: true });
    console.log(`      480 merges compared, ${changed} of them changed the pod`);
    assert.ok(changed > 200);
  });

  function patchWithKubectl(pods: unknown[], patch: unknown): unknown[] {
    const items = pods.map((template, index) => ({
      apiVersion: "v1",
      kind: "PodTemplate",
      metadata: { name: `pod-${index}` },
      template,
    }));
    const file = path.join(folder, "pods.json");
    fs.writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    const args = ["patch", "--local", "--type=strategic", "--output=json", `--filename=${file}`];
    const output = execFileSync(kubectl, [...args, `--patch=${JSON.stringify({ template: patch })}`], {
      encoding: "utf8",
      env: { KUBECONFIG: "/dev/null" },
    });
    // One document after another.
    const documents = JSON.parse(`[${output.trim().replaceAll(/^}\n{/gm, "},{")}]`) as {
      template: unknown;
    }[];
    assert.equal(documents.length, pods.length);
    return documents.map(({ template }) => template);
  }
});

/**
 * Where the two may differ: kubectl puts new entries first, and leaves nulls and directives in what is new, which the API
 * server then drops when it reads them.
 */
function sorted(value: unknown, field = ""): unknown {
  if (Array.isArray(value)) {
    const entries = value.filter((entry) => !isDirective(entry)).map((entry) => sorted(entry));
    const key = mergeKeys[field];
    if (key === undefined) return entries;
    const keyOf = (entry: unknown) => (key === "" ? entry : (entry as Record<string, unknown>)[key]);
    return entries.sort((a, b) => (String(keyOf(a)) < String(keyOf(b)) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([field, inner]) => field !== "$patch" && inner !== null && !isDirective(inner))
      .map(([field, inner]) => [field, sorted(inner, field)]),
  );
}

const mergeKeys: Record<string, string> = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  env: "name",
  imagePullSecrets: "name",
  ports: "containerPort",
  volumeMounts: "mountPath",
  finalizers: "",
};

function isDirective(value: unknown): boolean {
  return typeof value === "object" && value !== null && "$patch" in value;
}

const word = fc.constantFrom("a", "b", "c", "d");
const optional = { requiredKeys: [] as never[] };

/** A pod template as a base, or as a patch: then also with nulls and directives. */
function pod(patch: boolean): fc.Arbitrary<Record<string, unknown>> {
  const orNull = <T>(value: fc.Arbitrary<T>) =>
    patch ? fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }) : value;
  const map = (value: fc.Arbitrary<unknown>) => {
    const plain = fc.dictionary(word, value, { maxKeys: 3 });
    return patch ? withDirective(plain) : plain;
  };
  const list = (key: string, entry: fc.Arbitrary<Record<string, unknown>>) => {
    const plain = fc.uniqueArray(entry, { selector: (one) => one[key], maxLength: 3 });
    if (!patch) return plain;
    const directed = fc.tuple(entry, fc.integer({ min: 0, max: 9 })).map(([one, dice]) => {
      return dice < 3 ? { [key]: one[key], $patch: "delete" } : one;
    });
    const entries = fc.uniqueArray(directed, {
      selector: (one) => (one as Record<string, unknown>)[key],
      maxLength: 3,
    });
    return fc
      .tuple(entries, fc.integer({ min: 0, max: 9 }))
      .map(([all, dice]) => (dice === 0 ? [{ $patch: "replace" }, ...all] : all));
  };
  const object = (fields: Record<string, fc.Arbitrary<unknown>>) => {
    const plain = fc.record(fields, optional) as fc.Arbitrary<Record<string, unknown>>;
    return patch ? withDirective(plain) : plain;
  };
  const entry = (key: string, keys: fc.Arbitrary<unknown>, fields: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record({ [key]: keys, ...fields }, { requiredKeys: [key] }) as fc.Arbitrary<Record<string, unknown>>;

  const container = entry("name", word, {
    image: orNull(word),
    args: orNull(fc.array(word, { maxLength: 3 })),
    env: orNull(list("name", entry("name", word, { value: orNull(word) }))),
    ports: list("containerPort", entry("containerPort", fc.integer({ min: 1, max: 4 }), { name: word })),
    volumeMounts: list("mountPath", entry("mountPath", word, { name: word, readOnly: fc.boolean() })),
    resources: object({ limits: map(orNull(word)), requests: map(orNull(word)) }),
    livenessProbe: orNull(
      object({ httpGet: object({ path: word, port: fc.nat(9) }), periodSeconds: fc.nat(9) }),
    ),
  });
  return fc.record(
    {
      metadata: object({
        labels: orNull(map(orNull(word))),
        annotations: map(orNull(word)),
        finalizers: fc.uniqueArray(word, { maxLength: 3 }),
      }),
      spec: object({
        containers: list("name", container),
        initContainers: orNull(list("name", container)),
        volumes: list(
          "name",
          entry("name", word, {
            emptyDir: orNull(object({ medium: word })),
            secret: object({ secretName: word }),
          }),
        ),
        nodeSelector: orNull(map(orNull(word))),
        securityContext: object({ runAsUser: orNull(fc.nat(9)), fsGroup: fc.nat(9) }),
        tolerations: fc.array(fc.record({ key: word, operator: word }), { maxLength: 2 }),
        imagePullSecrets: list("name", entry("name", word, {})),
        priority: orNull(fc.nat(9)),
      }),
    },
    optional,
  ) as fc.Arbitrary<Record<string, unknown>>;
}

function withDirective(plain: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(plain, fc.integer({ min: 0, max: 19 })).map(([fields, dice]) => {
    if (dice > 1) return fields;
    return { ...fields, $patch: dice === 0 ? "replace" : "delete" };
  });
}
