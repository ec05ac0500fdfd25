import { resourceRule, kubernetesDocs } from "../../core";
import { bindingKinds } from "./rules";

const everybody = [
  "system:anonymous",
  "system:unauthenticated",
  "system:authenticated",
  "system:serviceaccounts",
];
/** Members of this group have all rights, whatever the roles are. */
const masters = "system:masters";

export const rbacSubjects = resourceRule({
  name: "rbac-subjects",
  description: "Roles are bound to somebody, not to everybody.",
  remediation: "Bind the role to the service account or the group that needs it.",
  reference: kubernetesDocs(
    "Role Based Access Control Good Practices",
    "concepts/security/rbac-good-practices/",
  ),
  controls: { cis: ["5.1.7"], "nsa-cisa": ["rbac"] },
  why: "These groups contain every user or every pod of the cluster, and some even everybody who can reach the API server. Members of system:masters may do anything, and no role can limit this.",
  level: "mandatory",
  severity: "critical",
  applies: (resource) => resource.is(...bindingKinds),
  check(resource, run) {
    for (const subject of resource.props.get("subjects").list()) {
      const name = subject.get("name");
      if (![...everybody, masters].includes(name.text() ?? "")) continue;
      run.violation(name, {
        expected: "one service account or group",
        fix: "Name the accounts that need it.",
      });
    }
  },
});
