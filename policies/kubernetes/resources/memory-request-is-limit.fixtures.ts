import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [podOf({ resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } })] }],
  passes: [
    { manifests: [podOf({ resources: { requests: { memory: "1024Mi" }, limits: { memory: "1Gi" } } })] },
  ],
};
