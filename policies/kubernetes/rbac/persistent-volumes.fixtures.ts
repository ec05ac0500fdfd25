import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "update"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["patch"] })] },
  ],
  passes: [
    { manifests: [role({ apiGroups: [""], resources: ["persistentvolumes"], verbs: ["get", "delete"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["create"] })] },
    {
      about: "a kind of others",
      manifests: [role({ apiGroups: ["example.com"], resources: ["persistentvolumes"], verbs: ["create"] })],
    },
  ],
};
