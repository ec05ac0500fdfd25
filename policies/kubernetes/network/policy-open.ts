import { resourceRule, type Value } from "../../core";

export const policyOpen = resourceRule({
  name: "network-policy-open",
  description: "A NetworkPolicy does not let everybody in.",
  why: "A rule without `from`, or with the whole address space, allows what the policy was written to forbid.",
  level: "advisory",
  severity: "medium",
  applies: (resource) => resource.is("networking.k8s.io/NetworkPolicy"),
  check(resource, run) {
    for (const rule of resource.spec.get("ingress").list()) {
      const from = rule.get("from");
      const isOpen = from.isAbsent ? from.isMissing : from.isPresent && from.list().length === 0;
      if (isOpen) {
        run.violation(from, { expected: "who may connect", fix: "Name pods, namespaces or addresses." });
      }
      for (const peer of from.list())
        everybody(peer, (value) => {
          run.violation(value, {
            expected: "a part of the network",
            fix: "Name the addresses that need it.",
          });
        });
    }
  },
});

function everybody(peer: Value, found: (value: Value) => void): void {
  const cidr = peer.get("ipBlock", "cidr");
  if (["0.0.0.0/0", "::/0"].includes(cidr.text() ?? "")) found(cidr);
}
