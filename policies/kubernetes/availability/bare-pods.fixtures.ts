import type { Fixtures } from "../../core/fixtures";
import { deployment, object, pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [pod({})] }],
  passes: [
    { manifests: [deployment()] },
    { manifests: [object("batch/v1", "Job", { spec: { template: { spec: { containers: [] } } } })] },
  ],
};
