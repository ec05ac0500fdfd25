import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [pod({})] }],
  passes: [],
};
