import type { Fixtures } from "../../core/fixtures";
import { deployment, object, pod } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment()] },
    { manifests: [pod({ automountServiceAccountToken: true, serviceAccountName: "default" })] },
  ],
  passes: [
    { manifests: [deployment({ automountServiceAccountToken: false })] },
    { manifests: [deployment({ serviceAccountName: "web" })] },
    { about: "by the field's old name", manifests: [deployment({ serviceAccount: "web" })] },
    { manifests: [deployment()], config: { allow: ["default"] } },
    {
      about: "Flink's operator names the account",
      manifests: [object("flink.apache.org/v1beta1", "FlinkDeployment", { spec: { image: "flink:2.2.1" } })],
    },
  ],
};
