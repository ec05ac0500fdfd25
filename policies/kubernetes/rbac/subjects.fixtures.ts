import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "ClusterRole", name: "view" },
          subjects: [{ kind: "Group", name: "system:authenticated" }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "ClusterRole", name: "view" },
          subjects: [{ kind: "User", name: "system:anonymous" }],
        }),
      ],
    },
    {
      about: "a group that may do anything",
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "ClusterRole", name: "view" },
          subjects: [
            { kind: "Group", name: "shop" },
            { kind: "Group", name: "system:masters" },
          ],
        }),
      ],
      at: ["subjects[1].name"],
    },
    {
      about: "everybody by other names, in one namespace",
      manifests: [
        object("rbac.authorization.k8s.io/v1", "RoleBinding", {
          roleRef: { kind: "Role", name: "view" },
          subjects: [
            { kind: "Group", name: "system:unauthenticated" },
            { kind: "Group", name: "system:serviceaccounts" },
          ],
        }),
      ],
      at: ["subjects[0].name", "subjects[1].name"],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "ClusterRole", name: "view" },
          subjects: [{ kind: "ServiceAccount", name: "web" }],
        }),
      ],
    },
  ],
};
