import type { Fixtures } from "../../core/fixtures";
import { object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [object("v1", "Service", { spec: { type: "NodePort" } })] }],
  passes: [{ manifests: [object("v1", "Service", { spec: {} })] }],
};
