import type { Fixtures } from "../../core/fixtures";
import { role } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [role({ apiGroups: [""], resources: ["pods"], verbs: ["*"] })] },
    { manifests: [role({ apiGroups: [""], resources: ["*"], verbs: ["get"] })] },
    { manifests: [role({ apiGroups: ["*"], resources: ["pods"], verbs: ["get"] })] },
    {
      about: "a subresource of everything",
      manifests: [role({ apiGroups: [""], resources: ["*/status"], verbs: ["patch"] })],
    },
    { manifests: [role({ nonResourceURLs: ["*"], verbs: ["get"] })] },
    {
      about: "every path that is no resource",
      manifests: [role({ nonResourceURLs: ["/*"], verbs: ["get"] })],
    },
  ],
  passes: [
    { manifests: [role({ apiGroups: [""], resources: ["pods"], verbs: ["get"] })] },
    { manifests: [role({ nonResourceURLs: ["/metrics", "/healthz/*"], verbs: ["get"] })] },
    {
      about: "which rbac-exec is about",
      manifests: [role({ apiGroups: [""], resources: ["*/exec"], verbs: ["get"] })],
    },
    {
      about: "which rules of their own are about",
      manifests: [
        role({
          apiGroups: [""],
          resources: [
            "*/attach",
            "*/portforward",
            "*/proxy",
            "*/ephemeralcontainers",
            "*/token",
            "*/approval",
          ],
          verbs: ["get"],
        }),
      ],
    },
  ],
};
