import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { output } from "../../local/run";
import { fromManifest, type TestResource } from "../../policies/testing";

/** Go modules with manifests that people apply, and where in them. */
const sources = [
  {
    module: "github.com/argoproj/argo-cd/v3@v3.4.0",
    sum: "h1:yZwfaOIzE/aQTA52mOfeZQbribmyxKYvMgirQja4eX0=",
    folders: ["manifests"],
  },
  {
    module: "k8s.io/kubernetes@v1.36.3",
    sum: "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=",
    folders: ["cluster/addons", "test/e2e/testing-manifests"],
  },
];

/** As large as the definition of a FlinkDeployment: larger ones would be most of what is measured. */
const LARGEST = 177 * 1024;
/** Characters of the largest object. */
const RULES = 239 * 1024;

type Manifest = Record<string, unknown>;

/** Manifests of Argo CD and Kubernetes, so many, and among them a PrometheusRule of 239 KB. */
export async function realManifests(count: number): Promise<TestResource[]> {
  const found: Manifest[] = [largeRules()];
  for (const { module, sum, folders } of sources) {
    // Not in this repository: its own Go modules are none of this one's business.
    const fetched = await output("go", ["mod", "download", "-json", module], { cwd: os.tmpdir() });
    const { Dir, Sum } = JSON.parse(fetched) as { Dir: string; Sum: string };
    if (Sum !== sum) throw new Error(`${module} has the checksum ${Sum}, and not ${sum}`);
    for (const folder of folders) found.push(...manifestsIn(path.join(Dir, folder)));
  }
  if (found.length < count) throw new Error(`there are ${found.length} manifests, and not ${count}`);
  return found.slice(0, count).map((manifest, index) => {
    const resource = fromManifest(manifest);
    // Several are of one name, as they are of several installations.
    return { ...resource, urn: `urn:pulumi:bench::bench::${resource.type}::${resource.name}-${index}` };
  });
}

function manifestsIn(folder: string): Manifest[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.ya?ml$/.test(file),
  );
  return files.sort().flatMap((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    // Templates are no manifests yet.
    if (text.includes("{{")) return [];
    return parseAllDocuments(text).flatMap((document): Manifest[] => {
      if (document.errors.length > 0) return [];
      const value = document.toJS() as Manifest | null;
      const { name } = (value?.metadata ?? {}) as { name?: unknown };
      const isObject = typeof value?.kind === "string" && typeof name === "string";
      return isObject && JSON.stringify(value).length <= LARGEST ? [value] : [];
    });
  });
}

function largeRules(): Manifest {
  const rule = {
    alert: "PodRestartsOften",
    expr: 'sum by (namespace, pod) (rate(kube_pod_container_status_restarts_total{job="kube-state-metrics"}[5m])) > 0',
    for: "15m",
    labels: { severity: "warning" },
    annotations: { summary: "The pod {{ $labels.pod }} restarts often." },
  };
  const size = JSON.stringify(rule).length + 1;
  const rules = Array.from({ length: Math.ceil(RULES / size) }, () => rule);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "rules", namespace: "monitoring" },
    spec: { groups: [{ name: "pods", rules }] },
  };
}
