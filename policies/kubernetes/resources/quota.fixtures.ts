import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [object("v1", "Namespace", {}, { name: "shop", namespace: undefined })] }],
  passes: [
    {
      manifests: [
        object("v1", "Namespace", {}, { name: "shop", namespace: undefined }),
        object("v1", "ResourceQuota", { spec: { hard: { "requests.cpu": 10 } } }),
      ],
    },
  ],
};
