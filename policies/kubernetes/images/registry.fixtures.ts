import type { Fixtures } from "../../core/fixtures";
import { container, pod, podOf } from "../manifests";

const from = (image: string, ...registries: string[]) => ({
  manifests: [podOf({ image })],
  config: { registries },
});

export const fixtures: Fixtures = {
  fails: [
    from("nginx:1.29.1", "registry.example"),
    from("registry.example.evil.example/web:1", "registry.example"),
    from("registry.example/other/web:1", "registry.example/shop/*"),
    {
      about: "a repository of somebody else that is called like the registry",
      ...from("docker.io/somebody/x.registry.example:1", "*.registry.example"),
    },
    from("quay.example/a.registry.example/shop/web:1", "*.registry.example/shop/*"),
    {
      about: "only the beginning of a name",
      ...from("registry.example/shopping/web:1", "registry.example/shop"),
    },
    {
      about: "one part stands for one part",
      ...from("registry.example/other/shop/web:1", "registry.example/shop/*"),
    },
    {
      about: "an image that is mounted",
      manifests: [
        pod({
          containers: [container()],
          volumes: [{ name: "code", image: { reference: "docker.io/somebody/code:1" } }],
        }),
      ],
      config: { registries: ["registry.example"] },
      at: ["spec.volumes[0].image.reference"],
    },
    {
      about: "none of several",
      ...from("quay.example/web:1", "registry.example", "other.example"),
    },
  ],
  passes: [
    from("registry.example/shop/web:1", "registry.example"),
    from("registry.example/shop/web:1", "registry.example/shop/*"),
    { about: "written as other tools want it", ...from("registry.example/shop/web:1", "registry.example/") },
    from("eu.registry.example/shop/front/web:1", "*.registry.example/shop/"),
    from("nginx:1", "docker.io/library"),
    { about: "the same image by its longer names", ...from("index.docker.io/nginx:1", "docker.io/library") },
    from("Registry.Example/shop/web:1", "registry.example/shop"),
    { manifests: [podOf({ image: "nginx:1" })] },
    {
      manifests: [pod({ volumes: [{ name: "code", image: { reference: "registry.example/code:1" } }] })],
      config: { registries: ["registry.example"] },
    },
    { about: "one of several", ...from("registry.example/web:1", "other.example", "registry.example") },
    { about: "of this machine", ...from("localhost/web:1", "localhost") },
    { about: "somebody's on Docker Hub", ...from("somebody/web:1", "docker.io/somebody") },
    {
      about: "a whole name, without its tag",
      ...from("registry.example/shop/web:1", "registry.example/shop/web"),
    },
    { ...from("registry.example/shop/web", "registry.example/shop/web") },
  ],
};
