import type { Fixtures } from "../../core/fixtures";
import { container, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ livenessProbe: { httpGet: { host: "10.0.0.1", port: 80 } } })] },
    { manifests: [podOf({ readinessProbe: { tcpSocket: { host: "127.0.0.1", port: 80 } } })] },
    { manifests: [podOf({ startupProbe: { httpGet: { host: "::1", port: 80 } } })] },
    { manifests: [podOf({ startupProbe: { tcpSocket: { host: "a", port: 80 } } })] },
    { manifests: [podOf({ lifecycle: { postStart: { httpGet: { host: "a", port: 80 } } } })] },
    { manifests: [podOf({ lifecycle: { preStop: { httpGet: { host: "a", port: 80 } } } })] },
    { manifests: [podOf({ lifecycle: { preStop: { tcpSocket: { host: "a", port: 80 } } } })] },
    {
      manifests: [
        pod({ initContainers: [container({ livenessProbe: { httpGet: { host: "a", port: 1 } } })] }),
      ],
    },
    {
      manifests: [podOf({ livenessProbe: { httpGet: { host: "a", port: 80 } } })],
      config: { podSecurityVersion: "v1.34" },
    },
  ],
  passes: [
    {
      manifests: [
        podOf({
          livenessProbe: { httpGet: { port: 80 } },
          readinessProbe: { tcpSocket: { host: "", port: 80 } },
        }),
      ],
    },
    {
      about: "the control exists since 1.34",
      manifests: [podOf({ livenessProbe: { httpGet: { host: "a", port: 80 } } })],
      config: { podSecurityVersion: "v1.33" },
    },
  ],
};
