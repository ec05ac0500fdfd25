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
  cpu: option<number>(8, "The largest ratio of a container's CPU limit to its request.", {
    type: "number",
    minimum: 1,
  }),
  memory: option<number>(2, "The largest ratio of a container's memory limit to its request.", {
    type: "number",
    minimum: 1,
  }),
  smallCpu: option<string>(
    "1",
    "CPU limits up to this are not checked: the bursts of a small container do no harm.",
    {
      type: "string",
    },
  ),
  smallMemory: option<string>("256Mi", "Memory limits up to this are not checked.", { type: "string" }),
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
  why: "The scheduler places pods by their requests. If many containers may use far more than they request, a node can run out of memory while Kubernetes counts it as half empty.",
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
