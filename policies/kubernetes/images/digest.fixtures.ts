import type { Fixtures } from "../../core/fixtures";
import { container, pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ image: "nginx:1.29.1" })] },
    { manifests: [podOf({ image: "nginx@sha256:0" })] },
    {
      about: "an image that is mounted",
      manifests: [
        pod({
          containers: [container({ image: `nginx@sha256:${"0".repeat(64)}` })],
          volumes: [{ name: "code", image: { reference: "registry.example/code:1.4.2" } }],
        }),
      ],
      at: ["spec.volumes[0].image.reference"],
    },
  ],
  passes: [
    {
      manifests: [
        podOf({
          image: "nginx:1.29.1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        }),
      ],
    },
  ],
};
