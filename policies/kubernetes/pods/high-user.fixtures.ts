import type { Fixtures } from "../../core/fixtures";
import { pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [{ manifests: [secured({ runAsUser: 9999 })] }, { manifests: [pod({})] }],
  passes: [
    { manifests: [secured({ runAsUser: 10001 })] },
    { manifests: [pod({ securityContext: { runAsUser: 9999 } })], config: { smallest: 9999 } },
  ],
};
