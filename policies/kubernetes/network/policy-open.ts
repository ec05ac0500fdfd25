import { blockOf, isInternet, openPeers, resourceRule, kubernetesDocs } from "../../core";

export const policyOpen = resourceRule({
  name: "network-policy-open",
  description: "A NetworkPolicy does not allow everybody to connect.",
  remediation: "Name the pods, namespaces or addresses that may connect.",
  reference: kubernetesDocs("Network Policies", "concepts/services-networking/network-policies/"),
  controls: { "nsa-cisa": ["network-policies"] },
  why: "Some rules allow the connections that a policy should forbid: without `from`, with an empty `namespaceSelector`, or with address blocks that together cover a quarter of the internet or more.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("networking.k8s.io/NetworkPolicy"),
  check(resource, run) {
    const ingress = resource.spec.get("ingress");
    let isFound = false;
    for (const rule of ingress.list()) {
      const from = rule.get("from");
      const isOpen = from.isAbsent ? from.isMissing : from.isPresent && from.list().length === 0;
      if (isOpen) {
        run.violation(from, { expected: "who may connect", fix: "Name pods, namespaces or addresses." });
      }
      const { internet, pods } = openPeers(from);
      for (const value of internet)
        run.violation(value, {
          expected: "a smaller part of the network",
          fix: "Name the addresses that need access.",
        });
      for (const value of pods) {
        run.violation(value, {
          expected: "labels of namespaces or of pods",
          fix: "Name the namespaces that need access, for example by kubernetes.io/metadata.name.",
        });
      }
      isFound ||= isOpen || internet.length > 0;
    }
    // The address blocks of all rules add up.
    const all = ingress.list().flatMap((rule) => rule.get("from").list().flatMap(blockOf));
    if (isFound || !isInternet(all.map(({ block }) => block))) return;
    run.violation(ingress, {
      expected: "a smaller part of the network",
      fix: "Name the addresses that need access.",
    });
  },
});
