import assert from "node:assert/strict";
import os from "node:os";
import { merge, readModule } from "../../local/generate/api-lifecycle";
import { output } from "../../local/run";
import { Resource, evaluateResource } from "../../policies/core";
import { removedApis } from "../../policies/kubernetes/objects/removed-apis";
import { needsReference } from "./support/reference";

/** What Kubernetes itself says of its API versions. */
const api = {
  name: "k8s.io/api",
  version: "v0.37.2",
  sum: "h1:PnxqnUFy93jr2GcpWDkKOm8wfy25kT9wa572MuQS8oc=",
};

function isRefused(apiVersion: string, kind: string, kubernetes: string): boolean {
  const type = `kubernetes:${apiVersion}:${kind}`;
  const resource = new Resource({ type, props: { apiVersion, kind }, urn: "urn", name: "x" });
  return evaluateResource(removedApis, resource, { own: { kubernetes } })!.violations.length > 0;
}

describe("removed API versions", function () {
  this.timeout(600_000);

  it("are refused as the newest module of Kubernetes says, for every kind in every version that it was or will be in", async function () {
    await needsReference(this);
    const fetched = await output("go", ["mod", "download", "-json", `${api.name}@${api.version}`], {
      cwd: os.tmpdir(),
    });
    const { Dir, Sum } = JSON.parse(fetched) as { Dir: string; Sum: string };
    assert.equal(Sum, api.sum);
    const wrong: string[] = [];
    let asked = 0;
    for (const [version, kinds] of Object.entries(readModule(Dir))) {
      for (const [kind, { introduced, removed = Infinity }] of Object.entries(kinds)) {
        if (introduced === undefined) continue;
        for (let minor = Math.max(introduced, 10); minor <= 40; minor++, asked++) {
          if (isRefused(version, kind, `v1.${minor}`) !== minor >= removed)
            wrong.push(`${version} ${kind} 1.${minor}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(asked > 3000, `${asked} questions`);
  });

  it("are known by the newest module that has them, and are gone with the last one", () => {
    const merged = merge([
      {
        minor: 30,
        kinds: { "a/v1alpha1": { A: { introduced: 28, removed: 34 }, B: {} }, "a/v1": { A: {} } },
      },
      { minor: 31, kinds: { "a/v1alpha1": { A: { introduced: 28, removed: 36 } }, "a/v1": { A: {} } } },
      { minor: 32, kinds: { "a/v1": { A: {} } } },
    ]);
    assert.deepEqual(merged, {
      "a/v1alpha1": { A: { introduced: 28, removed: 32, instead: "a/v1" }, B: { removed: 31 } },
      "a/v1": { A: {} },
    });
  });

  it("of later modules than the newest are judged by what is planned", () => {
    assert.equal(
      isRefused("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "v1.39"),
      false,
    );
    assert.equal(isRefused("admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "v1.40"), true);
  });
});
