import { resourceRule } from "../../core";

export const ingressSnippets = resourceRule({
  name: "ingress-snippets",
  description: "An Ingress puts no code into its controller.",
  why: "A snippet runs in the controller, which can read the Secrets of all namespaces (CVE-2021-25742).",
  level: "mandatory",
  severity: "high",
  applies: (resource) => resource.is("networking.k8s.io/Ingress", "extensions/Ingress"),
  check(resource, run) {
    for (const [key, value] of resource.metadata.get("annotations").entries()) {
      if (!/-snippets?$/.test(key)) continue;
      run.violation(value, {
        expected: "nothing",
        fix: "Use the annotations made for the purpose.",
        actual: "set",
      });
    }
  },
});
