import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["namespaces"], verbs: ["get", "patch"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["update"] })] },
    { manifests: [role({ apiGroups: ["*"], resources: ["namespaces"], verbs: ["*"] })] },
  ],
  passes: [
    { manifests: [role({ apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["configmaps"], verbs: ["patch"] })] },
    {
      about: "a kind of others",
      manifests: [role({ apiGroups: ["example.com"], resources: ["namespaces"], verbs: ["patch"] })],
    },
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: [""], resources: ["*"], verbs: ["patch"] })],
    },
  ],
};
