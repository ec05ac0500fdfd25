import { resourceRule, kubernetesDocs } from "../../core";

export const externalIps = resourceRule({
  name: "external-ips",
  description: "Services claim no external addresses, and no names outside under their own.",
  remediation: "Leave externalIPs out; use a load balancer.",
  reference: kubernetesDocs("Service, external IPs", "concepts/services-networking/service/#external-ips"),
  why: "With externalIPs anybody who may create Services takes over the traffic to any address (CVE-2020-8554); an ExternalName of localhost leads into whatever asks.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("/Service"),
  check(resource, run) {
    const addresses = resource.spec.get("externalIPs");
    if (addresses.list().length > 0) {
      run.violation(addresses, { expected: "nothing", fix: "Use a LoadBalancer Service or an Ingress." });
    }
    const name = resource.spec.get("externalName");
    if (/^(localhost|127\.|::1)/i.test(name.text() ?? "")) {
      run.violation(name, { expected: "the name of another host", fix: "Name the host itself." });
    }
  },
});
