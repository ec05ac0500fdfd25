import { resourceRule, kubernetesDocs } from "../../core";

export const externalIps = resourceRule({
  name: "external-ips",
  description: "Services do not claim external addresses, and no ExternalName leads to the local host.",
  remediation: "Leave externalIPs out; use a load balancer.",
  reference: kubernetesDocs("Service, external IPs", "concepts/services-networking/service/#external-ips"),
  why: "With externalIPs anybody who may create Services can take over the traffic to any address (CVE-2020-8554). An ExternalName of localhost leads back into the client itself.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const addresses = resource.spec.get("externalIPs");
    if (addresses.list().length > 0) {
      run.violation(addresses, {
        expected: "no addresses",
        fix: "Use a LoadBalancer Service or an Ingress.",
      });
    }
    const name = resource.spec.get("externalName");
    if (/^(localhost|127\.|::1)/i.test(name.text() ?? "")) {
      run.violation(name, { expected: "the name of another host", fix: "Name the host itself." });
    }
  },
});
