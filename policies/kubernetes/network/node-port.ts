import { resourceRule } from "../../core";

export const nodePort = resourceRule({
  name: "node-port",
  description: "Services take no port of the nodes.",
  why: "A NodePort is open on every node, past what stands before the cluster.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const type = resource.spec.get("type");
    if (type.text() !== "NodePort") return;
    run.violation(type, {
      expected: '"ClusterIP"',
      fix: "Use ClusterIP, and an Ingress where it must be reached.",
    });
  },
});
