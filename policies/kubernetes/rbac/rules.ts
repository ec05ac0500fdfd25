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
  /** Whether it is about one of these resources of a group, `*` and for `pods/exec` also `*\/exec` included: undefined while unknown. */
  isAbout(group: string, ...resources: string[]): boolean | undefined;
  /** The objects that it is limited to; undefined where it is for all of a kind. */
  names: Value[] | undefined;
}

/** A rule about what roles allow. */
export function grantRule(
  rule: RuleInfo<Options> & {
    /** Whether it is also about what allows everything: else that is left to rbac-wildcards. Default: no. */
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
  // To Kubernetes an empty name is that of a request without one, such as for the whole list.
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

/** `*\/exec` is the subresource exec of every resource; for a resource itself there is only `*`. */
function anyOf(resource: string): string[] {
  const [, subresource] = resource.split("/");
  return subresource === undefined ? [] : [`*/${subresource}`];
}
