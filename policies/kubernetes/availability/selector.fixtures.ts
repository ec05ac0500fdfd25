import type { Fixtures } from "../../core/fixtures";
import { deployment } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { about: "which apps/v1 does not fill in", manifests: [deployment({}, { selector: undefined })] },
    {
      about: "which would select everything",
      manifests: [deployment({}, { selector: { matchLabels: {} } })],
    },
    { manifests: [deployment({}, { selector: { matchLabels: { app: "other" } } })] },
    {
      about: "by an expression that the labels do not meet",
      manifests: [
        deployment(
          {},
          { selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] } },
        ),
      ],
    },
  ],
  passes: [
    {
      about: "an old version fills it in",
      manifests: [{ ...deployment({}, { selector: undefined }), apiVersion: "apps/v1beta1" }],
    },
    { manifests: [deployment()] },
    {
      manifests: [
        deployment({}, { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] } }),
      ],
    },
  ],
};
