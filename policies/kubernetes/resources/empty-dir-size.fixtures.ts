import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [pod({ volumes: [{ name: "tmp", emptyDir: {} }] })] }],
  passes: [
    {
      manifests: [
        pod({
          volumes: [
            { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
            { name: "a", configMap: { name: "a" } },
          ],
        }),
      ],
    },
  ],
};
