import type { Fixtures } from "../../core/fixtures";
import { deployment } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment({}, { replicas: 1 })] }, { manifests: [deployment()] }],
  passes: [
    { manifests: [deployment({}, { replicas: 2 })] },
    { about: "switched off", manifests: [deployment({}, { replicas: 0 })] },
  ],
};
