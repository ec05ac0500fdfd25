import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["bind"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["users"], verbs: ["impersonate"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] }],
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["get"] }],
        }),
      ],
    },
  ],
};
