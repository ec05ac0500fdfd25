import { grantRule } from "./rules";

export const rbacWildcards = grantRule({
  name: "rbac-wildcards",
  description: "Roles name the verbs, resources and API groups that they allow.",
  why: "`*` also allows what is added to Kubernetes, or to the cluster, later.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    for (const field of ["verbs", "resources", "apiGroups", "nonResourceURLs"]) {
      const value = grant.at.get(field);
      if (value.includes("*") !== true) continue;
      run.violation(value, { expected: "names instead of *", fix: "Name what is needed." });
    }
  },
});
