import type { Fixtures } from "../../core/fixtures";
import { pod, podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ image: "nginx" })] },
    { manifests: [podOf({ image: "registry.example:5000/shop/web:latest" })] },
    { manifests: [podOf({ image: "registry.example:5000/shop/web" })] },
    {
      about: "an image that is mounted",
      manifests: [pod({ volumes: [{ name: "code", image: { reference: "registry.example/code" } }] })],
      at: ["spec.volumes[0].image.reference"],
    },
  ],
  passes: [
    { manifests: [podOf({ image: "nginx:1.29.1" })] },
    {
      manifests: [pod({ volumes: [{ name: "code", image: { reference: "registry.example/code:1.4.2" } }] })],
    },
    {
      manifests: [
        podOf({ image: "nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000" }),
      ],
    },
  ],
};
