import type { Fixtures } from "../../core/fixtures";
import { pod, podOf } from "../manifests";

const image = "registry.example/shop/web:stable";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [podOf({ image, imagePullPolicy: "IfNotPresent" })] },
    { about: "Kubernetes fills in IfNotPresent", manifests: [podOf({ image })] },
    { manifests: [podOf({ image: "registry.example/shop/web:latest", imagePullPolicy: "Never" })] },
    {
      about: "an image that is mounted",
      manifests: [
        pod({ volumes: [{ name: "code", image: { reference: image, pullPolicy: "IfNotPresent" } }] }),
      ],
      at: ["spec.volumes[0].image.pullPolicy"],
    },
  ],
  passes: [
    { manifests: [podOf({ image, imagePullPolicy: "Always" })] },
    { manifests: [podOf({ image: "registry.example/shop/web:1.4.2", imagePullPolicy: "IfNotPresent" })] },
    { about: "Kubernetes fills in Always", manifests: [podOf({ image: "registry.example/shop/web" })] },
    {
      manifests: [
        podOf({
          image: `registry.example/shop/web:stable@sha256:${"a".repeat(64)}`,
          imagePullPolicy: "Never",
        }),
      ],
    },
  ],
};
