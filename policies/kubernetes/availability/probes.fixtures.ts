import type { Fixtures } from "../../core/fixtures";
import { container, deployment, object } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [deployment({ containers: [container({ ports: [{ containerPort: 8080 }] })] })] },
    {
      manifests: [
        deployment({
          containers: [
            container({ ports: [{ containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 8080 } } }),
          ],
        }),
      ],
      config: { liveness: true },
    },
  ],
  passes: [
    {
      manifests: [
        deployment({
          containers: [
            container({ ports: [{ containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 8080 } } }),
          ],
        }),
      ],
    },
    { about: "nobody connects to it", manifests: [deployment()] },
    {
      about: "a job is not waited for",
      manifests: [
        object("batch/v1", "Job", {
          spec: { template: { spec: { containers: [container({ ports: [{ containerPort: 1 }] })] } } },
        }),
      ],
    },
  ],
};
