import {
  type Options,
  option,
  parseQuantity,
  podRule,
  quantityOf,
  type Run,
  type Value,
  kubernetesDocs,
} from "../../core";
import { resourcesOf } from "./places";

const options = {
  smallestMemory: option<string>("4Mi", "Less memory than this counts as a mistake in the unit.", {
    type: "string",
  }),
} satisfies Options;

export const quantities = podRule<typeof options>({
  name: "resource-quantities",
  description: "Quantities of CPU and memory have plausible units, and requests are not above limits.",
  remediation:
    "Write quantities with the right unit, such as 500m for half a CPU and 512Mi for memory, and no request above its limit.",
  reference: kubernetesDocs(
    "Quantities, meaning of CPU and memory",
    "concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes",
  ),
  why: "In Kubernetes `m` is a thousandth: a memory of 2048m is two bytes. The API server accepts it, and the container never starts.",
  level: "mandatory",
  severity: "high",
  options,
  check(pod, run) {
    for (const resources of resourcesOf(pod)) checkQuantities(resources, run);
  },
});

function checkQuantities(resources: Value, run: Run<typeof options>): void {
  const smallest = parseQuantity(run.config.smallestMemory) ?? 0;
  for (const kind of ["requests", "limits"]) {
    for (const [name, quantity] of resources.get(kind).entries()) {
      const text = quantity.scalar();
      if (text === undefined) continue;
      const amount = parseQuantity(text);
      if (amount === undefined || amount < 0) {
        const expected = "a Kubernetes quantity such as 500m (CPU) or 512Mi (memory)";
        run.violation(quantity, { expected, fix: "Write a number and a unit in this form." });
      } else if (
        isBytes(name) &&
        (/m$/.test(text) || (name === "memory" && amount > 0 && amount < smallest))
      ) {
        run.violation(quantity, {
          expected: `${run.config.smallestMemory} or more`,
          fix: "Use the units Mi or Gi: m is a thousandth of a byte, and no unit means bytes.",
        });
      }
    }
  }
  for (const [name, request] of resources.get("requests").entries()) {
    const limit = resources.get("limits", name);
    const [asked, most] = [quantityOf(request), quantityOf(limit)];
    if (asked === undefined || most === undefined || asked <= most) continue;
    run.violation(request, {
      expected: `at most the limit, ${limit.scalar() ?? ""}`,
      fix: "Raise the limit or lower the request: the API server refuses this.",
    });
  }
}

function isBytes(resource: string): boolean {
  return resource === "memory" || resource === "ephemeral-storage";
}
