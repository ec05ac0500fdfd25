import { resourceRule, kubernetesDocs } from "../../core";

export const nodePort = resourceRule({
  name: "node-port",
  description: "Services take no port of the nodes.",
  remediation: "Use a ClusterIP Service, with an Ingress or a load balancer before it.",
  reference: kubernetesDocs("Service, type NodePort", "concepts/services-networking/service/#type-nodeport"),
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
