import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type LocalNode, runningNode } from "../../local/node";
import { type CrdSet, crdSets, installCrds } from "../support/crds";
import { dryRunOptional, optionalObjects } from "./optional-objects";
import { kubeconfig, needsNode } from "./support";

/** The simplest object of each project that its definitions take, and that with a misspelt field they do not. */
const samples: Record<CrdSet, { apiVersion: string; kind: string; spec: Record<string, unknown> }> = {
  keda: {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    spec: {
      scaleTargetRef: { name: "hello-taskmanager" },
      minReplicaCount: 1,
      triggers: [{ type: "cpu", metadata: { value: "80" }, metricType: "Utilization" }],
    },
  },
  "prometheus-operator": {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    spec: { selector: {}, podMetricsEndpoints: [{ port: "metrics" }] },
  },
  "cert-manager": {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    spec: { secretName: "tls", issuerRef: { name: "issuer" } },
  },
  "gateway-api": {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    spec: { rules: [{ backendRefs: [{ name: "hello-rest", port: 8081 }] }] },
  },
};

describe("objects of other projects' kinds", function () {
  this.timeout(180_000);
  let node: LocalNode;
  before(async function () {
    needsNode(this);
    node = (await runningNode())!;
    await installCrds(kubeconfig, ...crdSets);
  });

  const tryOut = (object: object) =>
    spawnSync(
      node.kubectl,
      ["--kubeconfig", kubeconfig, "create", "--dry-run=server", "--validate=strict", "--filename", "-"],
      { encoding: "utf8", input: JSON.stringify(object) },
    );

  for (const set of crdSets) {
    it(`are checked by the API server with the definitions of ${set}`, () => {
      const { apiVersion, kind, spec } = samples[set];
      const sample = { apiVersion, kind, metadata: { name: "sample", namespace: "default" }, spec };
      const taken = tryOut(sample);
      assert.equal(taken.status, 0, taken.stderr);
      const refused = tryOut({ ...sample, spec: { ...spec, mispelt: 1 } });
      assert.match(refused.stderr, /unknown field "spec\.mispelt"/);
    });
  }

  for (const row of optionalObjects) {
    it(`pass the strict server-side dry run: ${row.what} (${row.needs})`, () => dryRunOptional(row));
  }
});
