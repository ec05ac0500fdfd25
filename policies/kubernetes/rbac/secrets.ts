import { grantRule } from "./rules";

export const rbacSecrets = grantRule({
  name: "rbac-secrets",
  description: "Roles do not allow to read Secrets at large.",
  why: "In the Secrets of a namespace are the credentials of everything in it. A role may read single ones, by name.",
  level: "mandatory",
  severity: "high",
  check(grant, run) {
    const isAbout = grant.isAbout("", "secrets");
    const names = grant.at.get("resourceNames");
    // To list or watch cannot be limited to names.
    const all = grant.gives("list", "watch");
    const one = grant.gives("get");
    const isNamed = names.isUnknown || names.list().length > 0;
    if (isAbout !== true || !(all === true || (one === true && !isNamed))) return;
    run.violation(grant.verbs, {
      expected: 'at most "get" of Secrets named in resourceNames',
      fix: "Name the Secrets, or mount them.",
    });
  },
});
