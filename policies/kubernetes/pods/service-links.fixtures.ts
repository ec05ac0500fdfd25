import type { Fixtures } from "../../core/fixtures";
import { deployment } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [deployment()] }],
  passes: [{ manifests: [deployment({ enableServiceLinks: false })] }],
};
