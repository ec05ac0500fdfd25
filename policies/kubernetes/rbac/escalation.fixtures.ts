import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        role({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["escalate"] }),
      ],
    },
    {
      manifests: [
        role({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: ["bind"] }),
      ],
    },
    { manifests: [role({ apiGroups: [""], resources: ["users"], verbs: ["impersonate"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["create"] })] },
    {
      about: "the subresource of every resource",
      manifests: [role({ apiGroups: [""], resources: ["*/token"], verbs: ["create"] })],
    },
    {
      about: "what is changed beyond all rights gives all rights, whatever its name",
      manifests: [
        role({
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["roles"],
          verbs: ["escalate"],
          resourceNames: ["web"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles"],
          verbs: ["bind"],
          resourceNames: ["cluster-admin"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: [""],
          resources: ["groups"],
          verbs: ["impersonate"],
          resourceNames: ["system:masters"],
        }),
      ],
    },
    {
      about: "limited impersonation is impersonation",
      manifests: [
        role({
          apiGroups: ["authentication.k8s.io"],
          resources: ["users"],
          verbs: ["impersonate:user-info"],
        }),
      ],
    },
    {
      about: "who may be one administrator is one",
      manifests: [
        role(
          ...["admin", "system:admin", "kubernetes-admin"].map((name) => ({
            apiGroups: [""],
            resources: ["users"],
            verbs: ["impersonate"],
            resourceNames: [name],
          })),
        ),
      ],
      at: Array.from({ length: 3 }, (_, index) => `rules[${index}].verbs`),
    },
    {
      about: "one of several names is empty, which is that of all",
      manifests: [
        role({ apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["web", ""] }),
      ],
    },
  ],
  passes: [
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] })],
    },
    { manifests: [role({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"], verbs: ["get"] })] },
    {
      about: "a token of one account",
      manifests: [
        role({
          apiGroups: [""],
          resources: ["serviceaccounts/token"],
          verbs: ["create"],
          resourceNames: ["issuer"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: ["rbac.authorization.k8s.io"],
          resources: ["clusterroles"],
          verbs: ["bind"],
          resourceNames: ["view"],
        }),
      ],
    },
    {
      manifests: [
        role({
          apiGroups: [""],
          resources: ["serviceaccounts"],
          verbs: ["impersonate"],
          resourceNames: ["deployer"],
        }),
      ],
    },
    { manifests: [role({ apiGroups: [""], resources: ["serviceaccounts/token"], verbs: ["get"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["users"], verbs: ["bind"] })] },
  ],
};
