import { type Options, option, resourceRule, kubernetesDocs } from "../../core";
import { bindingKinds } from "./rules";

const options = {
  roles: option<string[]>(["cluster-admin", "admin"], "Cluster roles that must not be bound.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const clusterAdmin = resourceRule<typeof options>({
  name: "rbac-cluster-admin",
  description: "No binding grants an administrator's role.",
  remediation: "Write a role with the necessary rights, and bind it.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.1"], "nsa-cisa": ["rbac"] },
  why: "An attacker in one pod of such a service account owns the cluster, or its namespace.",
  level: "mandatory",
  severity: "critical",
  options,
  applies: (resource) => resource.is(...bindingKinds),
  check(resource, run) {
    const name = resource.props.get("roleRef", "name");
    if (!run.config.roles.includes(name.text() ?? "")) return;
    const kind = resource.props.get("roleRef", "kind");
    if (kind.isUnknown || kind.text() === "Role") return;
    run.violation(name, { expected: "a role with the necessary rights", fix: "Write a dedicated role." });
  },
});
