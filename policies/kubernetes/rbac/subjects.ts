import { resourceRule } from "../../core";
import { bindingKinds } from "./rules";

const everybody = [
  "system:anonymous",
  "system:unauthenticated",
  "system:authenticated",
  "system:serviceaccounts",
];

export const rbacSubjects = resourceRule({
  name: "rbac-subjects",
  description: "Roles are bound to somebody, not to everybody.",
  why: "These groups hold every user or every pod of the cluster, and in part whoever reaches the API server.",
  level: "mandatory",
  severity: "critical",
  applies: (resource) => resource.is(...bindingKinds),
  check(resource, run) {
    for (const subject of resource.props.get("subjects").list()) {
      const name = subject.get("name");
      if (!everybody.includes(name.text() ?? "")) continue;
      run.violation(name, { expected: "one service account or group", fix: "Name who needs it." });
    }
  },
});
