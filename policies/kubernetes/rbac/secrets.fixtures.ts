import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"], resourceNames: ["a"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create"] }],
        }),
      ],
    },
  ],
};
