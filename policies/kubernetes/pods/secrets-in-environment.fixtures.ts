import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [
        podOf({
          env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
        }),
      ],
    },
    { manifests: [podOf({ envFrom: [{ secretRef: { name: "db" } }] })] },
  ],
  passes: [
    {
      manifests: [
        podOf({ env: [{ name: "LOG_LEVEL", value: "info" }], envFrom: [{ configMapRef: { name: "a" } }] }),
      ],
    },
  ],
};
