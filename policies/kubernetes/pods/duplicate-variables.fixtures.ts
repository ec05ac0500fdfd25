import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        podOf({
          env: [
            { name: "A", value: "1" },
            { name: "A", value: "2" },
          ],
        }),
      ],
      at: ["spec.containers[0].env[1].name"],
    },
  ],
  passes: [
    {
      manifests: [
        podOf({
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
        }),
      ],
    },
  ],
};
