import { resourceRule, kubernetesDocs } from "../../core";
import { ingressKinds } from "./ingresses";

export const ingressHosts = resourceRule({
  name: "ingress-hosts",
  description: "Each rule of an Ingress names one host.",
  remediation: "Name the host of each rule.",
  reference: kubernetesDocs("Ingress", "concepts/services-networking/ingress/"),
  why: "A rule without a host, or for all hosts of a domain, also answers for host names of others.",
  level: "advisory",
  severity: "low",
  applies: (resource) => resource.is(...ingressKinds),
  check(resource, run) {
    for (const rule of resource.spec.get("rules").list()) {
      const host = rule.get("host");
      const text = host.text();
      if (text === undefined ? !host.isMissing : text !== "" && !text.startsWith("*")) continue;
      run.violation(host, { expected: "the name of one host", fix: "Name it." });
    }
  },
});
