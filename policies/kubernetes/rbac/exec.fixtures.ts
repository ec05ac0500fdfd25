import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["pods/portforward"], verbs: ["create"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["pods/attach"], verbs: ["get"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["pods/proxy"], verbs: ["get"] })] },
    {
      about: "the subresource of every resource is that of pods, too",
      manifests: [role({ apiGroups: [""], resources: ["*/exec"], verbs: ["create"] })],
    },
    { manifests: [role({ apiGroups: ["*"], resources: ["*/ephemeralcontainers"], verbs: ["patch"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["pods/ephemeralcontainers"], verbs: ["update"] })] },
    {
      about: "for the whole cluster",
      manifests: [
        { ...role({ apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] }), kind: "ClusterRole" },
      ],
    },
  ],
  passes: [
    { manifests: [role({ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get"] })] },
    {
      about: "of another group",
      manifests: [role({ apiGroups: ["example.com"], resources: ["*/exec"], verbs: ["create"] })],
    },
    {
      about: "to delete enters nothing",
      manifests: [role({ apiGroups: [""], resources: ["pods/exec"], verbs: ["delete"] })],
    },
    {
      about: "which rbac-wildcards is about",
      manifests: [role({ apiGroups: [""], resources: ["*"], verbs: ["create"] })],
    },
    {
      about: "which rbac-control-plane is about",
      manifests: [role({ apiGroups: [""], resources: ["*/proxy"], verbs: ["create"] })],
    },
  ],
};
