import { type Options, option, resourceRule, kubernetesDocs } from "../../core";
import { bindingKinds } from "./rules";

const options = {
  roles: option<string[]>(["cluster-admin", "admin"], "Cluster roles that are not to be bound.", {
    type: "array",
    items: { type: "string" },
  }),
} satisfies Options;

export const clusterAdmin = resourceRule<typeof options>({
  name: "rbac-cluster-admin",
  description: "Nobody is bound to an administrator's role.",
  remediation: "Write a role with what is needed, and bind that.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.1"], "nsa-cisa": ["rbac"] },
  why: "Whoever gets into one pod of such a service account owns the cluster, or its namespace.",
  level: "mandatory",
  severity: "critical",
  options,
  applies: (resource) => resource.is(...bindingKinds),
  check(resource, run) {
    const name = resource.props.get("roleRef", "name");
    if (!run.config.roles.includes(name.text() ?? "")) return;
    const kind = resource.props.get("roleRef", "kind");
    if (kind.isUnknown || kind.text() === "Role") return;
    run.violation(name, { expected: "a role with what is needed", fix: "Write a role of its own." });
  },
});
