import type { Fixtures } from "../../core/fixtures";
import { container, deployment, object, pod, secured } from "../manifests";

export const fixtures: Fixtures = {
  fails: [
    { manifests: [secured({ appArmorProfile: { type: "Unconfined" } })] },
    {
      about: "for the pod",
      manifests: [pod({ securityContext: { appArmorProfile: { type: "Unconfined" } } })],
    },
    { about: "a profile must have a type", manifests: [secured({ appArmorProfile: {} })] },
    {
      about: "by annotation",
      manifests: [
        pod({}, { annotations: { "container.apparmor.security.beta.kubernetes.io/main": "unconfined" } }),
      ],
    },
    {
      manifests: [
        pod({}, { annotations: { "container.apparmor.security.beta.kubernetes.io/main": "runtime/other" } }),
      ],
    },
    {
      manifests: [
        deployment({
          ephemeralContainers: [container({ securityContext: { appArmorProfile: { type: "Unconfined" } } })],
        }),
      ],
    },
  ],
  passes: [
    { manifests: [pod({}, { annotations: { "example.com/note": "unconfined" } })] },
    { manifests: [secured({ appArmorProfile: { type: "RuntimeDefault" } })] },
    {
      manifests: [
        pod({ securityContext: { appArmorProfile: { type: "Localhost", localhostProfile: "a" } } }),
      ],
    },
    {
      manifests: [
        pod(
          {},
          {
            annotations: {
              "container.apparmor.security.beta.kubernetes.io/main": "localhost/a",
              "container.apparmor.security.beta.kubernetes.io/a": "runtime/default",
              "container.apparmor.security.beta.kubernetes.io/b": "",
            },
          },
        ),
      ],
    },
    {
      about: "the annotations of the pods count, not of what runs them",
      manifests: [
        object(
          "apps/v1",
          "Deployment",
          { spec: { template: { spec: { containers: [container()] } } } },
          { annotations: { "container.apparmor.security.beta.kubernetes.io/main": "unconfined" } },
        ),
      ],
    },
  ],
};
