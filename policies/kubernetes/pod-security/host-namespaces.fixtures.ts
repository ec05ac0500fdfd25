import type { Fixtures } from "../../core/fixtures";
import { pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [pod({ hostNetwork: true })], at: ["spec.hostNetwork"] },
    { manifests: [pod({ hostPID: true })], at: ["spec.hostPID"] },
    { manifests: [pod({ hostIPC: true })], at: ["spec.hostIPC"] },
  ],
  passes: [{ manifests: [pod({ hostNetwork: false })] }, { manifests: [pod({ hostUsers: false })] }],
};
