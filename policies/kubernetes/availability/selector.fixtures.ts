import type { Fixtures } from "../../core/fixtures";
import { deployment } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment({}, { selector: { matchLabels: { app: "other" } } })] }],
  passes: [
    { manifests: [deployment()] },
    {
      manifests: [
        deployment({}, { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] } }),
      ],
    },
  ],
};
