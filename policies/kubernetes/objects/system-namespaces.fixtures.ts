import type { Fixtures } from "../../core/fixtures";
import { object, pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({}, { namespace: "kube-system" })], at: ["metadata.namespace"] },
    { manifests: [object("v1", "ConfigMap", {}, { namespace: "kube-public" })], at: ["metadata.namespace"] },
    {
      about: "also another one",
      manifests: [pod({}, { namespace: "openshift" })],
      config: { namespaces: ["openshift"] },
      at: ["metadata.namespace"],
    },
  ],
  passes: [
    { manifests: [pod({})] },
    { about: "without one", manifests: [pod({}, { namespace: undefined })] },
  ],
};
