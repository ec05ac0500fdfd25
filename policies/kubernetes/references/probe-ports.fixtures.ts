import type { Fixtures } from "../../core/fixtures";
import { deployment, object, podOf } from "../manifests";

const ports = [{ name: "http", containerPort: 8080 }];

export const fixtures: Fixtures = {
  fails: [
    {
      manifests: [podOf({ ports, readinessProbe: { httpGet: { path: "/", port: "htpp" } } })],
      at: ["spec.containers[0].readinessProbe.httpGet.port"],
    },
    {
      about: "of a container without ports",
      manifests: [podOf({ livenessProbe: { tcpSocket: { port: "http" } } })],
      at: ["spec.containers[0].livenessProbe.tcpSocket.port"],
    },
    {
      manifests: [podOf({ ports, startupProbe: { httpGet: { port: "admin" } } })],
      at: ["spec.containers[0].startupProbe.httpGet.port"],
    },
    {
      about: "a hook",
      manifests: [
        podOf({
          ports,
          lifecycle: { preStop: { httpGet: { port: "stop" } }, postStart: { httpGet: { port: "start" } } },
        }),
      ],
      at: [
        "spec.containers[0].lifecycle.postStart.httpGet.port",
        "spec.containers[0].lifecycle.preStop.httpGet.port",
      ],
    },
    {
      about: "the port is another container's",
      manifests: [
        deployment({
          containers: [
            { name: "main", image: "a:1", readinessProbe: { httpGet: { port: "http" } } },
            { name: "proxy", image: "b:1", ports },
          ],
        }),
      ],
      at: ["spec.template.spec.containers[0].readinessProbe.httpGet.port"],
    },
  ],
  passes: [
    { manifests: [podOf({ ports, readinessProbe: { httpGet: { path: "/", port: "http" } } })] },
    { about: "a number", manifests: [podOf({ readinessProbe: { httpGet: { path: "/", port: 8080 } } })] },
    { about: "a number as text", manifests: [podOf({ readinessProbe: { tcpSocket: { port: "8080" } } })] },
    {
      about: "Flink adds the ports of its container",
      manifests: [
        object("flink.apache.org/v1beta1", "FlinkDeployment", {
          spec: {
            podTemplate: {
              spec: {
                containers: [{ name: "flink-main-container", readinessProbe: { httpGet: { port: "rest" } } }],
              },
            },
          },
        }),
      ],
    },
    {
      about: "a patch: the ports are in the object",
      manifests: [
        {
          ...deployment({ containers: [{ name: "main", readinessProbe: { httpGet: { port: "http" } } }] }),
          kind: "DeploymentPatch",
        },
      ],
    },
  ],
};
