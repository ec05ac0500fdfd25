import {
  podRule,
  type Options,
  option,
  parseQuantity,
  quantityOf,
  type Run,
  type Value,
  kubernetesDocs,
} from "../../core";
import { resourcesOf } from "./places";

const options = {
  cpu: option<number>(8, "How many times its request a container's CPU limit may be.", {
    type: "number",
    minimum: 1,
  }),
  memory: option<number>(2, "How many times its request a container's memory limit may be.", {
    type: "number",
    minimum: 1,
  }),
  smallCpu: option<string>(
    "1",
    "CPU limits up to this are not looked at: what a small container may take in a burst harms nobody.",
    {
      type: "string",
    },
  ),
  smallMemory: option<string>("256Mi", "Memory limits up to this are not looked at.", { type: "string" }),
} satisfies Options;

export const ratio = podRule<typeof options>({
  name: "limit-request-ratio",
  description: "Limits are not far above requests.",
  remediation: "Raise the request, or lower the limit.",
  reference: kubernetesDocs(
    "Resource Management for Pods and Containers",
    "concepts/configuration/manage-resources-containers/",
  ),
  controls: { "nsa-cisa": ["resource-policies"] },
  why: "The scheduler places by requests. Where many containers may use far more than that, a node runs out of memory while Kubernetes counts it half empty.",
  level: "advisory",
  severity: "low",
  options,
  check(pod, run) {
    for (const resources of resourcesOf(pod)) checkRatios(resources, run);
  },
});

function checkRatios(resources: Value, run: Run<typeof options>): void {
  for (const resource of ["cpu", "memory"] as const) {
    const limit = resources.get("limits", resource);
    const request = resources.get("requests", resource);
    const [most, asked] = [quantityOf(limit), quantityOf(request)];
    if (most === undefined || asked === undefined || asked <= 0) continue;
    const small = resource === "cpu" ? run.config.smallCpu : run.config.smallMemory;
    if (most <= (parseQuantity(small) ?? 0)) continue;
    const allowed = run.config[resource];
    if (most <= asked * allowed) continue;
    run.violation(limit, {
      expected: `at most ${allowed} times the request, ${request.scalar() ?? ""}`,
      fix: "Raise the request to what is really used, or lower the limit.",
    });
  }
}
