import { resourceRule, kubernetesDocs } from "../../core";
import { ingressKinds } from "./ingresses";

export const ingressTls = resourceRule({
  name: "ingress-tls",
  description: "An Ingress uses TLS, for all of its hosts.",
  remediation: "Add tls with a secretName and every host of the rules.",
  reference: kubernetesDocs("Ingress, TLS", "concepts/services-networking/ingress/#tls"),
  controls: { "nsa-cisa": ["encryption"] },
  why: "Without TLS, passwords and tokens cross the network in plain text. A host that tls does not name is served without TLS, or with the certificate of another host.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is(...ingressKinds),
  check(resource, run) {
    const tls = resource.spec.get("tls");
    const isMissing = tls.isAbsent ? tls.isMissing : tls.isPresent && tls.list().length === 0;
    if (isMissing)
      run.violation(tls, { expected: "hosts with a certificate", fix: "Add tls with a secretName." });
    const lists = tls.list().map((entry) => entry.get("hosts"));
    const hosts = lists.flatMap((list) => list.list());
    // An entry without hosts covers all of them.
    if (lists.length === 0 || lists.some((list) => list.isUnknown || list.list().length === 0)) return;
    for (const rule of resource.spec.get("rules").list()) {
      const at = rule.get("host");
      const host = at.text();
      if (host === undefined || hosts.some((one) => one.isUnknown || covers(one.text() ?? "", host)))
        continue;
      run.violation(at, { expected: "a host of tls", fix: "Add it to the hosts of tls." });
    }
  },
});

/** `*` stands for one part of a name. */
function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith("*.")) return pattern.toLowerCase() === host.toLowerCase();
  return host.slice(host.indexOf(".")).toLowerCase() === pattern.slice(1).toLowerCase();
}
