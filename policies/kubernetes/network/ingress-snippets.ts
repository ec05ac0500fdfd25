import { resourceRule, kubernetesDocs } from "../../core";
import { ingressKinds } from "./ingresses";

/** What ingress-nginx writes into its configuration as it is (CVE-2025-24514, CVE-2025-1097, CVE-2025-1098). */
const written =
  /^nginx\.ingress\.kubernetes\.io\/(auth-url|auth-signin|auth-tls-match-cn|mirror-target|mirror-host)$/;
const escapes = /[\r\n;{}#"'`\\]/;

export const ingressSnippets = resourceRule({
  name: "ingress-snippets",
  description: "An Ingress puts no code into its controller.",
  remediation: "Use the annotations that are made for the purpose, and plain addresses in them.",
  reference: kubernetesDocs("Ingress", "concepts/services-networking/ingress/"),
  controls: { "nsa-cisa": ["hardening-containers"] },
  why: "A snippet runs in the controller, which can read the Secrets of all namespaces (CVE-2021-25742). So does what other annotations hold, where it ends the directive that it is written into (CVE-2025-24514).",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is(...ingressKinds),
  check(resource, run) {
    for (const [key, value] of resource.metadata.get("annotations").entries()) {
      const isSnippet = /-snippets?$/.test(key);
      const isBroken = written.test(key) && escapes.test(value.text() ?? "");
      if (!isSnippet && !isBroken) continue;
      run.violation(value, {
        expected: isSnippet ? "nothing" : "a plain address or name, without what ends a directive of nginx",
        fix: "Use the annotations made for the purpose.",
        actual: "set",
      });
    }
  },
});
