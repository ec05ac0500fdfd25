import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["pods/portforward"], verbs: ["create"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["pods/attach"], verbs: ["get"] }],
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get"] }],
        }),
      ],
    },
  ],
};
