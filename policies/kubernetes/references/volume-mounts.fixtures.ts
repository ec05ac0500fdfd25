import type { Fixtures } from "../../core/fixtures";
import { container, deployment, object, pod } from "../manifests";

const mounted = (name: string) => [container({ volumeMounts: [{ name, mountPath: "/data" }] })];

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [deployment({ containers: mounted("dta"), volumes: [{ name: "data", emptyDir: {} }] })],
      at: ["spec.template.spec.containers[0].volumeMounts[0].name"],
    },
    {
      about: "a device, in a container that runs first",
      manifests: [
        pod({
          initContainers: [container({ volumeDevices: [{ name: "disk", devicePath: "/dev/xvda" }] })],
        }),
      ],
      at: ["spec.initContainers[0].volumeDevices[0].name"],
    },
  ],
  passes: [
    { manifests: [deployment({ containers: mounted("data"), volumes: [{ name: "data", emptyDir: {} }] })] },
    {
      about: "a claim that a StatefulSet makes for each pod",
      manifests: [
        object("apps/v1", "StatefulSet", {
          spec: {
            selector: { matchLabels: { app: "web" } },
            template: { metadata: { labels: { app: "web" } }, spec: { containers: mounted("data") } },
            volumeClaimTemplates: [{ metadata: { name: "data" } }],
          },
        }),
      ],
    },
    {
      about: "a patch: the volume is in the object",
      manifests: [{ ...deployment({ containers: mounted("data") }), kind: "DeploymentPatch" }],
    },
    {
      about: "Flink adds volumes of its own",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", {
          spec: { podTemplate: { spec: { containers: mounted("flink-config-volume") } } },
        }),
      ],
    },
  ],
};
