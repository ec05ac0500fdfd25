import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ image: "nginx" })] },
    { manifests: [podOf({ image: "registry.example:5000/shop/web:latest" })] },
    { manifests: [podOf({ image: "registry.example:5000/shop/web" })] },
  ],
  passes: [
    { manifests: [podOf({ image: "nginx:1.29.1" })] },
    {
      manifests: [
        podOf({ image: "nginx@sha256:0000000000000000000000000000000000000000000000000000000000000000" }),
      ],
    },
  ],
};
