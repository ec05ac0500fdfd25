import { type Resource, type Value, resourceRule } from "../../core";
import type { Options, ResourceRule, RuleInfo, Run } from "../../core";

export const roleKinds = ["rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole"];
export const bindingKinds = [
  "rbac.authorization.k8s.io/RoleBinding",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
];

/** One entry of a role's `rules`. */
export interface Grant {
  at: Value;
  verbs: Value;
  /** Whether it gives one of these verbs, `*` included: undefined while unknown. */
  gives(...verbs: string[]): boolean | undefined;
  /**
   * Whether it covers one of these resources of a group, also by `*` or `*\/exec`: undefined while unknown.
   */
  isAbout(group: string, ...resources: string[]): boolean | undefined;
  /** The names of the objects that it is limited to; undefined if it covers all objects. */
  names: Value[] | undefined;
}

/** A rule for the entries of roles. */
export function grantRule(
  rule: RuleInfo<Options> & {
    /**
     * Whether it also covers entries for all resources, which otherwise only rbac-wildcards reports. Default:
     * no.
     */
    isForAll?: boolean;
    check(grant: Grant, run: Run<Options>, role: Resource): void;
  },
): ResourceRule {
  const { check, isForAll = false, ...info } = rule;
  return resourceRule<Options>({
    ...info,
    applies: (resource) => resource.is(...roleKinds),
    check(resource, run) {
      for (const at of resource.props.get("rules").list()) {
        if (isForAll || at.get("resources").includes("*") !== true) check(grantOf(at), run, resource);
      }
    },
  });
}

function grantOf(at: Value): Grant {
  const verbs = at.get("verbs");
  const given = at.get("resourceNames");
  const names = given.list();
  // In Kubernetes an empty name matches requests without a name, such as for the whole list.
  const isLimited = given.isUnknown || (names.length > 0 && !names.some((name) => name.text() === ""));
  return {
    at,
    verbs,
    names: isLimited ? names : undefined,
    gives: (...wanted) => verbs.includes("*", ...wanted),
    isAbout(group, ...resources) {
      const both = [
        at.get("apiGroups").includes("*", group),
        at.get("resources").includes("*", ...resources, ...resources.flatMap(anyOf)),
      ];
      return both.includes(false) ? false : both.includes(undefined) ? undefined : true;
    },
  };
}

/** `*\/exec` is the subresource exec of every resource; only `*` covers all resources themselves. */
function anyOf(resource: string): string[] {
  const [, subresource] = resource.split("/");
  return subresource === undefined ? [] : [`*/${subresource}`];
}
