import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [podOf({ resources: { requests: { cpu: 1 } } })] }],
  passes: [{ manifests: [podOf({ resources: { limits: { cpu: 1 } } })] }],
};
