import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildPacks } from "../../local/policies/build";
import { container, deployment } from "../../policies/kubernetes/manifests";
import { fromManifest, RunningPack, type TestResource } from "../../policies/testing";
import { type Bench, type BenchContext, type Figure, ratioOfMedians, secondsSince } from "./bench";

/** What the policy pack costs: its start against that of a pack without policies, and time a resource in stacks of three sizes. */
export const policies: Bench = {
  name: "policies",
  async run(ctx) {
    const pack = path.join(await buildPacks(ctx.projectDir, ctx.signal), "kubernetes");
    const empty = emptyPack(ctx);
    const starts: Record<"pack" | "empty", number[]> = { pack: [], empty: [] };
    for (let run = 1; run <= Math.max(ctx.runs, 5); run++) {
      for (const [name, folder] of [
        ["empty", empty],
        ["pack", pack],
      ] as const) {
        const start = performance.now();
        const running = await RunningPack.start(folder);
        starts[name].push(secondsSince(start));
        await running.close();
      }
      ctx.say(
        `  run ${run}: empty ${starts.empty.at(-1)!.toFixed(2)} s, pack ${starts.pack.at(-1)!.toFixed(2)} s`,
      );
    }
    return [
      { name: "start of a policy pack without policies", unit: "s", values: starts.empty },
      { name: "start of the policy pack kubernetes", unit: "s", values: starts.pack },
      ratioOfMedians("… against the one without policies", starts.pack, starts.empty, 1.3),
      ...(await costs(pack, ctx)),
    ];
  },
};

async function costs(folder: string, ctx: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  const perResource: number[] = [];
  for (const count of [50, 500, 2000]) {
    const running = await RunningPack.start(folder);
    try {
      await running.configure();
      const resources = stackOf(count);
      await running.analyze(resources[0]!); // what is loaded at the first request belongs to the start
      const each = performance.now();
      for (const resource of resources) await running.analyze(resource);
      const analyze = secondsSince(each);
      const whole = performance.now();
      await running.analyzeStack(resources);
      const stack = secondsSince(whole);
      perResource.push(stack / count);
      ctx.say(`  ${count} resources: ${analyze.toFixed(2)} s one by one, ${stack.toFixed(2)} s as a stack`);
      figures.push(
        { name: `a resource, of ${count} (one by one)`, unit: "s", values: [analyze / count] },
        { name: `a resource, of ${count} (as a stack)`, unit: "s", values: [stack / count] },
        { name: `memory of the pack after ${count}`, unit: "MiB", values: [mebibytesOf(running.pid!)] },
      );
    } finally {
      await running.close();
    }
  }
  // Linear: a resource costs no more in a large stack than in a small one.
  figures.push(
    ratioOfMedians(
      "a resource of 2000 against one of 500, as a stack",
      [perResource[2]!],
      [perResource[1]!],
      1.5,
    ),
  );
  return figures;
}

/** Deployments, each with its Service, policy and budget, as in real stacks. */
function stackOf(count: number): TestResource[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `web-${Math.floor(index / 4)}`;
    const labels = { app: name };
    const metadata = { name, namespace: "shop", labels };
    switch (index % 4) {
      case 0: {
        const resources = { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "1Gi" } };
        const manifest = deployment({ containers: [container({ resources })] }, { replicas: 2 }, labels);
        return fromManifest({ ...manifest, metadata });
      }
      case 1:
        return fromManifest({ apiVersion: "v1", kind: "Service", metadata, spec: { selector: labels } });
      case 2: {
        const spec = { podSelector: { matchLabels: labels }, ingress: [] };
        return fromManifest({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
      }
      default: {
        const spec = { maxUnavailable: 1, selector: { matchLabels: labels } };
        return fromManifest({ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec });
      }
    }
  });
}

function mebibytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Beside the compiled packs: it must find the same SDK. */
function emptyPack(ctx: BenchContext): string {
  const folder = path.join(ctx.projectDir, "policies", "bin", "empty");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
  writeFileSync(
    path.join(folder, "package.json"),
    '{ "name": "empty", "version": "0.0.1", "main": "index.js" }\n',
  );
  const source = 'new (require("@pulumi/policy").PolicyPack)("empty", { policies: [] });\n';
  writeFileSync(path.join(folder, "index.js"), source);
  return folder;
}
