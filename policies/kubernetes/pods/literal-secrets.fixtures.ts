import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ env: [{ name: "DB_PASSWORD", value: "hunter2" }] })] },
    { manifests: [podOf({ env: [{ name: "aws_secret_access_key", value: "abc" }] })] },
  ],
  passes: [
    {
      manifests: [
        podOf({
          env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
        }),
      ],
    },
    {
      manifests: [
        podOf({
          env: [
            { name: "TOKEN", value: "/var/run/token" },
            { name: "PASSWORD", value: "$(OTHER)" },
            { name: "LOG_LEVEL", value: "info" },
          ],
        }),
      ],
    },
  ],
};
