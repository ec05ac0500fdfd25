import { resourceRule, kubernetesDocs } from "../../core";
import { ingressKinds } from "./ingresses";

/**
 * Annotations that ingress-nginx copies into its configuration (CVE-2025-24514, CVE-2025-1097,
 * CVE-2025-1098).
 */
const written =
  /^nginx\.ingress\.kubernetes\.io\/(auth-url|auth-signin|auth-tls-match-cn|mirror-target|mirror-host)$/;
const escapes = /[\r\n;{}#"'`\\]/;

export const ingressSnippets = resourceRule({
  name: "ingress-snippets",
  description: "An Ingress does not inject configuration into its controller.",
  remediation: "Use the annotations for the purpose, with plain addresses.",
  reference: kubernetesDocs("Ingress", "concepts/services-networking/ingress/"),
  controls: { "nsa-cisa": ["hardening-containers"] },
  why: "A snippet runs in the controller, which can read the Secrets of all namespaces (CVE-2021-25742). So does the value of other annotations, if it ends the directive around it (CVE-2025-24514).",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is(...ingressKinds),
  check(resource, run) {
    for (const [key, value] of resource.metadata.get("annotations").entries()) {
      const isSnippet = /-snippets?$/.test(key);
      const isBroken = written.test(key) && escapes.test(value.text() ?? "");
      if (!isSnippet && !isBroken) continue;
      run.violation(value, {
        expected: isSnippet
          ? "no snippet"
          : "a plain address or name, without characters that end an nginx directive",
        fix: "Use the annotations for the purpose.",
        actual: "set",
      });
    }
  },
});
