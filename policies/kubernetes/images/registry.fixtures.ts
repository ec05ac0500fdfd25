import type { Fixtures } from "../../core/fixtures";
import { podOf } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ image: "nginx:1.29.1" })], config: { registries: ["registry.example"] } },
    {
      manifests: [podOf({ image: "registry.example.evil.example/web:1" })],
      config: { registries: ["registry.example"] },
    },
    {
      manifests: [podOf({ image: "registry.example/other/web:1" })],
      config: { registries: ["registry.example/shop/*"] },
    },
  ],
  passes: [
    {
      manifests: [podOf({ image: "registry.example/shop/web:1" })],
      config: { registries: ["registry.example"] },
    },
    {
      manifests: [podOf({ image: "registry.example/shop/web:1" })],
      config: { registries: ["registry.example/shop/*"] },
    },
    { manifests: [podOf({ image: "nginx:1" })], config: { registries: ["docker.io/library"] } },
    { manifests: [podOf({ image: "nginx:1" })] },
  ],
};
