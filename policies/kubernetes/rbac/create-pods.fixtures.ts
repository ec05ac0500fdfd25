import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["create"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["create"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["batch"], resources: ["jobs"], verbs: ["*"] }],
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "patch"] }],
        }),
      ],
    },
  ],
};
