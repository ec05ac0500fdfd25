import { kubernetesDocs, type Pod, selectsLabels, stackRule } from "../../core";
import { selectedPods } from "./seen";

export const servicePorts = stackRule({
  name: "service-ports",
  description: "A named target port of a Service is a port of its pods.",
  remediation: "Write the name of a port of the pods' containers as targetPort, or its number.",
  reference: kubernetesDocs(
    "Service, field targetPort",
    "concepts/services-networking/service/#field-spec-ports",
  ),
  why: "A Service skips pods without a port of this name. If no pod has it, the Service refuses every connection, without any other error.",
  level: "mandatory",
  severity: "medium",
  applies: (stack) => stack.kinds("/Service").length > 0 && stack.pods.length > 0,
  check(stack, run) {
    for (const service of stack.kinds("/Service")) {
      const selector = service.spec.get("selector");
      if (service.isPatch || selector.isUnknown || selector.entries().length === 0) continue;
      for (const port of service.spec.get("ports").list()) {
        const target = port.get("targetPort");
        const name = target.text();
        if (name === undefined || isNumber(name)) continue;
        const pods = selectedPods(stack, service, (labels) => selectsLabels(selector, labels)) ?? [];
        if (pods.length === 0 || pods.some((pod) => hasPort(pod, name) !== false)) continue;
        run.violation(target, {
          expected: "the name of a port of the pods that the Service selects",
          fix: "Correct it, or write the number.",
        });
      }
    }
  },
});

/** Whether the text is a port number. */
export function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Whether a container of a pod has a port of this name: undefined while that is unknown. */
export function hasPort({ spec, containers }: Pod, name: string): boolean | undefined {
  const ports = containers.map((container) => container.get("ports"));
  const names = ports.flatMap((list) => list.list().map((port) => port.get("name")));
  if (names.some((own) => own.text() === name)) return true;
  const lists = [spec, spec.get("containers"), spec.get("initContainers"), ...ports, ...names];
  return lists.some((value) => value.isUnknown) ? undefined : false;
}
