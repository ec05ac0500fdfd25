import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["nodes/proxy"], verbs: ["get"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [
            {
              apiGroups: ["certificates.k8s.io"],
              resources: ["certificatesigningrequests/approval"],
              verbs: ["update"],
            },
          ],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: ["certificates.k8s.io"], resources: ["signers"], verbs: ["approve"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [
            {
              apiGroups: ["admissionregistration.k8s.io"],
              resources: ["mutatingwebhookconfigurations"],
              verbs: ["patch"],
            },
          ],
        }),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }],
        }),
      ],
    },
    {
      manifests: [
        object("rbac.authorization.k8s.io/v1", "Role", {
          rules: [
            {
              apiGroups: ["admissionregistration.k8s.io"],
              resources: ["mutatingwebhookconfigurations"],
              verbs: ["get"],
            },
          ],
        }),
      ],
    },
  ],
};
