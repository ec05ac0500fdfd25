import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "ClusterRole", name: "cluster-admin" },
          subjects: [{ kind: "ServiceAccount", name: "web" }],
        }),
      ],
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
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
          roleRef: { kind: "Role", name: "admin" },
          subjects: [{ kind: "ServiceAccount", name: "web" }],
        }),
      ],
    },
  ],
};
