import { resourceRule, kubernetesDocs } from "../../core";

export const nodePort = resourceRule({
  name: "node-port",
  description: "Services do not use ports of the nodes.",
  remediation: "Use a ClusterIP Service, with an Ingress or a load balancer in front of it.",
  reference: kubernetesDocs("Service, type NodePort", "concepts/services-networking/service/#type-nodeport"),
  why: "A NodePort is open on every node, and bypasses the proxies in front of the cluster.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const type = resource.spec.get("type");
    if (type.text() !== "NodePort") return;
    run.violation(type, {
      expected: '"ClusterIP"',
      fix: "Use ClusterIP, and an Ingress for access from outside.",
    });
  },
});
