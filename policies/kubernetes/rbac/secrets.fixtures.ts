import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["get"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["list"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["watch"] })] },
    {
      about: "changes are no better",
      manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["patch"] })],
    },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["update"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["delete"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["deletecollection"] })] },
    {
      about: "an empty name is that of all",
      manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["list"], resourceNames: [""] })],
    },
  ],
  passes: [
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: ["*"], resources: ["*"], verbs: ["*"] })],
    },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["a"] })] },
    {
      about: "a controller that looks after one Secret",
      manifests: [
        role({
          apiGroups: [""],
          resources: ["secrets"],
          verbs: ["get", "list", "watch", "update"],
          resourceNames: ["webhook-ca"],
        }),
      ],
    },
    { manifests: [role({ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["secrets"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: ["example.com"], resources: ["secrets"], verbs: ["get"] })] },
  ],
};
