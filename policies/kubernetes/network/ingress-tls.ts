import { resourceRule } from "../../core";

export const ingressTls = resourceRule({
  name: "ingress-tls",
  description: "An Ingress uses TLS.",
  why: "Otherwise passwords and tokens cross the network in plain text.",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("networking.k8s.io/Ingress", "extensions/Ingress"),
  check(resource, run) {
    const tls = resource.spec.get("tls");
    const isMissing = tls.isAbsent ? tls.isMissing : tls.isPresent && tls.list().length === 0;
    if (isMissing)
      run.violation(tls, { expected: "hosts with a certificate", fix: "Add tls with a secretName." });
  },
});
