import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [object("v1", "Namespace", {}, { namespace: undefined })] },
    {
      manifests: [
        object(
          "v1",
          "Namespace",
          {},
          { namespace: undefined, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
        ),
      ],
    },
  ],
  passes: [
    {
      manifests: [
        object(
          "v1",
          "Namespace",
          {},
          { namespace: undefined, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
        ),
      ],
    },
    {
      manifests: [
        object(
          "v1",
          "Namespace",
          {},
          { namespace: undefined, labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
        ),
      ],
    },
  ],
};
